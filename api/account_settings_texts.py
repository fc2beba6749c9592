"""What the settings of the account are called, what each changes, and how their values are written."""

from collections.abc import Mapping
from typing import Any

from api.language import gettext as _
from infra.account import AccountSettings

GROUPS = {
    "money": ("currency", "vat_percent", "net_of_vat"),
    "attribution": ("lookback_days", "lookback_days_by_kind", "lead_window_days"),
    "deadlines": ("late_minutes", "unprocessed_hours"),
}


def group_texts() -> Mapping[str, tuple[str, str]]:
    """Title of each group, and what a change in it costs."""
    full_run = _(
        "A change asks for a full run: everything is derived anew from the events. "
        "Reports show the earlier figures until it is done."
    )
    at_once = _(
        "A change holds at once, and needs no run. "
        "A page or a report that is asked for its own hours and minutes keeps them."
    )
    return {
        "money": (_("Money"), full_run),
        "attribution": (_("Attribution"), full_run),
        "deadlines": (_("Deadlines"), at_once),
    }


def labels() -> Mapping[str, str]:
    return {
        "currency": _("Currency"),
        "vat_percent": _("VAT in percent"),
        "net_of_vat": _("Cost in reports"),
        "lookback_days": _("Look-back, days"),
        "lookback_days_by_kind": _("Look-back per kind of conversion, days"),
        "lead_window_days": _("One lead within, days"),
        "late_minutes": _("Late after, minutes"),
        "unprocessed_hours": _("Unprocessed after, hours"),
    }


def meanings() -> Mapping[str, str]:
    """What a change of each setting changes."""
    return {
        "currency": _(
            "Reports show money in it. Money in another one is turned into it by the exchange rates: "
            "without a rate it is in no figure."
        ),
        "vat_percent": _("It is taken out of spend that says it includes VAT, and of nothing else."),
        "net_of_vat": _("CPL, ROMI and every other measure of cost follow."),
        "lookback_days": _(
            "A touch counts for a conversion that comes within so many days. Longer gives more credit to early "
            "touches, and leaves fewer conversions without a touch."
        ),
        "lookback_days_by_kind": _(
            "A car is bought months after the first click, a service visit is not. Empty is as the environment says, "
            "and else as above."
        ),
        "lead_window_days": _(
            "Requests of one person to one dealer for one direction within these days count as one lead."
        ),
        "late_minutes": _(
            "A lead whose first response took longer is late, in lost leads, among managers and on pages of dealers."
        ),
        "unprocessed_hours": _(
            "An open lead that nobody answered for so long is unprocessed: the overview counts those, with the margin "
            "expected to be lost."
        ),
    }


def kind_names() -> Mapping[str, str]:
    """Every kind of conversion, as runs name it."""
    return {
        "lead": _("Lead"),
        "qualified": _("Qualified lead"),
        "visit": _("Showroom visit"),
        "sale": _("Sale"),
        "service_visit": _("Service visit"),
    }


def wrong_in_words(name: str) -> str:
    """What the setting may be, for somebody who entered something else."""
    if name == "currency":
        return _("There is no such currency: choose one of the list.")
    if name == "net_of_vat":
        return _("Choose one of the list.")
    least, most = limits_of(name)
    told = {"least": least, "most": most}
    if name == "vat_percent":
        return _("Write a number from %(least)s to %(most)s.") % told
    return _("Write a whole number from %(least)s to %(most)s.") % told


def limits_of(name: str) -> tuple[int, int]:
    """The least and the greatest number that it may be."""
    schema = AccountSettings.model_json_schema()["properties"][name]
    return int(schema["minimum"]), int(schema["maximum"])


def written_value(name: str, value: Any) -> str:
    """As people read it."""
    if isinstance(value, Mapping):
        names = kind_names()
        return ", ".join(f"{names.get(kind, kind)}: {days}" for kind, days in value.items()) or "—"
    if isinstance(value, bool):
        return _("net of VAT") if value else _("with VAT")
    return f"{value:g}" if isinstance(value, float) else str(value)
