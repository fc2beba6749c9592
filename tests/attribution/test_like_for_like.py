"""Like for like: a worse mix is no worse skill, noise is no difference, and skill is found."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

from attribution.like_for_like import RATES, SHARES, compare

CHANNELS = np.array([0.25, 0.10, 0.05, 0.02])
MIX = ("channel", "product")


def leads(random: np.random.Generator, skills: NDArray[np.float64], mixes: NDArray[np.float64]) -> pd.DataFrame:
    """Leads and sales of dealers whose skill moves the logit of the channel's share."""
    rows = []
    for place, (skill, mix) in enumerate(zip(skills, mixes, strict=True)):
        for channel, count in enumerate(random.multinomial(int(random.integers(100, 1500)), mix)):
            for product, part in enumerate(random.multinomial(count, [0.5, 0.3, 0.2])):
                share = expit(logit(CHANNELS[channel]) + (0.4, 0.0, -0.4)[product] + skill)
                rows.append((f"d{place:02}", channel, product, random.binomial(part, share), part))
    return pd.DataFrame(rows, columns=["group", "channel", "product", "sales", "leads"])


def mixed(random: np.random.Generator, dealers: int) -> NDArray[np.float64]:
    return random.dirichlet(np.full(4, 0.8), dealers)


def test_a_worse_mix_with_equal_skill_is_ranked_equal() -> None:
    random = np.random.default_rng(1)
    mixes = np.array([[0.7, 0.1, 0.1, 0.1]] * 20 + [[0.1, 0.1, 0.1, 0.7]] * 20)
    cells = leads(random, np.zeros(40), mixes)
    raw = cells.groupby("group")[["sales", "leads"]].sum()
    raw_share = (raw["sales"] / raw["leads"]).to_numpy()
    assert raw_share[:20].min() > raw_share[20:].max()

    found = compare(cells, MIX, "sales", "leads", SHARES)
    assert found
    adjusted = found.standardised()
    good, bad = adjusted["mean"].to_numpy()[:20], adjusted["mean"].to_numpy()[20:]
    assert good.mean() == pytest.approx(bad.mean(), rel=0.05)
    assert adjusted["low"].max() < adjusted["high"].min()
    assert found.against(["all"] * 40)["q"].min() > 0.05


def test_where_all_are_alike_noise_is_seldom_told_as_a_difference() -> None:
    random = np.random.default_rng(2)
    told = 0
    for _ in range(24):
        found = compare(leads(random, np.zeros(20), mixed(random, 20)), MIX, "sales", "leads", SHARES)
        assert found
        told += bool((found.against(["all"] * 20)["q"] <= 0.05).any())
    assert told <= 4  # of 24 at 5 %: five come once in two hundred times


def test_skill_is_found_and_its_interval_holds_it() -> None:
    random = np.random.default_rng(3)
    held, order, raw_order, wrong, flagged = [], [], [], 0, 0
    for _ in range(8):
        skills = random.normal(0, 0.3, 40)
        cells = leads(random, skills, mixed(random, 40))
        found = compare(cells, MIX, "sales", "leads", SHARES)
        assert found
        held.append(np.abs(found.effects - skills) < 1.96 * np.sqrt(np.diag(found.covariance)))
        raw = cells.groupby("group")[["sales", "leads"]].sum()
        order.append(_rank_correlation(found.standardised()["mean"].to_numpy(), skills))
        raw_order.append(_rank_correlation((raw["sales"] / raw["leads"]).to_numpy(), skills))
        against = found.against(["all"] * 40)
        notable = (against["q"] <= 0.05).to_numpy()
        flagged += int(notable.sum())
        apart = skills - skills.mean()
        wrong += int((np.sign(against["difference"].to_numpy()) != np.sign(apart))[notable].sum())
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)
    assert np.mean(order) > np.mean(raw_order) + 0.2
    assert flagged > 25
    assert wrong <= 0.05 * flagged


def _rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.corrcoef(one.argsort().argsort(), other.argsort().argsort())[0, 1])


def test_rates_are_adjusted_for_the_mix_of_cost() -> None:
    random = np.random.default_rng(4)
    per_cost = np.array([0.01, 0.002])
    skills = np.array([0.0] * 10 + [0.5])
    rows = [
        (f"d{place:02}", channel, random.poisson(per_cost[channel] * cost * np.exp(skill)), cost)
        for place, skill in enumerate(skills)
        for channel, cost in enumerate((20_000.0, 180_000.0) if place % 2 else (180_000.0, 20_000.0))
    ]
    cells = pd.DataFrame(rows, columns=["group", "channel", "leads", "cost"])
    found = compare(cells, ["channel"], "leads", "cost", RATES)
    assert found
    assert found.effects[-1] - found.effects[:-1].mean() == pytest.approx(0.5, abs=0.1)
    flags = found.against(["all"] * 11)["q"] <= 0.05
    assert list(flags[flags].index) == ["d10"]
    assert found.standardised()["mean"].iloc[:-1].std() < 0.1 * per_cost.mean()


def test_what_cells_scatter_beyond_chance_widens_intervals() -> None:
    random = np.random.default_rng(5)
    rows = [
        (f"d{dealer}", channel, random.binomial(200, random.beta(4, 16)), 200)
        for dealer in range(12)
        for channel in range(6)
    ]
    cells = pd.DataFrame(rows, columns=["group", "channel", "sales", "leads"])
    found = compare(cells, ["channel"], "sales", "leads", SHARES)
    assert found
    assert found.dispersion > 4
    assert found.against(["all"] * 12)["q"].min() > 0.05


def test_a_group_without_peers_is_not_compared() -> None:
    random = np.random.default_rng(6)
    found = compare(leads(random, np.zeros(5), mixed(random, 5)), MIX, "sales", "leads", SHARES)
    assert found
    against = found.against(["a", "a", "a", "a", "b"])
    assert against["q"].isna().tolist() == [False, False, False, False, True]
    assert against["difference"].iloc[:4].sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("sales", [0, 10])
def test_where_nothing_happened_or_everything_there_is_nothing_to_compare(sales: int) -> None:
    cells = pd.DataFrame({"group": ["a", "b"], "channel": ["x", "x"], "sales": sales, "leads": 10})
    assert compare(cells, ["channel"], "sales", "leads", SHARES) is None


def test_the_fit_is_the_maximum_of_the_penalised_likelihood() -> None:
    """Beside a general optimiser over the same function, written out."""
    random = np.random.default_rng(7)
    cells = leads(random, random.normal(0, 0.3, 4), mixed(random, 4))
    found = compare(cells, ["channel"], "sales", "leads", SHARES)
    assert found
    told = cells[cells["leads"] > 0]
    group, channel = (pd.factorize(told[name], sort=True)[0] for name in ("group", "channel"))
    sales, trials = told["sales"].to_numpy(float), told["leads"].to_numpy(float)

    def lost(at: NDArray[np.float64]) -> float:
        eta = at[0] + at[1:5][channel] + at[5:][group]
        likelihood = (sales * eta - trials * np.logaddexp(0, eta)).sum() / found.dispersion
        return float(-likelihood + (at[1:5] ** 2).sum() / 12.5 + (at[5:] ** 2).sum() / found.sigma**2 / 2)

    best = minimize(lost, np.zeros(9), method="BFGS", options={"gtol": 1e-6}).x
    assert found._likeliest.mean == pytest.approx(best[5:], abs=1e-3)
