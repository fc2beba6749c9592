"""The best split is SLSQP's, whatever is asked and bounded; it adds up to the minor unit, and says why it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import InvalidInput
from planning.recommend.limits import Places, Room
from planning.recommend.linear import Aim, Wanted
from planning.recommend.splitting import best_split
from planning.response.curves import Family
from tests.planning.recommend.splits import by_slsqp, grouped, limited, room_around, spots

SEEDS = range(3)
TINY = 2e-6


def by_tens(count: int) -> Places:
    return np.arange(count, dtype=np.intp) // 10


def apart(count: int, groups: int = 10) -> Places:
    return np.arange(count, dtype=np.intp) % groups


def check_as_good(wanted: Wanted, room: Room) -> None:
    ours, theirs = best_split(wanted, room), by_slsqp(wanted, room)
    assert (room.low <= ours).all()
    assert (ours <= room.high).all()
    if wanted.aim is Aim.OUTCOME:
        assert wanted.outcome.at(ours).sum() >= wanted.amount * (1 - 1e-9)
        assert ours.sum() == pytest.approx(theirs.sum(), rel=TINY)
    else:
        price = wanted.amount if wanted.aim is Aim.PRICE else 0.0
        gains = [float(wanted.worth.at(spend).sum() - price * spend.sum()) for spend in (ours, theirs)]
        assert gains[0] == pytest.approx(gains[1], rel=TINY)
    if wanted.aim is Aim.BUDGET:
        assert ours.sum() == round(wanted.amount)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("aim", Aim)
def test_it_is_slsqps_optimum(seed: int, family: Family, aim: Aim) -> None:
    wanted = spots(40, seed, family)
    amounts = {Aim.BUDGET: wanted.amount, Aim.OUTCOME: float(wanted.leads.brought.sum() * 1.02), Aim.PRICE: 1.5}
    check_as_good(replace(wanted, aim=aim, amount=amounts[aim]), room_around(wanted))


@pytest.mark.parametrize("seed", SEEDS)
def test_it_keeps_totals_of_one_kind(seed: int) -> None:
    wanted = spots(40, seed)
    usual = grouped("dealer", by_tens(40), {}, {}).sums(wanted.worth.usual)
    totals = grouped("dealer", by_tens(40), {0: usual[0] * 1.1}, {1: usual[1] * 0.9, 2: usual[2]})
    check_as_good(wanted, room_around(wanted, totals=(totals,)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("aim", Aim)
def test_it_keeps_totals_that_cross_and_limits_on_leads(seed: int, aim: Aim) -> None:
    wanted = spots(40, seed)
    dealers, channels = by_tens(40), apart(40)
    of_dealers = grouped("dealer", dealers, {}, {})
    usual, come = of_dealers.sums(wanted.worth.usual), of_dealers.sums(wanted.leads.brought)
    of_channels = grouped("channel", channels, {3: 1.1 * wanted.worth.usual[channels == 3].sum()}, {})
    room = room_around(
        wanted,
        totals=(grouped("dealer", dealers, {0: usual[0]}, {1: usual[1]}), of_channels),
        limits=(limited("calls", dealers, {2: come[2] * 0.98}),),
    )
    amounts = {Aim.BUDGET: wanted.amount, Aim.OUTCOME: float(wanted.leads.brought.sum() * 1.01), Aim.PRICE: 1.5}
    check_as_good(replace(wanted, aim=aim, amount=amounts[aim]), room)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 30), st.integers(0, 10**6), st.sampled_from(Family), st.floats(0.02, 0.98),
    st.sampled_from((1, 100, 10_000)), st.sampled_from(("", "one", "cross", "limit")),
)  # fmt: skip
def test_the_budget_is_exact_and_every_bound_is_kept(
    count: int, seed: int, family: Family, share: float, step: int, kind: str
) -> None:
    wanted = spots(count, seed, family)
    room = room_around(wanted, 0.6, 1.4, step=step)
    least, most = room.steps
    budget = int(step * (least.sum() + int(share * (most - least).sum())) + (seed % step if count > 1 else 0))
    budget = min(budget, int(step * most.sum()))
    wanted = replace(wanted, amount=float(budget))
    dealers = grouped("dealer", apart(count, 3), {}, {})
    plain = best_split(wanted, room)
    sums = dealers.sums(plain)
    tight = grouped("dealer", apart(count, 3), {0: max(0.0, sums[0] - 5 * step)}, {0: sums[0] + 5 * step})
    channels = grouped("channel", apart(count, 2), {}, {0: grouped("", apart(count, 2), {}, {}).sums(plain)[0]})
    a_step_more = float((wanted.leads.slope(room.low) * step)[::2].sum())
    limits = limited("calls", apart(count, 2), {0: float(wanted.leads.at(plain)[::2].sum()) + a_step_more})
    room = replace(
        room,
        totals={"one": (tight,), "cross": (tight, channels)}.get(kind, ()),
        limits=(limits,) if kind == "limit" else (),
    )
    found = best_split(wanted, room)
    assert found.sum() == budget
    assert ((room.low <= found) & (found <= room.high)).all()
    assert all(totals.are_kept(found) for totals in room.totals)
    assert all(each.are_kept(wanted.leads.at(found)) for each in room.limits)
    assert (found % step != 0).sum() <= 1


@pytest.mark.parametrize(("budget", "said"), [(1.0, "below the lower bounds"), (1e15, "above the upper bounds")])
def test_a_budget_out_of_bounds_is_refused_in_words(budget: float, said: str) -> None:
    wanted = replace(spots(5, 0), amount=budget)
    with pytest.raises(InvalidInput, match=said):
        best_split(wanted, room_around(wanted))


def test_what_contradicts_itself_is_refused_in_words() -> None:
    wanted = spots(20, 0)
    dealers = by_tens(20)
    for totals, said in (
        (grouped("dealer", dealers, {0: 5.0}, {0: 2.0}), "at least 0.05 and at most 0.02"),
        (grouped("dealer", dealers, {0: 1e12}, {}), "must be at least"),
        (grouped("dealer", dealers, {}, {0: 1.0}), r"need .* at least"),
    ):
        with pytest.raises(InvalidInput, match=said):
            best_split(wanted, room_around(wanted, totals=(totals,)))
    room = room_around(wanted, limits=(limited("calls", dealers, {0: 1.0}),))
    with pytest.raises(InvalidInput, match="calls of 1 for calls 0"):
        best_split(wanted, room)
    crossed = replace(room, low=room.high + 1, names=("north vk",) * 20, limits=())
    with pytest.raises(InvalidInput, match="north vk must get at least"):
        best_split(wanted, crossed)
    with pytest.raises(InvalidInput, match=r"At most .* can come"):
        best_split(replace(wanted, aim=Aim.OUTCOME, amount=1e12), room_around(wanted))


def test_no_spot_at_all_is_no_budget() -> None:
    nothing = spots(0, 0)
    assert len(best_split(replace(nothing, amount=0.0), room_around(nothing))) == 0
