"""From a split in fractions to whole steps of money that add up exactly.

Every spot first gets the multiple of the step below its spend; steps that are left go one by one to where the next
brings most, as bounds and totals allow. Where groups cross each other or leads are limited, an integer program of the
last steps decides. What the budget has beside whole steps goes to one spot.
"""

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from infra.errors import InvalidInput
from planning.recommend.limits import Flags, Places, Room, Totals, Whole, amount, members
from planning.response.curves import Curves, Numbers

_NEAR = 3


def in_steps(spend: Numbers, budget: int, room: Room, worth: Curves, leads: Curves) -> Whole:
    """Minor units of the sum `budget`. Raises `InvalidInput` where no whole steps add up to it within the bounds."""
    is_free = room.is_free
    least, most = room.steps
    steps = np.clip(np.floor(spend / room.step + 1e-9).astype(np.int64), least, most)
    found = np.where(is_free, steps * room.step, room.low)
    rest, odd = divmod(budget - int(found.sum()), room.step)
    if odd:
        found = _with_odd(found, odd, room, worth)
    if room.is_plain:
        totals = room.totals[0] if room.totals else None
        found = _up_to_the_least(found, totals, room, worth, is_free)
        rest = (budget - int(found.sum())) // room.step
        found = _stepped(found, rest, totals, room, worth, is_free)
    elif rest or not _all_kept(found, room, leads):
        found = _by_program(found, budget, room, worth, leads, is_free)
    _check_sum(found, budget, room)
    return found


def _check_sum(found: Whole, budget: int, room: Room) -> None:
    if int(found.sum()) != budget or not all(totals.are_kept(found) for totals in room.totals):
        raise InvalidInput(
            f"No split in steps of {amount(room.step)} adds up to {amount(budget)} within these bounds.",
            where="step",
            help="Make the step smaller, or widen the bounds.",
        )


def _all_kept(found: Whole, room: Room, leads: Curves) -> bool:
    come = leads.at(found.astype(float))
    return all(totals.are_kept(found) for totals in room.totals) and all(each.are_kept(come) for each in room.limits)


def _with_odd(found: Whole, odd: int, room: Room, worth: Curves) -> Whole:
    """What no step makes up goes to one spot: where it brings most, or else in place of one of its steps."""
    for change in (odd, odd - room.step):
        after = found + change
        may = room.is_free & (after <= room.high) & (after >= room.low)
        for totals in room.totals:
            left = np.append(totals.most - totals.sums(found), np.inf)[totals.of]
            may &= left >= change
        if may.any():
            gain = np.where(may, worth.at(after.astype(float)) - worth.at(found.astype(float)), -np.inf)
            place = int(np.argmax(gain))
            return np.where(np.arange(len(found)) == place, after, found)
    return found


def _up_to_the_least(found: Whole, totals: Totals | None, room: Room, worth: Curves, is_free: Flags) -> Whole:
    """Groups whose steps fell below what they must have get the missing ones first."""
    if totals is None:
        return found
    for place in np.flatnonzero(totals.sums(found) < totals.least - 0.5):
        missing = int(-(-(totals.least[place] - totals.sums(found)[place]) // room.step))
        found = _stepped(found, missing, totals, room, worth, is_free & (totals.of == place))
    return found


def _stepped(
    found: Whole, count: int, totals: Totals | None, room: Room, worth: Curves, is_free: Flags
) -> Whole:  # fmt: skip
    """So many steps more, or less where the count is below 0, each where it does most good; as far as there is room."""
    sign = 1 if count > 0 else -1
    left = abs(count)
    while left:
        after = found + sign * room.step
        may = is_free & (after <= room.high) & (after >= room.low)
        gain = worth.at(after.astype(float)) - worth.at(found.astype(float))
        order = np.flatnonzero(may)
        order = order[np.argsort(-gain[order], kind="stable")]
        order = order[_within(order, totals, found, sign, room.step)][:left]
        if not len(order):
            break
        found = found.copy()
        found[order] += sign * room.step
        left -= len(order)
    return found


def _within(order: Places, totals: Totals | None, found: Whole, sign: int, step: int) -> Flags:
    """Of spots in their order, those whose group still has room for a step of each before them, too."""
    if totals is None:
        return np.ones(len(order), dtype=bool)
    sums = totals.sums(found)
    room = (totals.most - sums if sign > 0 else sums - totals.least) / step + 1e-9
    group = totals.of[order]
    by_group = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[by_group], group[by_group])
    rank = np.empty(len(order), dtype=np.int64)
    rank[by_group] = np.arange(len(order)) - starts
    return np.asarray(rank + 1 <= np.append(room, np.inf)[group])


def _by_program(
    found: Whole, budget: int, room: Room, worth: Curves, leads: Curves, is_free: Flags
) -> Whole:  # fmt: skip
    """A few steps less or more of each spot, so that all bounds are kept."""
    step = room.step
    down = -np.where(is_free, np.clip((found - room.low) // step, 0, _NEAR), 0)
    up = np.where(is_free, np.clip((room.high - found) // step, 0, _NEAR), 0)
    value, come = worth.at(found.astype(float)), leads.at(found.astype(float))
    more = (found + step).astype(float)
    gain, leads_more = worth.at(more) - value, leads.at(more) - come
    rows, low, high = _bounds_of(found, budget, room, come, leads_more)
    solved = milp(
        -gain,
        integrality=np.ones(len(found), dtype=np.int8),
        bounds=Bounds(down, up),
        constraints=LinearConstraint(rows, low, high),
        options={"mip_rel_gap": 1e-4, "time_limit": 5.0},
    )
    if solved.x is None:
        return found
    return found + np.rint(solved.x).astype(np.int64) * step


def _bounds_of(
    found: Whole, budget: int, room: Room, come: Numbers, leads_more: Numbers
) -> tuple["sparse.csr_array", Numbers, Numbers]:
    """What steps of all spots together may come to: the budget exactly, totals and limits between their bounds."""
    exact = (budget - int(found.sum())) / room.step
    rows = [sparse.csr_array(np.ones((1, len(found))))]
    low, high = [np.array([exact])], [np.array([exact])]
    for totals in room.totals:
        sums = totals.sums(found)
        rows.append(members(totals.of, len(totals.names)))
        low.append((totals.least - sums) / room.step)
        high.append((totals.most - sums) / room.step)
    for limits in room.limits:
        rows.append(members(limits.of, len(limits.names), leads_more * limits.weight))
        low.append(np.full(len(limits.names), -np.inf))
        high.append(limits.most - limits.sums(come))
    return sparse.vstack(rows, format="csr"), np.concatenate(low), np.concatenate(high)
