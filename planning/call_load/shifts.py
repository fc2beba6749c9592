"""The best rota that the same hours of work allow: so that what is lost by missed calls is least.

An exact integer programme (`scipy.optimize.milp`, HiGHS). Whole people begin each shift on each day of the week; an
hour is worth what its operators keep, each the less the more there are. Where an hour's gains fall, as Erlang
A's do, no
order of them has to be said; where they do not, each operator counts only after the one before. Of rotas that lose
alike, the one that is nearest to what there is holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from infra.errors import InvalidInput
from planning.call_load.centres import DAYS, HOURS, Shift
from planning.call_load.queues import Counts, Numbers

WEEK = DAYS * HOURS
_LONGEST_S = 10.0
_NEARNESS = 1e-4
"""Of what is lost in a mean hour: the price of each hour in which a rota differs from what there is."""


@dataclass(frozen=True)
class Rota:
    """`people` begin each shift on each day (shifts, 7); `staff` are at work in each hour (7, 24).

    `lost` is what a week loses; nothing that these hours allow loses less than `least`.
    """

    shifts: tuple[Shift, ...]
    people: Counts
    staff: Counts
    lost: float
    least: float


def single_hours(is_allowed: Numbers) -> tuple[tuple[Shift, ...], Numbers]:
    """Each hour of the day as a shift of its own, and on which days it may be worked: for hours that move freely."""
    return tuple(Shift(name=f"{hour:02}", start=hour, hours=1) for hour in range(HOURS)), is_allowed.T


def best_rota(
    losses: Numbers, staff: Counts, shifts: Sequence[Shift], allowed: Numbers | None = None, hours: int | None = None
) -> Rota:
    """`losses` (people + 1, 7, 24) are a week's, by how many are at work; `staff` (7, 24) is who is there now.

    `allowed` (shifts, 7) says which shift may begin on which day. `hours` of work are those there are, unless said.
    Raises `InvalidInput` where there is no shift, or where the hours are fewer than the shortest has.
    """
    budget = int(staff.sum()) if hours is None else hours
    _check(shifts, budget)
    cover = _cover(shifts)
    lost = losses.reshape(len(losses), WEEK)
    gains = lost[:-1] - lost[1:]
    lengths = np.array([each.hours for each in shifts])
    people, kept_at_most = _solved(gains[: _levels(gains)], cover, staff.ravel(), lengths, budget, allowed)
    at_work = cover.astype(np.int64) @ people
    total = lost_with(losses, at_work.reshape(DAYS, HOURS))
    least = min(total, max(0.0, float(lost[0].sum()) - kept_at_most))
    return Rota(tuple(shifts), people.reshape(len(shifts), DAYS), at_work.reshape(DAYS, HOURS), total, least)


def lost_with(losses: Numbers, staff: Counts) -> float:
    """What a week loses with these people at work."""
    taken = np.minimum(staff, len(losses) - 1)
    return float(np.take_along_axis(losses, taken[None], axis=0).sum())


def _check(shifts: Sequence[Shift], budget: int) -> None:
    if not shifts:
        raise InvalidInput(
            "There is no shift to work by.", where="shifts", help="Tell the call centre's shifts on its settings' page."
        )
    shortest = min(each.hours for each in shifts)
    if budget < shortest:
        raise InvalidInput(
            f"{budget} hours of work a week are less than the shortest shift, which has {shortest}.",
            where="staff",
            help="Tell who is at work when, or shorter shifts, on the settings' page of the call centre.",
        )


def _cover(shifts: Sequence[Shift]) -> csr_array:
    """Which hours of the week a shift that begins on a day covers: (168, shifts × 7). A week follows the other."""
    rows, columns = [], []
    for number, shift in enumerate(shifts):
        for day in range(DAYS):
            for hour in range(shift.hours):
                rows.append((day * HOURS + shift.start + hour) % WEEK)
                columns.append(number * DAYS + day)
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(WEEK, len(shifts) * DAYS))


def _levels(gains: Numbers) -> int:
    """How many operators make any difference in any hour."""
    matters = (gains > 1e-9 * max(float(gains.max(initial=0)), 1e-12)).any(axis=1)
    return int(np.flatnonzero(matters).max(initial=-1)) + 1


def _solved(
    gains: Numbers, cover: csr_array, staff: Counts, lengths: Counts, budget: int, allowed: Numbers | None
) -> tuple[Counts, float]:
    """People by shift and day, and what any rota keeps at most.

    Variables are those people; each hour's operators, one by one; how far each hour is from what there is.
    """
    starts, operators = cover.shape[1], len(gains) * WEEK
    may_begin = np.full(starts, np.inf) if allowed is None else np.where(allowed.ravel() > 0, np.inf, 0.0)
    is_uneven = (np.diff(gains, axis=0) > 1e-9 * gains.max(initial=0)).any(axis=0)
    price = _NEARNESS * float(gains.sum()) / WEEK
    rows, limits = _limits(gains, cover, staff, lengths, budget, is_uneven)
    found = milp(
        np.concatenate([np.zeros(starts), -gains.ravel(), np.full(WEEK, price)]),
        integrality=np.concatenate([np.ones(starts), np.tile(is_uneven, len(gains)), np.zeros(WEEK)]),
        bounds=Bounds(0, np.concatenate([may_begin, np.ones(operators), np.full(WEEK, np.inf)])),
        constraints=LinearConstraint(rows, ub=limits),
        options={"time_limit": _LONGEST_S},
    )
    if found.x is None:
        raise InvalidInput(
            "No rota was found in time.", where="shifts", help="Tell fewer shifts, or ask again when less is going on."
        )
    bound = found.fun if found.mip_dual_bound is None else min(found.fun, found.mip_dual_bound)
    return np.rint(found.x[:starts]).astype(np.int64), -float(bound)


def _limits(
    gains: Numbers, cover: csr_array, staff: Counts, lengths: Counts, budget: int, is_uneven: Numbers
) -> tuple[csr_array, Numbers]:
    """Who counts is at work; distances are from what there is; hours are no more than there are."""
    levels, starts, operators = len(gains), cover.shape[1], len(gains) * WEEK
    counted = hstack([csr_array((WEEK, 0)), *[eye_array(WEEK)] * levels])
    none, nobody, one = csr_array((WEEK, operators)), csr_array((WEEK, WEEK)), eye_array(WEEK)
    hours = np.concatenate([np.repeat(lengths, DAYS), np.zeros(operators + WEEK)])
    rows = [
        hstack([-cover, counted, nobody]), hstack([cover, none, -one]), hstack([-cover, none, -one]),
        csr_array(hours[None]),
    ]  # fmt: skip
    limits = [np.zeros(WEEK), staff, -staff, [budget]]
    if is_uneven.any():
        later = eye_array(operators - WEEK, operators, k=WEEK) - eye_array(operators - WEEK, operators)
        uneven = csr_array(later)[np.flatnonzero(np.tile(is_uneven, levels - 1))]
        rows.append(hstack([csr_array((uneven.shape[0], starts)), uneven, csr_array((uneven.shape[0], WEEK))]))
        limits.append(np.zeros(uneven.shape[0]))
    return csr_array(vstack(rows)), np.concatenate([np.asarray(each, float) for each in limits])
