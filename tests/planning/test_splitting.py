"""A number on the top, shared to dealers and months: whatever is locked or closed, the parts add up to it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput
from planning.dimensions import DealerPlace, Network, known_network
from planning.editing import Cell, Editor
from planning.grid import Grid, LineKey, empty_grid
from planning.lines import read_lines
from planning.plans import Plans, PlanVersion
from planning.sharing import Sharer, keep_capacities, known_capacities, targets_of
from planning.splitting import Basis, Split, SplitMethod, split_lines
from planning.undoing import undo
from tests.planning.conftest import DEALERS

YEAR = tuple(range(1, 13))
NETWORK = Network(tuple(
    DealerPlace(each.id, each.name, each.brand, each.city, each.group, each.holding, each.opened, each.closed)
    for each in DEALERS
))  # fmt: skip
NORTH, SOUTH = LineKey("sales", "north", "new_car"), LineKey("sales", "south", "new_car")


def split(totals: int | tuple[int, ...], method: SplitMethod = SplitMethod.EVEN, **told: Any) -> Split:
    whole = totals if isinstance(totals, tuple) else (totals,)
    return Split(**{"measure": "sales", "totals": whole, "months": YEAR, "method": method, **told})


def lines_of(*told: tuple[LineKey, list[int]], locked: set[tuple[LineKey, int]] = frozenset()) -> Grid:  # type: ignore[assignment]
    grid = empty_grid([key for key, _ in told])
    for place, (key, values) in enumerate(told):
        grid.values[place] = values
        grid.locked[place] = [(key, month) in locked for month in YEAR]
    return grid


def history(**sales: list[int]) -> Basis:
    return Basis(lines_of(*((LineKey("sales", dealer, "new_car"), values) for dealer, values in sales.items())))


def of_year(grid: Grid) -> dict[str, int]:
    return dict(zip(grid.column("dealer"), grid.values.sum(axis=1).tolist(), strict=True))


@st.composite
def drafts(draw: st.DrawFn) -> tuple[Grid, Split, Basis]:
    """Lines with locks, and something to share out over them."""
    keys = draw(st.lists(st.builds(
        LineKey, st.just("sales"), st.sampled_from([each.id for each in DEALERS]),
        st.sampled_from(["", "new_car", "used_car"]), st.sampled_from(["", "search"]),
    ), unique=True, max_size=8))  # fmt: skip
    grid = empty_grid(keys)
    months = {each.id: np.array(each.open_months(2027)) for each in NETWORK.dealers}
    for place, key in enumerate(keys):
        values = draw(st.lists(st.integers(0, 50), min_size=12, max_size=12))
        grid.values[place] = np.where(months[key.dealer], values, 0)
        grid.locked[place] = draw(st.lists(st.booleans(), min_size=12, max_size=12))
    basis = Basis(
        lines_of(*((key, draw(st.lists(st.integers(0, 9), min_size=12, max_size=12))) for key in keys)),
        {("north", "new_car"): 7, ("south", "new_car"): 2},
        {"north": 2.5, "east": 1.0},
    )
    months_asked = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=12, unique=True).map(sorted)))
    count = draw(st.sampled_from([1, len(months_asked)]))
    totals = tuple(draw(st.lists(st.integers(0, 5000), min_size=count, max_size=count)))
    asked = draw(st.fixed_dictionaries({
        "brand": st.sampled_from(["", "Lada"]), "direction": st.sampled_from(["", "new_car"]),
        "step": st.sampled_from([1, 10]), "channels": st.sampled_from([(), ("search", "social")]),
    }))  # fmt: skip
    return grid, split(totals, draw(st.sampled_from(SplitMethod)), months=months_asked, **asked), basis


@given(drafts())
def test_parts_add_up_and_nothing_else_moves(told: tuple[Grid, Split, Basis]) -> None:
    before, asked, basis = told
    try:
        after = split_lines(asked, before, NETWORK, 2027, basis)
    except InvalidInput:
        return
    before = before.with_keys(after.keys)
    months = [month - 1 for month in asked.months]
    brands = {each.id: each.brand for each in NETWORK.dealers}
    inside = np.array([
        asked.brand in ("", brands[key.dealer]) and asked.direction in ("", key.direction) for key in after.keys
    ])  # fmt: skip
    sums = after.values[inside][:, months].sum(axis=0)
    if len(asked.totals) == len(asked.months):
        assert sums.tolist() == list(asked.totals)
    else:
        assert int(sums.sum()) == asked.totals[0]
    assert (after.values >= 0).all()
    untouched = np.ones(after.values.shape, dtype=bool)
    untouched[np.ix_(np.flatnonzero(inside), np.array(months))] = False
    kept = untouched | before.locked
    assert (after.values[kept] == before.values[kept]).all()
    for key, values in zip(after.keys, after.values, strict=True):
        is_open = np.array(NETWORK.by_id[key.dealer].open_months(2027))
        assert not values[~is_open].any()


def test_by_history_each_month_has_its_share() -> None:
    basis = history(north=[30] * 6 + [60] * 6, south=[10] * 12)
    after = split_lines(split(1320, SplitMethod.HISTORY, directions=("new_car",)), empty_grid(), NETWORK, 2027, basis)
    assert after.values[after.places[NORTH]].tolist() == [60] * 6 + [120] * 6
    assert after.values[after.places[SOUTH]].tolist() == [20] * 12


def test_by_seasonality_a_small_dealer_has_the_season_of_all() -> None:
    basis = history(north=[100] * 6 + [200] * 6, south=[0] * 11 + [18])
    asked = split(1818, SplitMethod.SEASONALITY, directions=("new_car",))
    after = split_lines(asked, empty_grid(), NETWORK, 2027, basis)
    south = after.values[after.places[SOUTH]]
    assert int(south.sum()) == 18
    assert south.tolist() == [1] * 6 + [2] * 6


def test_by_capacity_and_by_own_weights() -> None:
    basis = Basis(empty_grid(), {("north", "new_car"): 30, ("south", "new_car"): 10}, {"north": 1, "south": 4})
    by_capacity, by_weights = (
        split_lines(split(total, method, directions=("new_car",)), empty_grid(), NETWORK, 2027, basis)
        for total, method in ((480, SplitMethod.CAPACITY), (100, SplitMethod.WEIGHTS))
    )
    years = [
        dict(zip(each.column("dealer"), each.values.sum(axis=1).tolist(), strict=True))
        for each in (by_capacity, by_weights)
    ]
    assert years == [
        {"north": 360, "south": 120, "east": 0, "west": 0},
        {"north": 20, "south": 80, "east": 0, "west": 0},
    ]


def test_what_is_closed_or_locked_has_no_share() -> None:
    before = lines_of((NORTH, [5] * 12), locked={(NORTH, month) for month in range(1, 12)})
    after = split_lines(split(100, brand="Lada", direction="new_car"), before, NETWORK, 2027, history())
    assert after.values[after.places[NORTH]][:11].tolist() == [5] * 11
    assert int(after.values.sum()) == 100
    chery = split_lines(split(60, brand="Chery", direction="new_car"), empty_grid(), NETWORK, 2027, history())
    east, west = (chery.values[chery.places[LineKey("sales", name, "new_car")]] for name in ("east", "west"))
    assert east.tolist()[6:] == [0] * 6
    assert west.tolist()[:3] == [0] * 3


@pytest.mark.parametrize(("asked", "said"), [
    (split(10, direction="new_car"), "Locked cells already plan 60, which is more than 10"),
    (split((1,) * 12, direction="new_car"), "Locked cells of month 1 already plan 5"),
    (split(1000, SplitMethod.HISTORY, brand="Lada"), "nothing of the kind happened"),
    (split(1000, SplitMethod.CAPACITY, brand="Lada"), "no capacities are entered"),
    (split(1, brand="BMW"), "No dealer stands under BMW"),
])  # fmt: skip
def test_what_cannot_be_shared_says_why(asked: Split, said: str) -> None:
    before = lines_of((NORTH, [5] * 12), locked={(NORTH, month) for month in YEAR})
    with pytest.raises(InvalidInput, match=said) as refused:
        split_lines(asked, before, NETWORK, 2027, history())
    assert refused.value.help


@pytest.fixture
def draft(plans: Plans) -> PlanVersion:
    return plans.create("План 2027", 2027, currency="RUB", author="director")


@pytest.fixture
def sharer(holding: Engine, clock: FrozenClock) -> Sharer:
    return Sharer(holding, clock)


def read(engine: Engine, version: int) -> Grid:
    with engine.connect() as connection:
        return read_lines(connection, version)


def test_a_split_is_kept_with_its_target_and_bottom_up_differs_from_it(
    holding: Engine, sharer: Sharer, editor: Editor, draft: PlanVersion
) -> None:
    told = sharer.split(draft.id, [split(1200, directions=("new_car",))], history(), author="director", why="the board")
    assert told.lines == 4
    editor.put(draft.id, [Cell(NORTH, 1, 500)], author="anna")
    with holding.connect() as connection:
        network, lines = known_network(connection), read_lines(connection, draft.id)
        (target,) = targets_of(connection, draft.id, network, lines)
        mine = Visibility(dealers=frozenset({"north"}))
        assert targets_of(connection, draft.id, known_network(connection, mine), lines, seen=mine) == []
    assert (target.value, target.difference) == (1200, int(lines.values.sum()) - 1200)
    assert target.difference > 0


def test_of_two_who_share_out_at_once_the_second_is_told(sharer: Sharer, editor: Editor, draft: PlanVersion) -> None:
    seen = editor.put(draft.id, [Cell(NORTH, 1, 5)], author="anna").edit
    sharer.split(draft.id, [split(120)], history(), author="boris", based_on=seen)
    with pytest.raises(Conflict, match="boris has changed this version meanwhile"):
        sharer.split(draft.id, [split(240)], history(), author="anna", based_on=seen)


@pytest.mark.parametrize(("keep", "others"), [("year", [(NORTH, 2), (NORTH, 3)]), ("month", [(SOUTH, 1)])])
def test_others_give_what_a_cell_takes(
    holding: Engine, sharer: Sharer, editor: Editor, draft: PlanVersion, keep: str, others: list[tuple[LineKey, int]]
) -> None:
    cells = [Cell(NORTH, 1, 10), Cell(NORTH, 2, 20), Cell(NORTH, 3, 30), Cell(SOUTH, 1, 50), Cell(SOUTH, 2, 5)]
    editor.put(draft.id, cells, author="anna")
    before = read(holding, draft.id)
    sharer.put_keeping(draft.id, Cell(NORTH, 1, 25), keep, author="anna")
    after = read(holding, draft.id)
    assert int(after.values.sum()) == int(before.values.sum())
    assert int(after.values[after.places[NORTH], 0]) == 25
    given = before.values - after.values
    assert sum(int(given[before.places[key], month - 1]) for key, month in others) == 15
    with pytest.raises(InvalidInput, match="The others cannot give"):
        sharer.put_keeping(draft.id, Cell(NORTH, 1, 5000), keep, author="anna")
    assert (read(holding, draft.id).values == after.values).all()


def test_the_newest_change_can_be_taken_back(
    holding: Engine, clock: FrozenClock, sharer: Sharer, editor: Editor, draft: PlanVersion
) -> None:
    first = editor.put(draft.id, [Cell(NORTH, 1, 10)], author="anna").edit
    told = sharer.split(draft.id, [split(1200, brand="Lada", direction="new_car")], history(), author="anna")
    with pytest.raises(Conflict, match="anna has changed this version"):
        undo(holding, clock, draft.id, first, author="boris")
    undone = undo(holding, clock, draft.id, told.edit, author="boris")
    back = read(holding, draft.id)
    assert (int(back.values.sum()), int(back.values[back.places[NORTH], 0])) == (10, 10)
    undo(holding, clock, draft.id, undone.edit, author="boris")
    assert int(read(holding, draft.id).values.sum()) == 1200


def test_capacities_are_kept(holding: Engine) -> None:
    with holding.begin() as connection:
        keep_capacities(connection, {("north", "new_car"): 40})
        keep_capacities(connection, {("south", "new_car"): 20})
        assert known_capacities(connection) == {("south", "new_car"): 20}
        with pytest.raises(InvalidInput, match="not negative"):
            keep_capacities(connection, {("south", "new_car"): -1})
