"""Which model explains journeys that it has not seen."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.journeys.accuracy import area_under_curve, log_loss
from attribution.journeys.hold_out import HoldOut, best_of, try_models
from attribution.journeys.models import models_for
from attribution.journeys.table import Span
from infra.warehouse import Warehouse
from tests.attribution.journeys.reference_models import Pattern
from tests.attribution.journeys.told import told_patterns

GROUPS = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=8)


@given(GROUPS)
def test_the_area_under_the_curve_is_the_share_of_pairs_in_order(groups: list[tuple[int, int, int]]) -> None:
    score, won, lost = (np.array(column, float) for column in zip(*groups, strict=True))
    pairs = [
        (1.0 if a > b else 0.5 if a == b else 0.0)
        for a, wins, _ in groups
        for _ in range(wins)
        for b, _, losses in groups
        for _ in range(losses)
    ]
    found = area_under_curve(score / 10, won, lost)
    assert found == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@given(GROUPS)
def test_the_log_loss_is_the_mean_surprise(groups: list[tuple[int, int, int]]) -> None:
    score, won, lost = (np.array(column, float) for column in zip(*groups, strict=True))
    held = np.clip(score / 10, 1e-9, 1 - 1e-9)
    surprise = [
        -log(p if each else 1 - p)
        for p, wins, losses in zip(held, won, lost, strict=True)
        for each in [True] * int(wins) + [False] * int(losses)
    ]
    found = log_loss(score / 10, won, lost)
    assert found == (pytest.approx(sum(surprise) / len(surprise)) if surprise else None)


def test_the_model_that_sees_what_decides_is_the_best(scratch: Warehouse) -> None:
    """The last touch decides: `a` converts, `b` does not, whatever came before."""
    patterns = [
        Pattern((first, *middle, last), 90 if last == "a" else 10, 10 if last == "a" else 90)
        for first in "ab"
        for middle in ((), ("a", "b"), ("b", "b"), ("a", "a"))
        for last in "ab"
    ]
    with told_patterns(scratch, patterns) as journeys:
        tried = try_models(journeys, models_for(journeys, 1))
    assert best_of(tried) in ("last", "last_non_direct")  # there is no direct
    by_model = {each.model: each for each in tried}
    assert by_model["last"].auc == pytest.approx(0.9, abs=0.01)
    assert by_model["first"].auc == pytest.approx(0.5, abs=0.01)
    assert by_model["last"].log_loss == pytest.approx(-(0.9 * log(0.9) + 0.1 * log(0.1)), abs=0.01)


def test_every_pattern_is_divided_alike_and_the_parts_add_up(scratch: Warehouse) -> None:
    patterns = [Pattern((first, second), 100, 1000, 10.0) for first in "abcd" for second in "abcd"]
    with told_patterns(scratch, patterns) as journeys:
        first, later = (journeys.counts(span) for span in journeys.parts())
        whole = journeys.counts(Span())
        assert (first.conversions, first.nulls) == pytest.approx((0.7 * 1600, 0.7 * 16_000), abs=1)
        for name in ("conversions", "nulls", "value"):
            assert getattr(first, name) + getattr(later, name) == pytest.approx(getattr(whole, name))
        linear = next(model for model in models_for(journeys, 1) if model.name == "linear")
        for span, share in zip(journeys.parts(), (0.7, 0.3), strict=True):
            assert linear.fit(journeys, span).conversions_ == pytest.approx([400 * share] * 4, abs=4)


def test_the_row_order_of_a_file_changes_nothing(scratch: Warehouse) -> None:
    patterns = [Pattern(tuple(path), 3, 2) for path in ("ab", "ba", "abc", "c", "ccc")]
    found = []
    for told in (patterns, patterns[::-1]):
        with told_patterns(scratch, told) as journeys:
            found.append(try_models(journeys, models_for(journeys, 1)))
    assert found[0] == found[1]


def test_where_none_could_be_tried_or_all_fare_alike_none_is_the_best() -> None:
    assert best_of([HoldOut("linear", None, None)]) is None
    assert best_of([HoldOut("linear", 0.5, 0.7), HoldOut("last", 0.6, 0.7)]) is None
