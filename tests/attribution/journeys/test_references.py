"""The models equal reference results that other programs computed on public journeys."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution.journeys.models import ShapleyRateModel, models_for
from attribution.journeys.table import Journeys, Span
from infra.warehouse import Warehouse
from tests.attribution.journeys.told import told_file

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "attribution"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the reference results are not in {DATA}")
ORDERS = (1, 2, 3, 4)
IN_FILES = {"position": "position_40_20_40"}
BY_TOUCHES = {"last_non_direct": "last_non_direct_alpha", "time_decay": "time_decay_hl7d"}


@pytest.fixture(scope="module")
def patterns(scratch: Warehouse) -> Iterator[Journeys]:
    with told_file(scratch, DATA / "journeys.csv", direct="alpha") as journeys:
        yield journeys


@pytest.fixture(scope="module")
def touches(scratch: Warehouse) -> Iterator[Journeys]:
    with told_file(scratch, DATA / "touches.parquet", direct="alpha", lookback_days=30) as journeys:
        yield journeys


def reference(name: str, journeys: Journeys) -> pd.DataFrame:
    return pd.read_csv(DATA / name, index_col=0).reindex(list(journeys.channels))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("nulls", [True, False])
def test_markov(patterns: Journeys, order: int, nulls: bool) -> None:
    told = pd.read_csv(DATA / "reference_markov_exact.csv").query("order == @order and with_null == @nulls")
    told = told.set_index("channel").reindex(list(patterns.channels))
    steps = patterns.transitions(order, Span())
    steps = steps if nulls else steps.without_nulls()
    effects, on_value = steps.effects_on_both(len(patterns.channels))
    assert effects == pytest.approx(told["removal_effect_conversions"].to_numpy(), abs=1e-9)
    assert on_value == pytest.approx(told["removal_effect_value"].to_numpy(), abs=1e-9)
    assert 19_785 * effects / effects.sum() == pytest.approx(told["conversions"].to_numpy(), abs=1e-5)
    assert 74_802.971587 * on_value / on_value.sum() == pytest.approx(told["value"].to_numpy(), abs=1e-5)


@pytest.mark.parametrize("order", ORDERS)
def test_the_models_allocate_by_removal_effects(patterns: Journeys, order: int) -> None:
    told = pd.read_csv(DATA / "reference_markov_exact.csv").query("order == @order and with_null")
    told = told.set_index("channel").reindex(list(patterns.channels))
    (markov,) = (model for model in models_for(patterns, order) if model.name == "markov")
    assert markov.fit(patterns, Span()).conversions_ == pytest.approx(told["conversions"].to_numpy(), abs=1e-5)
    assert markov.value_ == pytest.approx(told["value"].to_numpy(), abs=1e-5)


def test_heuristics(patterns: Journeys) -> None:
    told = reference("reference_heuristics.csv", patterns)
    for model in models_for(patterns, 1):
        name = IN_FILES.get(model.name, model.name)
        if f"{name}_conv" in told:
            model.fit(patterns, Span())
            assert model.conversions_ == pytest.approx(told[f"{name}_conv"].to_numpy(), abs=1e-7), name
            assert model.value_ == pytest.approx(told[f"{name}_value"].to_numpy(), rel=1e-9), name


def test_shapley(patterns: Journeys) -> None:
    told = reference("reference_shapley.csv", patterns)
    by_conversions, by_rate = models_for(patterns, 1)[-2:]
    assert by_conversions.fit(patterns, Span()).conversions_ == pytest.approx(
        told["shapley_conversions"].to_numpy(), abs=1e-7
    )
    assert isinstance(by_rate, ShapleyRateModel)
    assert by_rate.fit(patterns, Span()).rates_ == pytest.approx(told["shapley_rate"].to_numpy(), abs=1e-9)
    assert by_rate.errors_.max() == 0
    assert by_rate.conversions_.sum() == pytest.approx(19_785)
    assert by_rate.conversions_.min() < 0


def test_touches_within_a_look_back_of_thirty_days(touches: Journeys) -> None:
    told = reference("reference_touches_lookback_30.csv", touches)
    found = 0
    for model in models_for(touches, 1):
        name = BY_TOUCHES.get(model.name, model.name)
        if f"{name}_conv" in told:
            model.fit(touches, Span())
            assert model.conversions_ == pytest.approx(told[f"{name}_conv"].to_numpy(), abs=1e-6), name
            assert model.value_ == pytest.approx(told[f"{name}_value"].to_numpy(), rel=1e-9), name
            found += 1
    assert found == 6


def test_touches_make_the_journeys_of_the_patterns(patterns: Journeys, scratch: Warehouse) -> None:
    with told_file(scratch, DATA / "touches.parquet", direct="alpha", lookback_days=36_500) as touches:
        counts, of_patterns = touches.counts(Span()), patterns.counts(Span())
        assert (counts.conversions, counts.nulls, counts.touches) == (19_785, 68_602, 378_209)
        assert (of_patterns.conversions, of_patterns.nulls, of_patterns.touches) == (19_785, 68_602, 378_209)
        both = [each.transitions(4, Span()) for each in (patterns, touches)]
        for name in ("state", "following", "conversions", "nulls"):
            assert np.array_equal(getattr(both[0], name), getattr(both[1], name)), name
