"""What the buttons of a media plan's page do: each changes one thing, and says how to go on."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import number_of, text_of, texts_of
from api.media.deciding import check_may_step, may_decide
from api.media.item_form import items_of, read_cells, written_cells
from api.media.laying_out import laid_out
from api.questions import read_choice, read_day
from api.viewer import Viewer
from infra.errors import InvalidInput
from planning.media.commitments import Order
from planning.media.layout import LayOut
from planning.media.money import minor_of
from planning.media.plans import MediaPlan, Step
from planning.media.reallocation import ReallocationState

Act = Callable[[Services, Viewer, MediaPlan, FormData], str]
"""What was done, as the page says it."""


def act_of(action: str) -> tuple[str, Act]:
    """The form that a button stands in, and what it does. Raises `InvalidInput`."""
    word = action.partition(" ")[0]
    if word not in _ACTS:
        raise InvalidInput(f"There is no button {word!r}.", where="do", help="Load the page again.")
    return _ACTS[word]


def _keep(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    before = {each.id: each for each in services.media_plans.items(plan.id)}
    items = items_of(written_cells(read_cells(form)), before, plan.month)
    services.media_plans.put(
        plan.id,
        items,
        based_on=number_of(form, "based_on"),
        author=viewer.name,
        why=text_of(form, "why"),
        seen=viewer.seen,
    )
    return "kept"


def _lay_out(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    by = read_choice(LayOut, text_of(form, "by"), "by")
    weights = _weights(text_of(form, "weights")) if by is LayOut.WEIGHTS else {}
    laid_out(services, viewer, plan.id, by, weights, number_of(form, "based_on"))
    return "layout"


def _weights(text: str) -> Mapping[int, float]:
    try:
        told = [float(part) for part in text.replace(";", " ").replace(",", " ").split()]
    except ValueError:
        told = []
    if not told or any(not 0 <= each <= 1e9 for each in told):
        raise InvalidInput(
            f"{text!r} are no weights.", where="weights", help="Write a number for each item, in their order: 2 1 1."
        )
    return dict(enumerate(told))


def _step(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    step = read_choice(Step, text_of(form, "do"), "do")
    check_may_step(viewer, step)
    services.media_plans.step(
        plan.id,
        step,
        based_on=number_of(form, "based_on"),
        author=viewer.name,
        why=text_of(form, "why"),
        seen=viewer.seen,
    )
    return step.value


def _order(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    items = [int(key) for key in texts_of(form, "items") if key.isdecimal() and len(key) < 10]
    cancel_by = text_of(form, "cancel_by")
    order = Order(
        number=text_of(form, "number"),
        ordered_on=_day(form, "ordered_on", services.today),
        contractor=text_of(form, "contractor"),
        amount=minor_of(text_of(form, "amount"), "amount"),
        currency=plan.currency,
        first=_day(form, "from", plan.month.first),
        last=_day(form, "to", plan.month.last),
        items=dict.fromkeys(items),
        vat_percent=_percent(text_of(form, "vat_percent")),
        is_vat_included=bool(text_of(form, "is_vat_included")),
        cancel_by=read_day(cancel_by, "cancel_by") if cancel_by else None,
    )
    services.commitments.order(plan.id, order, author=viewer.name, seen=viewer.seen)
    return "order"


def _cancel(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    services.commitments.cancel(
        number_of(form, "order"),
        author=viewer.name,
        why=text_of(form, "why"),
        today=services.today,
        is_agreed=bool(text_of(form, "is_agreed")),
        seen=viewer.seen,
    )
    return "cancel"


def _move(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    giver, taker = number_of(form, "giver"), number_of(form, "taker")
    amount = minor_of(text_of(form, "amount"), "amount")
    if giver == taker:
        raise InvalidInput("Money moves from one item to another.", where="taker", help="Choose two items.")
    told = services.reallocations.ask(
        {giver: -amount, taker: amount}, author=viewer.name, why=text_of(form, "why"), seen=viewer.seen
    )
    return "moved" if told.state is ReallocationState.DONE else "asked"


def _decide(services: Services, viewer: Viewer, plan: MediaPlan, form: FormData) -> str:
    is_approved = text_of(form, "do") == "allow"
    services.reallocations.decide(
        number_of(form, "reallocation"),
        is_approved=is_approved,
        author=viewer.name,
        comment=text_of(form, "comment"),
        may_decide=may_decide(viewer),
    )
    return "moved" if is_approved else "refused"


def _day(form: FormData, name: str, otherwise: date) -> date:
    text = text_of(form, name)
    return read_day(text, name) if text else otherwise


def _percent(text: str) -> Decimal:
    try:
        told = Decimal(text.replace(",", ".") or "0")
        if not 0 <= told <= 100 or told != round(told, 2):
            raise ValueError
    except (InvalidOperation, ValueError):
        raise InvalidInput(
            f"{text!r} is no percent of VAT.", where="vat_percent", help="Write 20, or 0 where there is none."
        ) from None
    return told


_ACTS: Mapping[str, tuple[str, Act]] = {
    "keep": ("items", _keep),
    "layout": ("layout", _lay_out),
    **{step.value: ("step", _step) for step in Step},
    "order": ("order", _order),
    "cancel": ("order", _cancel),
    "move": ("move", _move),
    "allow": ("move", _decide),
    "refuse": ("move", _decide),
}
