"""What came in and cannot be told apart: marks that no channel rule knows, and deals that name nobody."""

from typing import Any

from attribution.answer import Answer, Period
from attribution.channel_preview import OTHER
from attribution.measures import Measure, Unit
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "data_health")
_EXAMPLES = 20
_NONE = "(none)"
_MARKS = ("source", "medium", "campaign")
_CAME = (
    Measure("sessions", "Site visits", Unit.COUNT),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
)
_DEALS = (
    Measure("nameless", "Deals without a contact", Unit.COUNT),
    Measure("sales", "Sold among them", Unit.COUNT),
    Measure("deals", "All deals", Unit.COUNT),
    Measure("share", "Share", Unit.SHARE, "nameless / deals"),
)


def unknown_marks(warehouse: Warehouse, period: Period, *, seen: Visibility = EVERYTHING) -> Answer:
    """A row for each source, medium and campaign whose channel is `other`, those that brought most first.

    Leads and sales are credited to the last touch that was not direct. Raises `NotReady` where nothing was attributed
    yet, and `NotPermitted`: channel rules are the holding's.
    """
    seen.check_sees_everything("The list of unknown marks", "The channels show what is yours.")
    run = newest_run(warehouse)
    asked = {"run": run.number, "from": period.first_day, "to": period.last_day, "unknown": OTHER}
    rows = warehouse.frame(_SQL["unknown_marks"], asked).reindex(columns=[*_MARKS, *(each.slug for each in _CAME)])
    rows = rows.astype(dict.fromkeys(_MARKS, object) | {each.slug: "float64" for each in _CAME})
    rows = rows.assign(leads=rows["leads"] / 1e9, sales=rows["sales"] / 1e9)
    totals = {each.slug: round(float(rows[each.slug].sum()), 9) for each in _CAME}
    return Answer("unknown-utm", run, _MARKS, _CAME, rows, _days(period), totals)


def deals_without_contacts(
    warehouse: Warehouse, period: Period, timezone: str, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a dealer: deals that moved in the period and have no contact, visitor or lead, so that nothing is tied.

    `examples` of `about` are the newest deals' ids by dealer. Raises `NotPermitted`: what a CRM leaves out is the
    holding's to repair.
    """
    seen.check_sees_everything("The list of deals without contacts", "The funnel shows the deals of your dealers.")
    asked = {
        "from": period.first_day, "to": period.last_day, "timezone": timezone, "examples": _EXAMPLES, "none": _NONE,
    }  # fmt: skip
    found = warehouse.frame(_SQL["deals_without_contacts"], asked)
    rows = found.reindex(columns=["dealer", "nameless", "sales", "deals"])
    rows = rows.astype({"dealer": object, "nameless": "float64", "sales": "float64", "deals": "float64"})
    rows = rows.assign(share=rows["nameless"] / rows["deals"])
    totals: dict[str, Any] = {name: int(rows[name].sum()) for name in ("nameless", "sales", "deals")}
    totals["share"] = totals["nameless"] / totals["deals"] if totals["deals"] else None
    examples = [] if found.empty else zip(found["dealer"], found["examples"], strict=True)
    about = {"examples": [{"dealer": dealer, "deals": list(deals)} for dealer, deals in examples]}
    return Answer("deals-without-contacts", None, ("dealer",), _DEALS, rows, _days(period), totals, about)


def _days(period: Period) -> dict[str, str]:
    return {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()}
