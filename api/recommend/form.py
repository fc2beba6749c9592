"""The page on which one asks: the form, recommendations so far, and how good their promises were."""

from typing import Any

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import text_of, texts_of
from api.language import gettext as _
from api.numbers import written_in
from api.recommend.texts import asked_words, goal_words, money, verdict_words
from api.viewer import Viewer
from attribution.measures import Unit
from infra.access.rights import Right
from infra.errors import ClosedLoopError, InvalidInput, NotReady
from planning.dimensions import known_network
from planning.media.money import minor_of
from planning.media.months import month_of, read_month
from planning.recommend.asked import Goal, Lock, Part, Question
from planning.recommend.basis import planned_in
from planning.recommend.outcomes import Accuracy, Outcome, accuracy_of
from planning.recommend.register import Recommendation
from planning.response.model import Response

_FIELDS = (
    "goal",
    "amount",
    "month",
    "months",
    "least",
    "most",
    "step",
    "capacity",
    "dealer",
    "moves_unknown",
    "within_stock",
)
_KEPT = ("channel", "contractor")
_USUAL = {"goal": Goal.BUDGET.value, "months": "1", "least": "70", "most": "130", "step": "1"}


def asking_view(
    services: Services, viewer: Viewer, form: FormData | None = None, error: ClosedLoopError | None = None
) -> dict[str, Any]:
    response = _known(services, viewer)
    outcomes = services.recommendation_outcomes.all(seen=viewer.seen)
    told = _told(form) if form is not None else _prefilled(services, viewer, response)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    dealers = {cell.dealer for cell in response.cells} - {""} if response else set()
    names = {each.id: each.shown_name for each in network.dealers}
    return {
        "is_known": bool(response and len(response)),
        "may_ask": viewer.may(Right.PLANS),
        "told": told,
        "kept": {name: texts_of(form, f"keep_{name}") if form is not None else [] for name in _KEPT},
        "goals": [(goal.value, words) for goal, words in goal_words().items()],
        "dealers": sorted(((key, names.get(key, key)) for key in dealers), key=lambda each: each[1]),
        "channels": sorted({cell.channel for cell in response.cells}) if response else [],
        "contractors": sorted({cell.contractor for cell in response.cells} - {""}) if response else [],
        "usual": money(float(response.curves.usual.sum())) if response and len(response) else "",
        "currency": services.settings.currency,
        "error": error,
        "past": [_past(each) for each in services.recommendations.all(seen=viewer.seen)],
        "outcomes": [_outcome(each) for each in outcomes],
        "accuracy": [_accuracy(each) for each in accuracy_of(outcomes) if each.count],
    }


def read_question(form: FormData) -> Question:
    """Raises `InvalidInput`."""
    goal = next((each for each in Goal if each.value == text_of(form, "goal")), Goal.BUDGET)
    amount = text_of(form, "amount")
    capacity = text_of(form, "capacity")
    dealer = text_of(form, "dealer")
    kept = [Lock(Part(**{name: value})) for name in _KEPT for value in texts_of(form, f"keep_{name}")]
    return Question(
        goal,
        float(minor_of(amount, "amount"))
        if goal in (Goal.BUDGET, Goal.MARGIN)
        else _number(amount, "amount") / (100 if goal is Goal.MARGINAL_ROMI else 1),
        read_month(text_of(form, "month")),
        int(_number(text_of(form, "months") or "1", "months")),
        _number(text_of(form, "least") or "70", "least") / 100,
        _number(text_of(form, "most") or "130", "most") / 100,
        minor_of(text_of(form, "step") or "1", "step"),
        locks=tuple(kept),
        capacity={"": _number(capacity, "capacity")} if capacity else {},
        dealers=(dealer,) if dealer else (),
        moves_unknown=bool(text_of(form, "moves_unknown")),
    )


def _told(form: FormData) -> dict[str, str]:
    return {name: text_of(form, name) for name in _FIELDS}


def _number(text: str, where: str) -> float:
    try:
        found = float(text.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except ValueError:
        raise InvalidInput(f"{text!r} is no number.", where=where, help="Write a number such as 120.") from None
    if not abs(found) < 1e12:
        raise InvalidInput(f"{text!r} is out of reach.", where=where, help="Write a smaller number.")
    return found


def _known(services: Services, viewer: Viewer) -> Response | None:
    try:
        return services.response(viewer.seen)
    except NotReady:
        return None


def _prefilled(services: Services, viewer: Viewer, response: Response | None) -> dict[str, str]:
    """Next month's planned budget where the plan has one, else the usual spend."""
    month = month_of(services.today).after
    dealers = sorted({cell.dealer for cell in response.cells} - {""}) if response else []
    with services.database.connect() as connection:
        planned = sum(planned_in(connection, month, dealers).budgets.values()) / 100 if dealers else 0.0
    usual = float(response.curves.usual.sum()) if response and len(response) else 0.0
    low, high = 0.75 * usual, 1.25 * usual
    amount = planned if low <= planned <= high else round(usual)
    return {**dict.fromkeys(_FIELDS, ""), **_USUAL, "amount": f"{amount:.0f}" if amount else "", "month": str(month)}


def _past(told: Recommendation) -> dict[str, Any]:
    gain = told.answer["gain"]["net"]
    return {
        "id": told.id,
        "made": told.created_at,
        "author": told.created_by,
        "months": told.months,
        "asked": asked_words(told.question),
        "verdict": verdict_words()[told.verdict],
        "gain": money(gain["mean"]),
        "interval": f"{money(gain['low'])} … {money(gain['high'])}",
        "uses": told.uses,
    }


def _outcome(told: Outcome) -> dict[str, Any]:
    def shown(value: float) -> str:
        return money(value) if told.figure == "margin" else written_in(Unit.COUNT, round(value, 1))

    return {
        "recommendation": told.recommendation,
        "month": told.month,
        "figure": _("Margin") if told.figure == "margin" else _("Leads"),
        "promised": shown(told.promised),
        "interval": f"{shown(told.low)} … {shown(told.high)}",
        "at_spend": shown(told.at_spend),
        "fact": shown(told.fact),
        "error": shown(told.fact - told.at_spend),
        "is_inside": told.is_inside,
        "followed": written_in(Unit.SHARE, told.followed),
        "is_settled": told.is_settled,
    }


def _accuracy(told: Accuracy) -> str:
    words = {
        "figure": _("Margin") if told.figure == "margin" else _("Leads"),
        "inside": told.inside,
        "count": told.count,
        "bias": written_in(Unit.SHARE, told.bias),
    }
    inside = _("%(figure)s: %(inside)s of %(count)s facts lay inside their 80%% intervals.") % words
    return f"{inside} {_('All facts together differ from what was promised by %(bias)s.') % words}"
