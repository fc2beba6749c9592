"""Every model equals a slow, plain one on small journeys of any shape, and keeps its laws."""

from itertools import product
from math import isclose

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attribution.journeys.arrays import in_whole_parts
from attribution.journeys.comparing import NO_TOUCH, compare
from attribution.journeys.markov import Transitions, removal_effects
from attribution.journeys.models import models_for
from attribution.journeys.shapley import ChannelSets, sampled_rate, shapley_rate, shapley_values, worth_of_sets
from attribution.journeys.table import Journeys, Rule, Span
from infra.warehouse import Warehouse
from tests.attribution.journeys import reference_models as plain
from tests.attribution.journeys.reference_models import Pattern
from tests.attribution.journeys.told import told_patterns

CHANNELS = ("a", "b", "c", "direct")
RULES = ("first", "last", "last_non_direct", "linear", "linear_unique", "position")


def patterns_of(channels: tuple[str, ...]) -> st.SearchStrategy[list[Pattern]]:
    pattern = st.builds(
        Pattern,
        st.lists(st.sampled_from(channels), min_size=1, max_size=7).map(tuple),
        st.integers(0, 4),
        st.integers(0, 4),
        st.integers(0, 50).map(float),
    ).filter(lambda each: each.conversions or each.nulls or not each.value)
    return st.lists(pattern, min_size=1, max_size=8, unique_by=lambda each: each.path)


SEVERAL = patterns_of(CHANNELS) | patterns_of(("a",))


def same(found: "np.typing.NDArray[np.float64]", told: dict[str, float], journeys: Journeys) -> bool:
    wanted = [told.get(channel, 0.0) for channel in journeys.channels]
    return bool(np.allclose(found, wanted, atol=1e-9))


@settings(max_examples=25)
@given(SEVERAL, st.integers(1, 4))
@example([Pattern(("a",), 1, 0)], 4)  # one channel, no null, a chain longer than the journey
@example([Pattern(("a", "b"), 0, 3), Pattern(("b",), 0, 1)], 2)  # no conversion
@example([Pattern(("a", "a", "b", "a"), 2, 0, 5.0)], 3)  # all conversions
def test_markov_equals_a_dense_solve(scratch: Warehouse, patterns: list[Pattern], order: int) -> None:
    with told_patterns(scratch, patterns) as journeys:
        steps, channels = journeys.transitions(order, Span()), journeys.channels
        for nulls in (True, False):
            counted = steps if nulls else steps.without_nulls()
            told = {each: plain.removal_effect(patterns, order, each, nulls=nulls) for each in channels}
            assert same(counted.effects(len(channels)), told, journeys)
        worth = [each for each in patterns if each.conversions or each.nulls]
        told = {each: plain.removal_effect(worth, order, each, value=True) for each in channels}
        assert same(steps.effects_on_both(len(channels))[1], told, journeys)
        lower = steps.of_order(1).effects(len(channels))
        assert np.allclose(lower, journeys.transitions(1, Span()).effects(len(channels)))


@settings(max_examples=15)
@given(SEVERAL, st.integers(1, 4))
def test_the_chain_converts_as_often_as_the_journeys_do(patterns: list[Pattern], order: int) -> None:
    journeys = sum(each.conversions + each.nulls for each in patterns)
    chance = plain.chance_of_conversion(patterns, order, None, nulls=True)
    assert not journeys or isclose(chance, sum(each.conversions for each in patterns) / journeys, abs_tol=1e-12)


@settings(max_examples=15)
@given(SEVERAL)
def test_immediate_repeats_leave_the_effects_unchanged(scratch: Warehouse, patterns: list[Pattern]) -> None:
    def once(path: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(channel for i, channel in enumerate(path) if i == 0 or channel != path[i - 1])

    shorter = [Pattern(once(each.path), each.conversions, each.nulls) for each in patterns]
    with told_patterns(scratch, patterns) as journeys, told_patterns(scratch, shorter) as without:
        both = [each.transitions(1, Span()).effects(len(each.channels)) for each in (journeys, without)]
        assert np.allclose(both[0], both[1])


@pytest.mark.parametrize("seed", range(3))
def test_large_chains_are_solved_too(seed: int) -> None:
    """Three hundred channels, any of which may follow any other."""
    random, channels = np.random.default_rng(seed), 300
    numbers = np.arange(1, channels + 1)
    state = np.concatenate([np.zeros(channels, int), random.integers(1, channels + 1, 900), numbers])
    following = np.concatenate([numbers, random.integers(1, channels + 1, 900), np.zeros(channels, int)])
    weight, gain = (random.integers(1, 9, len(state)).astype(float) for _ in range(2))
    effects = removal_effects(state.astype(np.uint64), following.astype(np.uint64), weight, gain, channels)
    out = np.bincount(state, weight, channels + 1)
    moves = np.zeros((channels + 1, channels + 1))
    np.add.at(moves, (state[:-channels], following[:-channels]), (weight / out[state])[:-channels])
    gained = np.append(0, gain[-channels:]) / out
    whole = np.linalg.solve(np.eye(channels + 1) - moves, gained)[0]
    for channel in (1, 150, 300):
        without = moves * (np.arange(channels + 1) != channel)
        told = 1 - np.linalg.solve(np.eye(channels + 1) - without, gained)[0] / whole
        assert effects[channel - 1] == pytest.approx(told, abs=1e-12)


@pytest.mark.parametrize(("channels", "order"), [(90, 1), (70, 2), (3, 4)])
def test_effects_equal_a_solve_without_each_channel(channels: int, order: int) -> None:
    """Random journeys: of many channels, whose chain is inverted once, and of many states of few channels."""
    random = np.random.default_rng(channels)
    paths = [random.integers(1, channels + 1, random.integers(1, 12)) for _ in range(400)]
    patterns = [Pattern(tuple(map(str, path)), int(random.integers(0, 2)), 1, float(random.random())) for path in paths]
    effects, on_value = steps_of(patterns, order).effects_on_both(channels)
    for channel in {1, 2, channels}:
        assert effects[channel - 1] == pytest.approx(plain.removal_effect(patterns, order, str(channel)), abs=1e-12)
        told = plain.removal_effect(patterns, order, str(channel), value=True)
        assert on_value[channel - 1] == pytest.approx(told, abs=1e-12)


def steps_of(patterns: list[Pattern], order: int) -> Transitions:
    """A step an entry; channels are written as their numbers."""
    steps = []
    for each in patterns:
        state = 0
        for channel in each.path:
            following = (state << 16 | int(channel)) & (2 ** (16 * order) - 1)
            steps.append((state, following, each.conversions, each.nulls, 0.0))
            state = following
        steps.append((state, 0, each.conversions, each.nulls, each.value))
    states, entered, *counts = zip(*steps, strict=True)
    conversions, nulls, value = (np.array(each, float) for each in counts)
    return Transitions(np.array(states, np.uint64), np.array(entered, np.uint64), conversions, nulls, value)


def test_a_long_loop_is_solved() -> None:
    """Two channels that follow each other ten thousand times: nearly every step goes on."""
    state = np.array([0, 1, 2, 2], np.uint64)
    following = np.array([1, 2, 1, 0], np.uint64)
    weight, gain = np.array([1.0, 10_000.0, 9_999.0, 1.0]), np.array([0.0, 0.0, 0.0, 1.0])
    assert removal_effects(state, following, weight, gain, 2) == pytest.approx([1, 1])


@settings(max_examples=8)
@given(SEVERAL)
def test_rules_equal_the_plain_ones_and_all_models_conserve(scratch: Warehouse, patterns: list[Pattern]) -> None:
    conversions = sum(each.conversions for each in patterns)
    with told_patterns(scratch, patterns) as journeys:
        for model in models_for(journeys, 2):
            model.fit(journeys, Span())
            if model.name in RULES:
                assert same(model.conversions_, plain.credit(model.name, patterns, "direct"), journeys), model.name
            assert model.conversions_.sum() == pytest.approx(conversions), model.name
            each_journey = journeys.allocate(model.rule_, Span(), with_nulls=True)
            assert each_journey.conversions.sum() == pytest.approx(conversions), model.name
            assert each_journey.nulls.sum() == pytest.approx(sum(each.nulls for each in patterns)), model.name


@settings(max_examples=20)
@given(SEVERAL)
def test_shapley_equals_the_mean_over_every_order(scratch: Warehouse, patterns: list[Pattern]) -> None:
    with told_patterns(scratch, patterns) as journeys:
        sets, channels = journeys.channel_sets(Span()), journeys.channels
        values, errors = shapley_rate(sets, len(channels))
        assert same(values, plain.shapley(patterns, channels, "rate"), journeys)
        assert not errors.any()
        by_conversions = shapley_values(worth_of_sets(sets.masks, sets.conversions, len(channels)))
        assert same(by_conversions, plain.shapley(patterns, channels, "conversions"), journeys)
        assert same(by_conversions, plain.credit("linear_unique", patterns, "direct"), journeys)


def sets_of(channels: int, seed: int) -> ChannelSets:
    random = np.random.default_rng(seed)
    members = [np.flatnonzero(random.random(channels) < 0.3) + 1 for _ in range(60)]
    members = [each for each in members if len(each)]
    sizes = np.array([len(each) for each in members])
    return ChannelSets(
        np.concatenate(members).astype(np.int64),
        (np.cumsum(sizes) - sizes).astype(np.int64),
        random.integers(0, 5, len(members)).astype(float),
        random.integers(1, 9, len(members)).astype(float),
    )


@pytest.mark.parametrize("seed", range(5))
def test_sampled_values_lie_within_their_stated_error(seed: int) -> None:
    sets = sets_of(12, seed)
    exact, _ = shapley_rate(sets, 12)
    sampled, errors = sampled_rate(sets, 12, pairs=400)
    assert sampled.sum() == pytest.approx(exact.sum())
    assert (np.abs(sampled - exact) < 5 * errors + 1e-12).all()
    assert 0 < errors.max() < 0.01


def test_above_fifteen_channels_values_are_sampled_and_add_up() -> None:
    sets = sets_of(16, 1)
    values, errors = shapley_rate(sets, 16)
    assert values.sum() == pytest.approx(sets.conversions.sum() / (sets.conversions + sets.nulls).sum())
    assert errors.max() > 0
    assert np.array_equal(values, shapley_rate(sets, 16)[0])


@settings(max_examples=50)
@given(st.integers(0, 10**15), st.lists(st.integers(-5, 1000).map(float), min_size=1, max_size=9))
def test_whole_parts_add_up(total: int, weights: list[float]) -> None:
    parts = in_whole_parts(total, np.array(weights))
    assert parts.sum() == (total if sum(weights) else 0)


@settings(max_examples=4)
@given(SEVERAL, st.integers(0, 3))
def test_conversions_without_a_touch_stand_in_a_row_of_their_own(
    scratch: Warehouse, patterns: list[Pattern], untouched: int
) -> None:
    told = [*patterns, Pattern((), untouched, 0, 2.0 * untouched)]
    with told_patterns(scratch, told) as journeys:
        found = compare(journeys, 1)
        total = sum(each.conversions for each in told)
        for model in found.models:
            assert found.rows[model.name].sum() == pytest.approx(total)
        none = found.rows.set_index("channel")["linear"].get(NO_TOUCH, 0)
        assert none == untouched
        assert found.about()["journeys"]["no_touch_share"] == (pytest.approx(untouched / total) if total else None)


def test_a_journey_whose_channels_all_weigh_nothing_is_shared_evenly(scratch: Warehouse) -> None:
    with told_patterns(scratch, [Pattern(("a", "b"), 4, 0)]) as journeys:
        given_out = journeys.allocate(Rule("weighted", np.zeros(2)), Span(), with_nulls=False)
        assert given_out.conversions.tolist() == [2, 2]


def test_the_readout_within_journeys_is_in_proportion_to_weights(scratch: Warehouse) -> None:
    with told_patterns(scratch, [Pattern(("a", "b", "b"), 5, 0, 10.0)]) as journeys:
        touches = journeys.allocate(Rule("weighted", np.array([3.0, 1.0])), Span(), with_nulls=False)
        assert touches.conversions.tolist() == [3, 2]
        assert touches.value.tolist() == [6, 4]
        channels = journeys.allocate(Rule("weighted_once", np.array([3.0, 1.0])), Span(), with_nulls=False)
        assert channels.conversions.tolist() == [3.75, 1.25]


@pytest.mark.parametrize(("order", "nulls"), list(product((1, 4), (True, False))))
def test_no_conversions_have_no_effects(scratch: Warehouse, order: int, nulls: bool) -> None:
    with told_patterns(scratch, [Pattern(("a", "b"), 0, 5)]) as journeys:
        steps = journeys.transitions(order, Span())
        assert not (steps if nulls else steps.without_nulls()).effects(2).any()
