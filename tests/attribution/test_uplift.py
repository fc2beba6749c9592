"""The uplift of offline advertising: known effects are found within their intervals, and none where there is none."""

import numpy as np
import pytest

from attribution.uplift import Array, Effect, adstock, estimate_uplift

DAYS = 180
EFFECT = 5e-5


def simulated(seed: int, effect: float, places: int = 6) -> tuple[Array, Array]:
    """Counts of places of many sizes in one wandering season, of which half have two flights of advertising each."""
    random = np.random.default_rng(seed)
    level = random.uniform(3, 30, places)
    day = np.arange(DAYS)
    season = 1 + 0.3 * np.sin(2 * np.pi * day / 7) + np.cumsum(random.normal(0, 0.01, DAYS))
    spend = np.zeros((DAYS, places))
    for place in range(places // 2):
        for start in random.integers(20, DAYS - 40, 2):
            spend[start : start + 14, place] = random.uniform(50, 150) * 1000
    felt = adstock(spend, 7)
    expected = level * np.clip(season, 0.3, None)[:, None] + effect * felt
    return random.poisson(expected).astype(float), felt[None]


@pytest.mark.parametrize("effect", [EFFECT, 0.0])
def test_nineteen_of_twenty_intervals_hold_the_truth(effect: float) -> None:
    found = [estimate_uplift(*simulated(seed, effect))[0] for seed in range(80)]
    assert not any(each.problem for each in found)
    held = np.mean([each.low <= effect <= each.high for each in found])
    assert held >= 0.9
    assert np.mean([each.value for each in found]) == pytest.approx(effect, abs=EFFECT / 10)
    told = np.mean([each.low > 0 for each in found])
    assert told >= 0.8 if effect else told <= 0.06


def test_two_media_are_told_apart() -> None:
    random = np.random.default_rng(5)
    outcome, tv = simulated(5, EFFECT)
    spend = np.zeros_like(outcome)
    for start in (15, 70, 130):
        spend[start : start + 12, 3:5] = 100_000
    radio = adstock(spend, 4)
    outcome += random.poisson(2e-5 * radio)
    found = estimate_uplift(outcome, np.stack([tv[0], radio]))
    for effect, truth in zip(found, (EFFECT, 2e-5), strict=True):
        assert effect.low <= truth <= effect.high
        assert effect.value == pytest.approx(truth, abs=2e-5)


def test_the_same_data_give_the_same_interval() -> None:
    data = simulated(1, EFFECT)
    assert estimate_uplift(*data) == estimate_uplift(*data)


def everywhere(felt: Array) -> Array:
    return np.broadcast_to(felt.max(axis=2, keepdims=True), felt.shape).copy()


def test_where_nothing_can_be_known_that_is_said() -> None:
    outcome, felt = simulated(2, EFFECT)

    def problem(outcome: Array, felt: Array) -> str:
        (found,) = estimate_uplift(outcome, felt)
        assert np.isnan([found.value, found.low, found.high]).all()
        return found.problem

    assert problem(outcome[:, :1], felt[:, :, :1]) == "fewer than two places: a season cannot be told from it"
    assert problem(outcome[:50], felt[:, :50]) == "fewer than 8 weeks"
    assert problem(outcome, felt * 0) == "it did not run"
    assert problem(outcome, np.ones_like(felt)) == "fewer than 14 days with it, or without it"
    level = outcome.mean(axis=0)
    assert problem(outcome, everywhere(felt) * level) == "it ran everywhere at the same time"
    assert problem(outcome * 0, felt) == "fewer than two places: a season cannot be told from it"
    flash = np.zeros_like(felt)
    flash[:, 70:77, :3] = 1.0
    assert problem(outcome, flash) == "it ran within one week alone"
    both = estimate_uplift(outcome, np.concatenate([felt, felt * 2]))
    assert {each.problem for each in both} == {"it always ran together with other offline media"}
    told, hidden = estimate_uplift(outcome, np.concatenate([felt, everywhere(felt) * level]))
    assert hidden.problem
    assert told.value == pytest.approx(estimate_uplift(outcome, felt)[0].value, rel=1e-6)


def test_adstock_adds_up_to_the_spend_and_halves_in_a_half_life() -> None:
    spend = np.zeros((400, 2))
    spend[3, 0] = 100.0
    felt = adstock(spend, 7)
    assert felt.sum() == pytest.approx(100)
    assert felt[:3].sum() == 0
    assert felt[10, 0] / felt[3, 0] == pytest.approx(0.5)
    assert Effect() != Effect(problem="x")
