"""The health of what comes in: a line a kind of trouble, with its count, a sentence, and the page on which one acts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from api.bootstrap import Services
from api.forwarding_view import target_rows
from api.language import gettext as _
from api.numbers import written_in
from api.viewer import Viewer
from attribution.answer import Answer, Period, records
from attribution.cost_matching import MatchState, cost_matching
from attribution.data_health import deals_without_contacts, unknown_marks
from attribution.measures import Unit
from attribution.noise.report import noise_totals
from attribution.outbound.ledger import count_handovers
from attribution.rates import missing_rates
from attribution.runs import newest_run
from infra.access.rights import Right
from infra.errors import NotReady

WINDOW_DAYS = 30
_STUCK_LEADS = ("failed", "uncertain")
_STUCK_CONVERSIONS = ("rejected", "uncertain")


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """`number` is written; without an `address` the viewer may not look closer. Well where `is_well`."""

    title: str
    number: str
    is_well: bool
    text: str
    address: str
    action: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """An answer's rows as people read them: `heads` are titles, and whether numbers stand below."""

    heads: list[tuple[str, bool]]
    rows: list[dict[str, Any]]
    totals: list[str]
    is_cut: bool


MOST_ROWS = 200


def window(services: Services) -> Period:
    """The last 30 days, today among them."""
    return Period(services.today - timedelta(days=WINDOW_DAYS - 1), services.today)


def health_checks(services: Services, viewer: Viewer) -> list[HealthCheck]:
    """What does not depend on a run is asked anew; the rest once a run."""
    return [
        _of_rejections(services, viewer),
        _of_notices(services),
        *_of_run(services),
        _of_forwarding(services),
        _of_conversions(services),
    ]


def _of_run(services: Services) -> list[HealthCheck]:
    """None before the first run."""
    try:
        run = newest_run(services.warehouse)
    except NotReady:
        return []
    period = window(services)
    found: Mapping[str, Any] = services.per_run.answer(
        run.number, ("data health", period), lambda: _figures(services, period)
    )
    return list(_told(found))


def _figures(services: Services, period: Period) -> dict[str, Any]:
    warehouse, timezone = services.warehouse, services.settings.timezone
    matching = cost_matching(warehouse, period)
    alone = matching.rows[matching.rows["state"] == MatchState.COST_ALONE.value]
    touches = matching.rows[matching.rows["state"] == MatchState.TOUCHES_ALONE.value]
    noise = noise_totals(warehouse, period, timezone)
    return {
        "cost_alone": float(alone["cost"].sum()),
        "campaigns_alone": len(alone),
        "touches_alone": len(touches),
        "sessions_alone": int(touches["sessions"].sum()),
        "marks": unknown_marks(warehouse, period),
        "deals": deals_without_contacts(warehouse, period, timezone).totals,
        "rates": missing_rates(warehouse, newest_run(warehouse)),
        "noise": sum(noise[f"excluded_{family}"] for family in ("touches", "calls", "leads")),
        "noise_cost": noise["excluded_cost"],
    }


def _told(found: Mapping[str, Any]) -> Iterator[HealthCheck]:
    yield HealthCheck(
        _("Spend without touches"),
        written_in(Unit.MONEY, found["cost_alone"]),
        not found["campaigns_alone"],
        _("Money of %(count)s campaigns that no visit bears the name of: their ROMI cannot be known.")
        % {"count": found["campaigns_alone"]}
        if found["campaigns_alone"]
        else _("All spend found the visits that it paid for."),
        "/sources/matching",
        _("Say what belongs together"),
    )
    yield HealthCheck(
        _("Touches without spend"),
        written_in(Unit.COUNT, found["touches_alone"]),
        not found["touches_alone"],
        _("Paid campaigns with %(count)s site visits whose cost nobody told: their CPL looks better than it is.")
        % {"count": written_in(Unit.COUNT, found["sessions_alone"])}
        if found["touches_alone"]
        else _("Every paid campaign that brought visits has a cost."),
        "/sources/matching#touches",
        _("Find their cost"),
    )
    marks: Answer = found["marks"]
    yield HealthCheck(
        _("Unknown UTM"),
        written_in(Unit.COUNT, len(marks.rows)),
        marks.rows.empty,
        _("Combinations of source, medium and campaign that no channel rule knows; %(count)s site visits came by them.")
        % {"count": written_in(Unit.COUNT, marks.totals["sessions"])}
        if len(marks.rows)
        else _("A channel rule knows everything that came."),
        "/sources/utm",
        _("Name their channel"),
    )
    deals = found["deals"]
    yield HealthCheck(
        _("Deals without contacts"),
        written_in(Unit.COUNT, deals["nameless"]),
        not deals["nameless"],
        _("Of %(count)s deals of their dealers: no phone, e-mail, CRM id, visitor or lead, so no channel is credited.")
        % {"count": written_in(Unit.COUNT, deals["deals"])}
        if deals["nameless"]
        else _("Every deal names somebody, and can be tied to what came before it."),
        "/sources/contacts",
        _("See whose they are"),
    )
    yield HealthCheck(
        _("Missing exchange rates"),
        written_in(Unit.COUNT, len(found["rates"])),
        not found["rates"],
        _("Money in another currency that is in no figure until its rate is set.")
        if found["rates"]
        else _("All money has its rate."),
        "/sources/rates",
        _("Set a rate"),
    )
    yield HealthCheck(
        _("Noise left out"),
        written_in(Unit.COUNT, found["noise"]),
        True,
        _("Bots, floods and repetitions that are in no figure; the clicks among them cost %(money)s.")
        % {"money": written_in(Unit.MONEY, found["noise_cost"])},
        "/sources/noise",
        _("See it by rule"),
    )


def _of_rejections(services: Services, viewer: Viewer) -> HealthCheck:
    number = sum(services.rejections.count_open().values())
    return HealthCheck(
        _("Rejected items"),
        written_in(Unit.COUNT, number),
        not number,
        _("What sources sent and nobody could read: kept, and in no figure until it is repaired.")
        if number
        else _("Everything that was sent was accepted, repaired or discarded."),
        "/sources/rejections" if viewer.may(Right.PERSONAL) else "",
        _("Repair and replay"),
    )


def _of_notices(services: Services) -> HealthCheck:
    number = len(services.notices.all(["open"]))
    return HealthCheck(
        _("Gaps against the usual"),
        written_in(Unit.COUNT, number),
        not number,
        _("Sources, channels and dealers that fell silent, or do not behave as they always did.")
        if number
        else _("No source, channel or dealer is out of its usual."),
        "/sources/notices",
        _("Look and acknowledge"),
    )


def _of_forwarding(services: Services) -> HealthCheck:
    targets = target_rows(services)
    stuck = sum(each["count"] for row in targets for each in row["leads"] if each["state"] in _STUCK_LEADS)
    failing = sum(bool(row["error"]) for row in targets)
    return HealthCheck(
        _("Leads handed to CRMs"),
        written_in(Unit.COUNT, stuck),
        not stuck and not failing,
        _("Leads that a CRM did not take, of %(count)s CRMs.") % {"count": len(targets)}
        if targets
        else _("No CRM gets leads from here."),
        "/sources/handover",
        _("See how they fare"),
    )


def _of_conversions(services: Services) -> HealthCheck:
    stuck = sum(each.count for each in count_handovers(services.database) if each.state in _STUCK_CONVERSIONS)
    destinations = services.destinations.states()
    return HealthCheck(
        _("Conversions handed back to ads"),
        written_in(Unit.COUNT, stuck),
        not stuck and not any(each.error for each in destinations),
        _("Conversions that an ad system refused, of %(count)s destinations.") % {"count": len(destinations)}
        if destinations
        else _("No ad system gets conversions from here."),
        "/sources/handover#conversions",
        _("See how they fare"),
    )


def shown_table(answer: Answer, names: tuple[str, ...] = (), most: int = MOST_ROWS) -> ShownTable:
    """The first rows of an answer; of its names those alone, where some are told."""
    chosen = names or answer.names
    heads = [(_(name.replace("_", " ").capitalize()), False) for name in chosen]
    heads += [(_(figure.title), True) for figure in answer.figures]
    rows = [
        {
            "names": [row[name] or "—" for name in chosen],
            "figures": [(written_in(figure.unit, row[figure.slug]), row[figure.slug]) for figure in answer.figures],
            "raw": row,
        }
        for row in records(answer.rows.head(most), answer.counts)
    ]
    totals = [written_in(figure.unit, answer.totals.get(figure.slug)) for figure in answer.figures]
    return ShownTable(heads, rows, totals if answer.totals else [], len(answer.rows) > most)
