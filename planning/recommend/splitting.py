"""The best split in whole money, whichever of the three questions is asked."""

import numpy as np

from planning.recommend.allocation import check_budget, spend_budget, spend_down_to, spend_for, spendable
from planning.recommend.limits import Room, Whole
from planning.recommend.linear import Aim, Wanted, split_by_pieces
from planning.recommend.whole import in_steps
from planning.response.curves import Curves, Numbers

_MOST_TRIES = 50


def best_split(wanted: Wanted, room: Room) -> Whole:
    """Minor units of each spot. Of a budget, their sum is the budget.

    Raises `InvalidInput` where bounds, totals and limits contradict each other or what is asked for.
    """
    room.check()
    room = room.on_steps
    if wanted.aim is Aim.BUDGET:
        check_spendable(wanted, room)
        return in_steps(_in_fractions(wanted, room), round(wanted.amount), room, wanted.worth, wanted.leads)
    spend = _in_fractions(wanted, room)
    budget = _in_whole_steps(float(spend.sum()), room, up=wanted.aim is Aim.OUTCOME)
    for _ in range(_MOST_TRIES):
        found = in_steps(spend, budget, room, _valued(wanted), wanted.leads)
        is_enough = float(wanted.outcome.at(found.astype(float)).sum()) >= wanted.amount * (1 - 1e-9)
        if wanted.aim is Aim.PRICE or is_enough or budget >= _most(room):
            break
        budget = min(budget + room.step, _most(room))
    return found


def _valued(wanted: Wanted) -> Curves:
    return wanted.outcome if wanted.aim is Aim.OUTCOME else wanted.worth


def _in_fractions(wanted: Wanted, room: Room) -> Numbers:
    if not room.is_plain:
        return split_by_pieces(wanted, room)
    low, high = room.low.astype(float), room.high.astype(float)
    totals = room.totals[0] if room.totals else None
    if wanted.aim is Aim.BUDGET:
        return spend_budget(wanted.worth, wanted.amount, low, high, totals)
    if wanted.aim is Aim.OUTCOME:
        return spend_for(wanted.outcome, wanted.amount, low, high, totals)
    return spend_down_to(wanted.worth, wanted.amount, low, high, totals)


def check_spendable(wanted: Wanted, room: Room) -> None:
    """Raises `InvalidInput` for a budget that bounds do not let be spent."""
    if wanted.aim is not Aim.BUDGET:
        return
    low, high = room.low.astype(float), room.high.astype(float)
    check_budget(wanted.amount, *spendable(low, high, room.totals[0] if room.is_plain and room.totals else None))


def _in_whole_steps(total: float, room: Room, *, up: bool) -> int:
    """The nearest sum that whole steps can make; the next above it where so much is needed."""
    least, most = room.steps
    fixed = int(room.low[~room.is_free].sum())
    steps = (total - fixed) / room.step
    count = int(np.ceil(steps - 1e-6) if up else np.rint(steps))
    return fixed + room.step * int(np.clip(count, least.sum(), most.sum()))


def _most(room: Room) -> int:
    return int(room.low[~room.is_free].sum()) + room.step * int(room.steps[1].sum())
