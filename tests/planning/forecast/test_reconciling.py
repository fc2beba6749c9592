"""Whatever is forecast: reconciled, it adds up at every level and is nowhere below 0; what adds up already stays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.forecast.outlook import Series
from planning.forecast.reconciling import covariance, reconciled
from planning.forecast.tree import Level, Tree, tree_of


def tree(dealers: int, directions: int) -> Tree:
    return tree_of([Series("sales", f"d{at}", f"k{to}") for at in range(dealers) for to in range(directions)])


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 10**6))
def test_it_adds_up_and_is_not_negative(dealers: int, directions: int, seed: int) -> None:
    its, draw = tree(dealers, directions), np.random.default_rng(seed)
    base = draw.normal(5, 20, (len(its.nodes), 4))
    found = reconciled(base, draw.normal(0, draw.uniform(0, 9), (len(its.nodes), 14)), its)
    lines = found[its.sums :]
    assert (found >= 0).all()
    assert found == pytest.approx(its.added_up(lines))
    for at, node in enumerate(its.nodes):
        own = [
            to
            for to, line in enumerate(its.nodes[its.sums :])
            if node.dealer in ("", line.dealer) and node.direction in ("", line.direction)
        ]
        assert found[at] == pytest.approx(lines[own].sum(axis=0))


def test_what_adds_up_stays() -> None:
    its, draw = tree(4, 2), np.random.default_rng(1)
    base = its.added_up(draw.uniform(1, 30, (8, 3)))
    assert reconciled(base, draw.normal(0, 2, (len(its.nodes), 20)), its) == pytest.approx(base, rel=1e-5)


def test_what_errs_less_moves_less() -> None:
    its, draw = tree(3, 1), np.random.default_rng(2)
    errors = draw.normal(0, 1, (len(its.nodes), 40))
    errors[-1] *= 20
    base = np.full((len(its.nodes), 1), 10.0)
    base[0] = 60
    moved = np.abs(reconciled(base, errors, its) - base)[its.sums :, 0]
    assert moved[-1] > 1.5 * moved[0]


def test_the_covariance_can_be_inverted_with_fewer_months_than_series() -> None:
    errors = np.random.default_rng(5).normal(0, 3, (40, 6))
    assert np.linalg.eigvalsh(covariance(errors)).min() > 0


def test_a_dealer_whose_directions_are_not_told_apart_is_a_line() -> None:
    its = tree_of([Series("leads", "a"), Series("leads", "b")])
    assert its.nodes == (Series("leads"), Series("leads", "a"), Series("leads", "b"))
    assert its.levels == (Level.HOLDING, Level.DEALER, Level.DEALER)
