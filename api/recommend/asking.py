"""Asking for a recommendation, of what one sees."""

from dataclasses import replace

from api.bootstrap import Services
from api.viewer import Viewer
from attribution.runs import newest_run
from infra.errors import InvalidInput
from planning.recommend.advising import advise
from planning.recommend.asked import Question
from planning.recommend.orders import orders_in
from planning.recommend.register import Recommendation


def ask(services: Services, viewer: Viewer, question: Question, *, within_stock: bool = False) -> Recommendation:
    """Kept, under its number; `within_stock`, no dealer sells more than it has, as far as its stock is known.

    Raises `InvalidInput`, `NotFound`, and `NotReady` where nothing was attributed yet."""
    if within_stock:
        question = replace(question, stock={**_units_to_sell(services, viewer, question), **question.stock})
    run = newest_run(services.warehouse).number
    response, measured = services.response(viewer.seen), services.measured(viewer.seen)
    orders = orders_in(services.database, question.span, seen=viewer.seen)
    advice = advise(response, measured, question, orders)
    return services.recommendations.keep(advice, run=run, currency=services.settings.currency, author=viewer.name)


def _units_to_sell(services: Services, viewer: Viewer, question: Question) -> dict[str, float]:
    """By dealer, in all months of the question together, where somebody told its stock. Raises `InvalidInput`."""
    position = services.stock_position(seen=viewer.seen)
    first, last = question.span[0], question.span[-1]
    units = {
        dealer: position.available_units(dealer, first, last)
        for dealer in position.places
        if not question.dealers or dealer in question.dealers
    }
    known = {dealer: float(count) for dealer, count in units.items() if count is not None}
    if not known:
        raise InvalidInput(
            "Nobody has told what is in stock in these months.",
            where="within_stock",
            help="Enter it under Budget, Stock, or ask without this limit.",
        )
    return known
