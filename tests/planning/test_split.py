"""Whole numbers shared out: the parts always add up, whatever is shared by whatever weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.split import apportion, nested, share_out

WEIGHTS = st.floats(0, 1e9, allow_subnormal=False)


@st.composite
def groups(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Totals, and members with weights in each of them."""
    count = draw(st.integers(1, 5))
    totals = draw(st.lists(st.integers(0, 10**15), min_size=count, max_size=count))
    weights = draw(st.lists(WEIGHTS, max_size=40)) + [1.0] * count
    group = [draw(st.integers(0, count - 1)) for _ in weights[:-count]] + list(range(count))
    return np.array(totals), np.array(weights), np.array(group)


@given(groups())
def test_parts_add_up_and_are_within_one_of_their_share(told: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    totals, weights, group = told
    parts = apportion(totals, weights, group)
    assert [int(parts[group == each].sum()) for each in range(len(totals))] == totals.tolist()
    assert (parts >= 0).all()
    assert (parts[weights == 0] == 0).all()
    exact = totals[group].astype(np.longdouble) * weights / np.bincount(group, weights)[group]
    assert np.abs(parts - exact).max() < 1 + 1e-3


@st.composite
def trees(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[list[str]]]:
    """Totals of months, and cells of brand and dealer with weights."""
    months = draw(st.integers(1, 3))
    cells = [
        (month, brand, f"{brand}-{dealer}")
        for month in range(months)
        for brand in range(draw(st.integers(1, 3)))
        for dealer in range(draw(st.integers(1, 4)))
    ]
    totals = draw(st.lists(st.integers(0, 10**6), min_size=months, max_size=months))
    weights = draw(st.lists(WEIGHTS, min_size=len(cells), max_size=len(cells)))
    weights = [weight + (dealer == "0-0") for weight, (_, _, dealer) in zip(weights, cells, strict=True)]
    return np.array(totals), np.array(weights), [list(map(str, column)) for column in zip(*cells, strict=True)]


@given(trees(), st.sampled_from([1, 5, 1000]))
def test_every_level_has_whole_parts_of_the_one_above(
    told: tuple[np.ndarray, np.ndarray, list[list[str]]], step: int
) -> None:
    totals, weights, columns = told
    levels = nested(*columns)
    cells = share_out(totals, weights, levels, step)
    assert [int(cells[levels[0] == month].sum()) for month in range(len(totals))] == totals.tolist()
    assert (cells >= 0).all()
    assert np.count_nonzero(cells % step) <= len(totals)


def test_a_dealers_year_is_near_its_share_though_its_months_are_small() -> None:
    """Twelve months of 0.4 each: flat rounding would give one dealer everything, or nothing."""
    dealers = [dealer for dealer in "abcde" for _ in range(12)]
    months = [month for _ in "abcde" for month in range(12)]
    levels = nested(["all"] * 60, dealers, months)
    cells = share_out(np.array([24]), np.ones(60), levels)
    assert sorted(int(cells[levels[1] == each].sum()) for each in range(5)) == [4, 5, 5, 5, 5]
    assert cells.max() == 1


def test_known_shares_of_a_parliament() -> None:
    """Hamilton's method on the textbook example: 10 seats for 5.21, 2.9 and 1.89."""
    assert apportion(np.array([10]), np.array([52.1, 29.0, 18.9]), np.zeros(3, dtype=int)).tolist() == [5, 3, 2]


def test_what_nothing_shares_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing that shares it"):
        apportion(np.array([3]), np.zeros(2), np.zeros(2, dtype=int))
    with pytest.raises(ValueError, match="nothing that shares it"):
        share_out(np.array([3]), np.zeros(2), [np.zeros(2, dtype=int)], step=5)
    assert share_out(np.array([0]), np.zeros(2), [np.zeros(2, dtype=int)]).tolist() == [0, 0]
