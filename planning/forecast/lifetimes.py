"""Dealers that open and close: nothing is expected of them outside their days."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np

from planning.dimensions import DealerPlace
from planning.forecast.outlook import Series
from planning.forecast.past import Past
from planning.media.months import Month
from planning.response.curves import Numbers

_NEW_FOR_DAYS = 92


def share_open(places: Mapping[str, DealerPlace], dealer: str, months: Sequence[Month]) -> Numbers:
    """The share of each month's days on which the dealer is open."""
    place = places.get(dealer)
    if place is None:
        return np.ones(len(months))
    shares = []
    for month in months:
        begins = max(place.opened or month.first, month.first)
        ends = min(place.closed or month.last, month.last)
        shares.append(max((ends - begins).days + 1, 0) / len(month.days))
    return np.array(shares)


def with_new_dealers(past: Past, places: Mapping[str, DealerPlace]) -> Past:
    """With lines without a month, of dealers that open, or did within three months, and of which nothing is known."""
    until = past.next_month
    known = {line.dealer for line in past.lines}
    new = [
        each.id
        for each in places.values()
        if each.id not in known
        and each.opened is not None
        and each.opened >= until.first - timedelta(days=_NEW_FOR_DAYS)
        and (each.closed is None or each.closed >= until.first)
    ]
    if not new:
        return past
    directions = dict.fromkeys(line.direction for line in past.lines)
    lines = tuple(Series(past.measure, dealer, direction) for dealer in new for direction in directions)
    counts = np.concatenate([past.counts, np.full((len(lines), len(past.months)), np.nan)])
    return Past(past.measure, (*past.lines, *lines), past.months, counts, past.gaps)


def without_closed(past: Past, places: Mapping[str, DealerPlace]) -> Past:
    """Without lines of dealers that closed before the first month that is forecast."""
    first = past.next_month.first
    closed = {each.id for each in places.values() if each.closed is not None and each.closed < first}
    kept = [at for at, line in enumerate(past.lines) if line.dealer not in closed]
    lines = tuple(past.lines[at] for at in kept)
    return Past(past.measure, lines, past.months, past.counts[kept], past.gaps)
