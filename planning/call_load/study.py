"""A month's load of a call centre, of what is known of calls, of their worth, and of what is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from infra.errors import NotFound
from planning.call_load.centres import DAYS, HOLDING, HOURS, CallCentre, Shift, in_force
from planning.call_load.expected import Expected, Totals, backtest, quantile
from planning.call_load.heard import OTHERS, Heard
from planning.call_load.load import MEASURED, NOT_KNOWN, TOLD, UNKNOWN, Load, aims_of, load_of, losses
from planning.call_load.profile import Profile, weekly_profile
from planning.call_load.queues import Counts, Numbers, enough_for
from planning.call_load.shifts import Rota, best_rota, lost_with, single_hours
from planning.call_load.worth import Handled, Worth, handled_of, mean_error, worth_of, worth_together


@dataclass(frozen=True)
class Ground:
    """What a run tells, whatever the month. `coverage` is that of intervals in the backtest, by dealer."""

    heard: Heard
    profile: Profile
    leads: Profile
    coverage: Numbers
    coverage_of_all: float
    handled: Handled
    worth: Worth

    def place(self, dealer: str) -> int:
        """Raises `NotFound`."""
        if dealer not in self.heard.dealers:
            raise NotFound(f"There is no dealer {dealer!r}.", where="dealer", help="The page of dealers lists them.")
        return self.heard.dealers.index(dealer)

    @property
    def unanswered(self) -> tuple[float, float]:
        """Calls of known outcome that nobody answered, and all of them."""
        missed, answered = (float(self.heard.by_hour[name].sum()) for name in ("unanswered", "answered"))
        return missed, missed + answered


def ground_of(heard: Heard, calls_by_dealer: pd.DataFrame, history: pd.DataFrame) -> Ground:
    handled = handled_of(calls_by_dealer, heard.dealers)
    all_heard = _as_one(heard)
    return Ground(
        heard,
        weekly_profile(heard.calls, heard.weekdays),
        weekly_profile(heard.leads, heard.weekdays),
        backtest(heard),
        float(backtest(all_heard)[0]),
        handled,
        worth_of(handled, history, heard.dealers),
    )


@dataclass(frozen=True)
class MonthOfCalls:
    """What is expected of a month, and the call centres there are; `error_of_all` is that of the total of all."""

    ground: Ground
    expected: Expected
    leads: Totals
    centres: Mapping[str, CallCentre]
    error_of_all: float

    def by_dealer(self) -> Load:
        """Each dealer's calls by its own people; the last row is of calls of nobody's."""
        known = [self._centre_of(name) for name in self.expected.dealers]
        staffed = [self._staff(each, place) for place, each in enumerate(known)]
        sources = {source for _, source in staffed}
        return load_of(
            self.expected,
            aims_of(known, self.ground.heard.talk_s),
            np.array([staff for staff, _ in staffed]),
            sources.pop() if len(sources) == 1 else MEASURED,
            self.ground.worth.of_call[:, None, None],
            np.nan_to_num(self.ground.worth.error),
        )

    def of_centre(self, dealer: str, centre: CallCentre) -> Load:
        """Of a dealer, or of one call centre for all where it is empty. Raises `NotFound`."""
        heard, worth = self.ground.heard, self.ground.worth
        if dealer == HOLDING:
            return self._of_all(centre)
        place = self.ground.place(dealer)
        staff, source = self._staff(centre, place)
        return load_of(
            self.expected.only(place),
            aims_of([centre], heard.talk_s[place : place + 1]),
            staff[None],
            source,
            worth.of_call[place : place + 1, None, None],
            np.nan_to_num(worth.error[place : place + 1]),
        )

    def leads_by_hour(self, dealer: str) -> Numbers:
        """Of a mean hour of the month: (7, 24)."""
        share, days = self.ground.leads.share, self.expected.weekdays
        hourly = self.leads.calls[:, None, None] * share / np.maximum(days, 1)[None, :, None]
        return np.asarray(hourly.sum(axis=0) if dealer == HOLDING else hourly[self.ground.place(dealer)])

    def _centre_of(self, dealer: str) -> CallCentre:
        found = in_force(self.centres, dealer)
        return found if dealer != OTHERS else found.model_copy(update={"staff": None})

    def _of_all(self, centre: CallCentre) -> Load:
        heard, worth = self.ground.heard, self.ground.worth
        calls = heard.calls.sum(axis=(1, 2))
        talk = float((np.nan_to_num(heard.talk_s) * calls).sum() / calls.sum()) if calls.any() else np.nan
        staff, source = self._staff(centre, None)
        has_worth = np.isfinite(worth.of_call).any()
        of_call = worth_together(worth, self.expected.calls) if has_worth else np.full((1, 1, 1), np.nan)
        error = np.array([mean_error(worth, self.expected.month_calls)])
        together = self.expected.together(self.error_of_all)
        return load_of(together, aims_of([centre], np.array([talk])), staff[None], source, of_call, error)

    def _staff(self, centre: CallCentre, place: int | None) -> tuple[Counts, str]:
        heard = self.ground.heard
        if centre.staff is not None:
            return np.array(centre.staff, np.int64), TOLD
        if heard.names_operators:
            measured = heard.staff_of_all if place is None else heard.staff[place]
            return measured.astype(np.int64), MEASURED
        return np.full((DAYS, HOURS), UNKNOWN, np.int64), NOT_KNOWN


@dataclass(frozen=True)
class Advice:
    """The best rota of the same hours, of shifts or of single hours, and what a month loses with the one there is.

    In money, or in calls where nothing was sold yet. `kept` is what the rota keeps in a month, with bounds of 80 %.
    `missed` are (now, then), of a month.
    """

    rota: Rota
    in_money: bool
    now: float
    then: float
    kept_low: float
    kept_high: float
    missed: tuple[float, float]
    change: Numbers

    @property
    def kept(self) -> float:
        return self.now - self.then

    @property
    def is_worth_it(self) -> bool:
        """Less than a fiftieth of what is lost, or of a call, is within what nobody could tell apart."""
        return self.kept > max(0.02 * self.now, 0.0) and self.missed[0] - self.missed[1] > 0.5


def advice_for(load: Load, shifts: Sequence[Shift], *, free: bool) -> Advice:
    """Of the load of one call centre whose people are known. `free` hours move one by one, to hours that a shift covers

    or somebody works in now. Raises `InvalidInput`.
    """
    calls, staff = load.expected.calls, load.staff[0]
    most = max(enough_for(load.calls_high, load.aims.handling_s), int(staff.max()))
    usual, low, high = (losses(each, load.aims, most)[:, 0] for each in (calls, load.calls_low, load.calls_high))
    weights, in_money, error = _weights(load)
    allowed: tuple[Sequence[Shift], Numbers | None] = (shifts, None)
    if free:
        allowed = single_hours(_covered(shifts, staff))
    rota = best_rota(usual * weights, staff, *allowed)
    bounds = [lost_with(each * weights, staff) - lost_with(each * weights, rota.staff) for each in (low, high)]
    days = load.expected.weekdays[:, None]
    now, then = (lost_with(usual * weights, each) for each in (staff, rota.staff))
    low_kept, high_kept = _bounds(now - then, bounds, error)
    return Advice(
        rota,
        in_money,
        now,
        then,
        low_kept,
        high_kept,
        (lost_with(usual * days, staff), lost_with(usual * days, rota.staff)),
        _of_hours(usual * weights, staff) - _of_hours(usual * weights, rota.staff),
    )


def _weights(load: Load) -> tuple[Numbers, bool, float]:
    """What a missed call of each hour costs in a month, whether in money, and the error of the logarithm."""
    days = load.expected.weekdays[:, None]
    if np.isfinite(load.of_call).all() and (load.of_call > 0).any():
        return np.broadcast_to(load.of_call[0], (DAYS, HOURS)) * days, True, float(load.worth_error[0])
    return np.broadcast_to(days, (DAYS, HOURS)), False, 0.0


def _bounds(kept: float, of_calls: Sequence[float], error: float) -> tuple[float, float]:
    """With few calls and with many, widened by what their worth may err."""
    if kept <= 0:
        return min(kept, *of_calls), max(kept, *of_calls)
    logs = [np.log(max(each, kept * 1e-6) / kept) for each in (min(*of_calls, kept), max(*of_calls, kept))]
    room = quantile() * error
    low, high = (float(kept * np.exp(sign * np.hypot(each, room))) for sign, each in zip((-1, 1), logs, strict=True))
    return low, high


def _of_hours(lost: Numbers, staff: Counts) -> Numbers:
    taken = np.minimum(staff, len(lost) - 1)
    return np.asarray(np.take_along_axis(lost, taken[None], axis=0)[0])


def _covered(shifts: Sequence[Shift], staff: Counts) -> Numbers:
    """Hours in which somebody works, or a shift could put him: (7, 24)."""
    hours = np.zeros(HOURS)
    for shift in shifts:
        hours[[(shift.start + number) % HOURS for number in range(shift.hours)]] = 1
    return np.asarray(np.maximum(np.broadcast_to(hours, (DAYS, HOURS)), staff > 0), float)


def _as_one(heard: Heard) -> Heard:
    """All dealers as one."""
    return Heard(
        (OTHERS,),
        heard.days,
        heard.holidays,
        {name: each.sum(axis=0, keepdims=True) for name, each in heard.by_hour.items()},
        heard.recent.sum(axis=1, keepdims=True),
        heard.leads.sum(axis=0, keepdims=True),
        heard.daily.sum(axis=0, keepdims=True),
    )
