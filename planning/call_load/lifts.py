"""How much what is planned raises calls: campaigns of the media plans, and events of the marketing calendar.

Campaigns: leads that the dealer's media plan expects of its channels, against those that the same channels usually
bring in so many days, as a part of all leads of the dealer; calls are taken to grow as leads do. Channels that
the plan does
not name, or of which it expects no number, go on as usual.

Events: calls on the days of earlier events of the kind, over those that the pace and the days of the week would have
had, towards no lift at all as if that had been seen of 50 calls. Of several events on one day the strongest holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from planning.calendar.events import CalendarEvent, EventKind
from planning.call_load.expected import LEVEL, Lifts, quantile, spread_of, weekdays_of
from planning.call_load.heard import Heard
from planning.call_load.profile import Profile
from planning.call_load.queues import Numbers
from planning.dimensions import Network
from planning.media.items import MediaItem
from planning.media.spending import HISTORY_DAYS, Line

LIFTING = (EventKind.PROMOTION, EventKind.LAUNCH, EventKind.EVENT)
_CALLS_OF_NO_LIFT = 50.0


@dataclass(frozen=True, slots=True)
class EventLift:
    """By what calls of a day are multiplied, with the interval of `LEVEL`; `days` of earlier events tell it."""

    kind: EventKind
    factor: float
    low: float
    high: float
    days: int

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value, "factor": self.factor, "low": self.low, "high": self.high, "days": self.days,
        }  # fmt: skip


def campaign_lift(items: Sequence[MediaItem], before: Sequence[Line], days: int) -> float:
    """Of a dealer whose plan of a month of so many days has these items; 1 where nothing is known or expected."""
    usual: dict[str, float] = {}
    for line in before:
        usual[line.channel] = usual.get(line.channel, 0.0) + line.total.leads * days / HISTORY_DAYS
    planned: dict[str, float] = {}
    for item in items:
        if item.leads is not None:
            planned[item.channel] = planned.get(item.channel, 0.0) + item.leads
    whole = sum(usual.values())
    if whole <= 0:
        return 1.0
    return 1 + sum(leads - usual.get(channel, 0.0) for channel, leads in planned.items()) / whole


def event_lifts(
    heard: Heard, profile: Profile, events: Sequence[CalendarEvent], network: Network
) -> Mapping[EventKind, EventLift]:
    """Of each kind that raises calls."""
    if not heard.days:
        return {}
    weights = profile.share.sum(axis=2)[:, weekdays_of(heard.days, heard.holidays)]
    usual = heard.daily.sum(axis=1, keepdims=True) * weights / weights.sum(axis=1, keepdims=True)
    spread = spread_of(heard.daily)
    return {kind: _lift(kind, heard, usual, spread, events, network) for kind in LIFTING}


def lifts_of(
    dealers: tuple[str, ...],
    days: Sequence[date],
    events: Sequence[CalendarEvent],
    by_kind: Mapping[EventKind, EventLift],
    network: Network,
    campaigns: Mapping[str, float],
) -> Lifts:
    """Of a month of these days."""
    of_days = np.ones((len(dealers), len(days)))
    for kind, lift in by_kind.items():
        covered = _covered(dealers, days, [each for each in events if each.kind is kind], network)
        of_days = np.where(covered & (np.abs(lift.factor - 1) > np.abs(of_days - 1)), lift.factor, of_days)
    return Lifts(of_days, np.array([campaigns.get(dealer, 1.0) for dealer in dealers]))


def _lift(
    kind: EventKind,
    heard: Heard,
    usual: Numbers,
    spread: float,
    events: Sequence[CalendarEvent],
    network: Network,
) -> EventLift:
    covered = _covered(heard.dealers, heard.days, [each for each in events if each.kind is kind], network)
    happened, expected = (float(each[covered].sum()) for each in (heard.daily, usual))
    seen = happened + _CALLS_OF_NO_LIFT
    factor = seen / (expected + _CALLS_OF_NO_LIFT)
    error = np.exp(quantile(LEVEL) * np.sqrt(spread / seen))
    return EventLift(kind, factor, float(factor / error), float(factor * error), int(covered.any(axis=0).sum()))


def _covered(
    dealers: tuple[str, ...], days: Sequence[date], events: Sequence[CalendarEvent], network: Network
) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """On which days each dealer has one of these events; calls of nobody's have none."""
    found = np.zeros((len(dealers), len(days)), np.bool_)
    for event in events:
        whose = np.array([_concerns(event, dealer, network) for dealer in dealers], np.bool_)
        when = np.array([event.first <= day <= event.last for day in days], np.bool_)
        found |= whose[:, None] & when
    return found


def _concerns(event: CalendarEvent, dealer: str, network: Network) -> bool:
    if event.dealer or not dealer:
        return bool(dealer) and event.dealer == dealer
    return not event.brand or (dealer in network.by_id and network.by_id[dealer].brand == event.brand)
