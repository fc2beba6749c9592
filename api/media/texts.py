"""Words for what media plans have: states, troubles, changes."""

from api.language import gettext as _
from api.numbers import written_in
from attribution.measures import Unit
from planning.calendar.entries import CO_OP, FLIGHT
from planning.calendar.events import EventKind
from planning.media.layout import LayOut
from planning.media.plans import MediaState
from planning.media.progress import Trouble, Warned


def money(minor: float | None) -> str:
    return written_in(Unit.MONEY, None if minor is None else minor / 100)


def state_words() -> dict[MediaState, str]:
    return {
        MediaState.DRAFT: _("Draft"),
        MediaState.SUBMITTED: _("Waits for approval"),
        MediaState.APPROVED: _("Approved"),
    }


def layout_words() -> dict[LayOut, str]:
    return {
        LayOut.SPEND: _("by spend of the last three months"),
        LayOut.CPL: _("by measured CPL: cheaper leads get more"),
        LayOut.EVEN: _("evenly"),
        LayOut.WEIGHTS: _("by own weights"),
    }


def kind_words() -> dict[str, str]:
    return {
        FLIGHT: _("Flight"),
        CO_OP: _("Co-op activity"),
        EventKind.PROMOTION.value: _("Promotion"),
        EventKind.LAUNCH.value: _("Launch"),
        EventKind.EVENT.value: _("Event"),
        EventKind.DEADLINE.value: _("Deadline"),
    }


def waiting_names() -> dict[str, str]:
    """Kinds of what waits, as the inbox has them."""
    return {
        "plan": _("Media plan to decide on"),
        "reallocation": _("Reallocation to decide on"),
        "lay_out": _("Budget to lay out"),
        "cancel_by": _("Order that can still be cancelled"),
        Trouble.OVERSPEND.value: _("Overspend"),
        Trouble.UNDERSPEND.value: _("Underspend"),
        Trouble.UNPLANNED.value: _("Unplanned spend"),
        Trouble.OVER_BUDGET.value: _("Over the budget"),
    }


def change_words() -> dict[str, str]:
    return {
        "open": _("begun"),
        "items": _("items changed"),
        "layout": _("laid out"),
        "submit": _("submitted"),
        "approve": _("approved"),
        "return": _("sent back"),
        "reopen": _("reopened"),
        "order": _("order entered"),
        "cancel_order": _("order cancelled"),
        "ask_reallocation": _("reallocation asked for"),
        "reallocation": _("money moved"),
        "refuse_reallocation": _("reallocation refused"),
    }


def warning_words(warned: Warned) -> str:
    told = {"what": warned.title or _("The whole month"), "amount": money(abs(warned.difference))}
    if warned.kind is Trouble.OVERSPEND:
        return _("%(what)s: overspend of %(amount)s is ahead%(percent)s") % (told | _percent(warned))
    if warned.kind is Trouble.UNDERSPEND:
        return _("%(what)s: %(amount)s will be left unspent%(percent)s") % (told | _percent(warned))
    if warned.kind is Trouble.UNPLANNED:
        return _("%(amount)s were spent on what no item plans") % told
    return _("The items exceed the approved budget by %(amount)s") % told


def _percent(warned: Warned) -> dict[str, str]:
    return {"percent": "" if warned.percent is None else f" ({warned.percent:+,.0f} %)"}
