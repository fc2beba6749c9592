"""Asking for a recommendation, of what one sees."""

from api.bootstrap import Services
from api.viewer import Viewer
from attribution.runs import newest_run
from planning.recommend.advising import advise
from planning.recommend.asked import Question
from planning.recommend.orders import orders_in
from planning.recommend.register import Recommendation


def ask(services: Services, viewer: Viewer, question: Question) -> Recommendation:
    """Kept, under its number. Raises `InvalidInput`, `NotFound`, and `NotReady` where nothing was attributed yet."""
    run = newest_run(services.warehouse).number
    response, measured = services.response(viewer.seen), services.measured(viewer.seen)
    orders = orders_in(services.database, question.span, seen=viewer.seen)
    advice = advise(response, measured, question, orders)
    return services.recommendations.keep(advice, run=run, currency=services.settings.currency, author=viewer.name)
