"""The load of calls, opened: what a run tells is found once, what people plan and set is read anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.bootstrap import Services
from attribution.answer import Period
from attribution.calls import CallsQuestion, calls_report
from attribution.runs import Run, newest_run
from attribution.target_calls import target_rules
from attribution.visibility import Visibility
from infra.errors import InvalidInput
from planning.calendar.events import CalendarEvent, EventKind
from planning.call_load.centres import HOLDING, CallCentre, in_force, read_centre
from planning.call_load.expected import error_of_all, expected_calls, leads_of, totals_of
from planning.call_load.heard import OTHERS, Heard, read_heard
from planning.call_load.lifts import EventLift, campaign_lift, event_lifts, lifts_of
from planning.call_load.load import Load
from planning.call_load.queues import Numbers
from planning.call_load.study import Ground, MonthOfCalls, ground_of
from planning.dimensions import Network, known_network
from planning.history import history, months_before
from planning.media.item_rows import read_items
from planning.media.months import Month, month_of
from planning.media.plans import media_plans_of

_LONGEST = 18


@dataclass(frozen=True)
class LoadQuestion:
    """`dealer` is empty for one call centre of all that is seen. `changed` are fields of `CallCentre` to ask with."""

    month: Month
    dealer: str = ""
    changed: tuple[tuple[str, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {"dealer": self.dealer, "month": str(self.month), **dict(self.changed)}


@dataclass(frozen=True)
class OpenedLoad:
    """`centre` is what is asked with, `revision` that of what is kept."""

    run: Run
    network: Network
    study: MonthOfCalls
    centre: CallCentre
    revision: int
    event_lifts: Mapping[EventKind, EventLift]
    events: tuple[CalendarEvent, ...]
    campaigns: Mapping[str, float]

    def load(self, dealer: str) -> Load:
        return self.study.of_centre(dealer, self.centre)


def open_load(services: Services, seen: Visibility, question: LoadQuestion) -> OpenedLoad:
    """Raises `NotReady` where nothing was attributed yet, `InvalidInput`, and `NotFound`."""
    month = question.month
    _check_month(month, month_of(services.today))
    with services.database.connect() as connection:
        network = known_network(connection, seen)
    if question.dealer:
        network.dealer(question.dealer)
    centres = services.call_centres.known()
    ground = _ground(services, seen, network, in_force(centres, HOLDING).holidays)
    events = tuple(services.calendar_events.between(month.first, month.last, seen=seen))
    campaigns = _campaigns(services, seen, month)
    lifts = _event_lifts(services, seen, ground, network)
    study = _study(services, seen, ground, network, centres, month, events, lifts, campaigns)
    centre = _asked_with(centres, question, seen)
    revision = services.call_centres.get(question.dealer, seen=seen)[1]
    return OpenedLoad(newest_run(services.warehouse), network, study, centre, revision, lifts, events, campaigns)


def _check_month(month: Month, this_month: Month) -> None:
    ahead = (month.year - this_month.year) * 12 + month.month - this_month.month
    if not 0 <= ahead < _LONGEST:
        told = "is over" if ahead < 0 else "is too far ahead"
        raise InvalidInput(
            f"{month} {told}: its calls are not forecast.",
            where="month",
            help=f"Choose {this_month} or one of the {_LONGEST - 1} months after it.",
        )


def _asked_with(centres: Mapping[str, CallCentre], question: LoadQuestion, seen: Visibility) -> CallCentre:
    """The holding's people are there for all dealers: whoever sees some is not told that they are there for these."""
    found = in_force(centres, question.dealer)
    if question.dealer == HOLDING and not seen.is_everything:
        found = found.model_copy(update={"staff": None})
    return read_centre({**found.as_dict(), **dict(question.changed)}) if question.changed else found


def _ground(services: Services, seen: Visibility, network: Network, holidays: tuple[Any, ...]) -> Ground:
    warehouse, today, settings = services.warehouse, services.today, services.settings
    dealers = tuple(each.id for each in network.dealers)
    this_month = month_of(today)

    def find() -> Ground:
        heard = read_heard(warehouse, today, settings.timezone, dealers, holidays, seen=seen)
        days = Period(heard.days[0], heard.days[-1]) if heard.days else Period(today, today)
        rules, asked = target_rules(services.database), CallsQuestion(("dealer",), days)
        calls = calls_report(warehouse, asked, rules, settings, seen=seen).rows
        past = history(warehouse, months_before(this_month, 12), settings.timezone, ("dealer",), seen=seen)
        return ground_of(heard, calls, past)

    key = ("call load", today, settings.timezone, dealers, holidays, seen)
    return services.per_run.answer(newest_run(warehouse).number, key, find)


def _study(
    services: Services,
    seen: Visibility,
    ground: Ground,
    network: Network,
    centres: Mapping[str, CallCentre],
    month: Month,
    events: tuple[CalendarEvent, ...],
    lifts: Mapping[EventKind, EventLift],
    campaigns: Mapping[str, float],
) -> MonthOfCalls:
    heard = ground.heard
    outlook = services.outlook(_LONGEST, seen)
    is_open = _open_days(heard, network, month)
    totals = totals_of(heard, month, outlook, is_open)
    planned = lifts_of(heard.dealers, month.days, events, lifts, network, campaigns)
    return MonthOfCalls(
        ground,
        expected_calls(heard, ground.profile, month, totals, is_open, planned),
        leads_of(heard, month, outlook, is_open),
        centres,
        error_of_all(heard, month, outlook),
    )


def _open_days(heard: Heard, network: Network, month: Month) -> Numbers:
    found = np.ones((len(heard.dealers), len(month.days)))
    for place, name in enumerate(heard.dealers):
        dealer = network.by_id.get(name) if name != OTHERS else None
        if dealer and (dealer.opened or dealer.closed):
            found[place] = [
                (not dealer.opened or dealer.opened <= day) and (not dealer.closed or day <= dealer.closed)
                for day in month.days
            ]
    return found


def _campaigns(services: Services, seen: Visibility, month: Month) -> Mapping[str, float]:
    """By dealer, of those that have a media plan."""
    with services.database.connect() as connection:
        plans = media_plans_of(connection, month, seen)
        items = read_items(connection, [each.id for each in plans])
    if not plans:
        return {}
    before = services.spending(month).before
    return {
        plan.dealer: campaign_lift(
            [each for each in items if each.plan == plan.id], before.get(plan.dealer, ()), len(month.days)
        )
        for plan in plans
    }


def _event_lifts(
    services: Services, seen: Visibility, ground: Ground, network: Network
) -> Mapping[EventKind, EventLift]:
    heard = ground.heard
    if not heard.days:
        return {}
    earlier = services.calendar_events.between(heard.days[0], heard.days[-1], seen=seen)
    return event_lifts(heard, ground.profile, earlier, network)
