"""How much is to be ordered, by when, how long stock lasts: arrays over dealers' models and months.

Expected units of a model are the dealer's expected sales times the model's share. With N sales of mean μ and deviation
σ, a share of mean p and variance v, and a mix interval that is widened `spread` times as its backtest asks:

    mean = μ p,   variance = spread² (μ (p − p² − v) + μ² v) + σ² (p² + v)

Deviations of months add up (a forecast that is too low in one month is so in the next), those of dealers as far as the
forecast of all of them together says. To order is what is expected until the next order could arrive (lead time and a
month) − in stock − what arrives until then; the safety stock above it holds for the wanted share of order cycles.
What is on its way counts from the first day of its month on; overdue, from today on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm

from planning.media.months import Month
from planning.response.curves import Numbers
from planning.stock.mix import Flags, Mix

REVIEW_DAYS = 30.4375
"""One orders once a month."""
Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Places of dealers, and of their models."""
_FAR, _SLOWEST = 1e-9, 1e-6


@dataclass(frozen=True)
class Demand:
    """Of dealers, by month: arrays of the shape (dealers, months). `together` is how far dealers err alike, 0 to 1.

    `below` and `above` are standard deviations to each side.
    """

    mean: Numbers
    below: Numbers
    above: Numbers
    together: float = 0.0


def demand_of(mean: Numbers, low: Numbers, high: Numbers, level: float, whole: float | None) -> Demand:
    """`low` and `high` bound the share `level`; `whole` is half the width of all dealers' interval together."""
    z = float(norm.ppf((1 + level) / 2))
    below, above = np.maximum(mean - low, 0) / z, np.maximum(high - mean, 0) / z
    alone = float((above.sum(axis=1) ** 2).sum())
    alike = float(above.sum() ** 2) - alone
    together = 0.0 if whole is None or alike <= _FAR else ((whole / z) ** 2 - alone) / alike
    return Demand(mean, below, above, float(np.clip(together, 0, 1)))


@dataclass(frozen=True)
class Calendar:
    """`today`, and the months from that of today on."""

    today: date
    months: tuple[Month, ...]

    @cached_property
    def days(self) -> Numbers:
        """Of each month, as many as are left of it."""
        days = [float((each.last - max(each.first, self.today)).days + 1) for each in self.months]
        return np.array(days)

    @cached_property
    def ends(self) -> Numbers:
        """Days from today until each month is over."""
        return np.cumsum(self.days)

    @cached_property
    def left(self) -> Numbers:
        """The share of each month that is still to come."""
        return np.asarray(self.days / np.array([float(len(each.days)) for each in self.months]))

    def day(self, offset: float) -> date:
        return self.today + timedelta(days=int(offset))


@dataclass(frozen=True)
class Need:
    """A row a dealer's model, or a group of them; arrays by row and month but for stock and what terms say.

    `expected`, `below`, `above` (deviations) and `arriving` are summed up to the end of each month.
    """

    calendar: Calendar
    expected: Numbers
    below: Numbers
    above: Numbers
    stock: Numbers
    arriving: Numbers
    lead_days: Numbers
    service: Numbers
    most_months: Numbers
    horizon: Numbers

    @cached_property
    def safety(self) -> Numbers:
        """Units above what is expected, for the wanted share of cycles."""
        return np.asarray(norm.ppf(self.service) * self._until(self.above, self.horizon))

    @cached_property
    def expected_until(self) -> Numbers:
        """Until the next order could arrive."""
        return self._until(self.expected, self.horizon)

    def interval_until(self, level: float) -> tuple[Numbers, Numbers]:
        z = float(norm.ppf((1 + level) / 2))
        mean = self.expected_until
        below, above = self._until(self.below, self.horizon), self._until(self.above, self.horizon)
        return np.maximum(mean - z * below, 0), mean + z * above

    @cached_property
    def arriving_until(self) -> Numbers:
        """By the end of the horizon; months count from their first day on."""
        starts = self.calendar.ends - self.calendar.days
        month = np.clip(np.searchsorted(starts, self.horizon - _FAR) - 1, 0, len(starts) - 1)
        return np.asarray(self.arriving[np.arange(len(month)), month])

    @property
    def to_order(self) -> Numbers:
        """Expected − in stock − in transit, in whole cars."""
        return np.rint(np.maximum(self.expected_until - self.stock - self.arriving_until, 0))

    @property
    def to_order_safely(self) -> Numbers:
        """With the safety stock."""
        wanted = self.expected_until + self.safety - self.stock - self.arriving_until
        return np.ceil(np.maximum(wanted, 0) - 1e-6)

    @cached_property
    def surplus(self) -> Numbers:
        """Units in stock and on their way that will not be sold within the months that are the most."""
        most = self.most_months * REVIEW_DAYS
        return np.rint(np.maximum(self.stock + self.arriving[:, -1] - self._until(self.expected, most), 0))

    def cover_days(self) -> Numbers:
        """For how many days what is in stock now lasts; infinite where no sale is expected."""
        return _first_over(self.expected, self.stock[:, None] * np.ones_like(self.expected), self.calendar)

    def runs_out(self, deviations: float = 0.0) -> Numbers:
        """Days until stock and what arrives are sold; infinite where they are not within the months that are told."""
        told = self.expected + deviations * self.above
        out = _first_over(told, self.stock[:, None] + self.arriving, self.calendar)
        return np.where(out > self.calendar.ends[-1], np.inf, out)

    def order_by(self) -> Numbers:
        """In how many days the last order can be made that arrives before the safety stock is touched; at least now."""
        kept = self.stock[:, None] + self.arriving - self.safety[:, None]
        touched = _first_over(self.expected, kept, self.calendar)
        late = np.where(touched > self.calendar.ends[-1], np.inf, touched) - self.lead_days
        return np.maximum(late, 0)

    def orders_by_month(self, *, safely: bool = False) -> Numbers:
        """What is to arrive in each month, so that nothing is missing at its end."""
        wanted = self.expected - self.stock[:, None] - self.arriving
        if safely:
            wanted = wanted + self.safety[:, None]
        whole = np.rint(np.maximum.accumulate(np.maximum(wanted, 0), axis=1))
        return np.diff(whole, axis=1, prepend=0)

    def _until(self, summed: Numbers, days: Numbers) -> Numbers:
        """Between the ends of months on a straight line, and beyond the last as in it."""
        ends = np.concatenate([[0.0], self.calendar.ends])
        whole = np.concatenate([np.zeros((len(summed), 1)), summed], axis=1)
        place = np.clip(np.searchsorted(ends, days, side="left") - 1, 0, len(ends) - 2)
        rows = np.arange(len(summed))
        start, slope = whole[rows, place], whole[rows, place + 1] - whole[rows, place]
        return np.asarray(start + slope * (days - ends[place]) / (ends[place + 1] - ends[place]))


def need_of(
    calendar: Calendar,
    demand: Demand,
    mix: Mix,
    spread: float,
    pairs: Pairs,
    stock: Numbers,
    transit: Numbers,
    terms: tuple[ArrayLike, ArrayLike, ArrayLike],
    horizon: ArrayLike | None = None,
) -> Need:
    """`terms` are lead days, service shares and most months of each pair.

    `horizon` is in days; the lead time and a month unless said.
    """
    dealers, models = pairs
    lead, service, most = (np.asarray(each, float) for each in terms)
    total, below, above = (
        np.cumsum(each[dealers] * calendar.left, axis=1) for each in (demand.mean, demand.below, demand.above)
    )
    share, doubt = mix.mean[dealers, models][:, None], mix.variance[dealers, models][:, None]
    chance = spread**2 * (total * np.maximum(share - share**2 - doubt, 0) + total**2 * doubt)
    deviation = [np.sqrt(chance + each**2 * (share**2 + doubt)) for each in (below, above)]
    days = lead + REVIEW_DAYS if horizon is None else np.broadcast_to(np.asarray(horizon, float), lead.shape)
    return Need(
        calendar,
        total * share,
        deviation[0],
        deviation[1],
        stock,
        np.cumsum(transit, axis=1),
        lead,
        service,
        most,
        days,
    )


def grouped(need: Need, of: Sequence[int], groups: int, together: float) -> Need:
    """Rows put together: `of` is the group of each. What terms say is that of the row whose order takes longest."""
    place = np.asarray(of, dtype=np.intp)

    def summed(each: Numbers) -> Numbers:
        found = np.zeros((groups, *each.shape[1:]))
        np.add.at(found, place, each)
        return found

    def widest(each: Numbers) -> Numbers:
        found = np.zeros(groups)
        np.maximum.at(found, place, each)
        return found

    def deviation(each: Numbers) -> Numbers:
        return np.sqrt((1 - together) * summed(each**2) + together * summed(each) ** 2)

    return replace(
        need,
        expected=summed(need.expected),
        below=deviation(need.below),
        above=deviation(need.above),
        stock=summed(need.stock),
        arriving=summed(need.arriving),
        lead_days=widest(need.lead_days),
        service=widest(need.service),
        most_months=widest(need.most_months),
        horizon=widest(need.horizon),
    )


def _first_over(summed: Numbers, limit: Numbers, calendar: Calendar) -> Numbers:
    """Days until `summed` is over `limit`, which holds by month; beyond the months at the mean pace of all of them."""
    ends, days = calendar.ends, calendar.days
    is_over: Flags = summed > limit + _FAR
    month = np.where(is_over.any(axis=1), is_over.argmax(axis=1), summed.shape[1] - 1)
    rows = np.arange(len(summed))
    before = np.where(month > 0, summed[rows, np.maximum(month - 1, 0)], 0)
    room = np.maximum(limit[rows, month] - before, 0)
    pace = (summed[rows, month] - before) / days[month]
    mean_pace = summed[:, -1] / ends[-1]
    steady = is_over.any(axis=1) & (pace > 0)
    within = ends[month] - days[month] + np.divide(room, pace, out=np.zeros_like(room), where=steady)
    left = np.maximum(limit[:, -1] - summed[:, -1], 0)
    far = np.full(len(summed), np.inf)
    beyond = ends[-1] + np.divide(left, mean_pace, out=far, where=mean_pace > _SLOWEST)
    return np.asarray(np.where(is_over.any(axis=1), within, beyond))
