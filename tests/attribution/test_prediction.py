"""What is foretold of open opportunities, against simulated ones whose end is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from attribution.outcomes import LOST, SALE, STILL_OPEN, chances, count_stays
from attribution.prediction import learn, predict


def test_chances_of_stays_that_all_ended_are_shares() -> None:
    """Of 1000 leads 400 qualify, of these 300 are sold: 0.75 and 0.3, whatever the days took."""
    stage = np.repeat([0, 0, 1, 1], [400, 600, 300, 100])
    end = np.repeat([1, LOST, SALE, LOST], [400, 600, 300, 100])
    days = np.random.default_rng(1).permutation(np.arange(1400) % 60)
    found = chances(count_stays(stage, end, days, np.ones(1400)))
    assert found[1, 0] == pytest.approx(0.75, abs=0.03)
    assert found[0, 0] == pytest.approx(0.3, abs=0.03)
    assert found[5, 0] == 0


def test_who_waits_long_where_sales_come_quickly_has_lost() -> None:
    stage, days = np.zeros(200, np.int64), np.repeat([1, 40], [100, 100])
    end = np.repeat([SALE, LOST], [100, 100])
    found = chances(count_stays(stage, end, days, np.ones(200)))[0]
    assert found[0] == pytest.approx(0.5, abs=0.02)
    assert found[20] == 0


def test_open_ones_count_as_long_as_they_were_seen() -> None:
    """Half of the leads are cut off halfway: the rates stay the same, and so does the chance."""
    rng = np.random.default_rng(1)
    sold, lost = rng.exponential(30, 40_000), rng.exponential(15, 40_000)
    cut = np.where(rng.random(40_000) < 0.5, rng.uniform(0, 20, 40_000), 1e9)
    end = np.select([(cut < sold) & (cut < lost), sold < lost], [STILL_OPEN, SALE], LOST)
    days = np.minimum(np.minimum(sold, lost), cut).astype(np.int64)
    found = chances(count_stays(np.zeros(40_000, np.int64), end, days, np.ones(40_000)))[0]
    assert found[[0, 5, 20]] == pytest.approx([1 / 3] * 3, abs=0.02)


@dataclass
class Past:
    """Opportunities of some dealers, opened over 300 days, each with its steps; the truth is known beyond day 300."""

    stays: pd.DataFrame
    records: pd.DataFrame
    values: pd.DataFrame
    cells: pd.DataFrame
    sold: float
    """How many of the open ones are sold in the end."""
    revenue: float


def simulate(seed: int, opportunities: int = 2500, dealers: int = 6, until: float = 300) -> Past:
    """Stages take Weibull times, dealers differ in skill, and prices in each dealer's mean."""
    rng = np.random.default_rng(seed)
    skill = rng.gamma(30, 1 / 30, dealers)
    stays, records, cells = [], [], []
    amounts: dict[int, list[float]] = {dealer: [] for dealer in range(dealers)}
    sold_later = revenue_later = 0.0
    for _ in range(opportunities):
        dealer, at = int(rng.integers(dealers)), float(rng.uniform(0, until))
        amount = float(rng.normal(100 + 20 * dealer, 15))
        reached, place, now = [(0, at)], 0, at
        while True:
            now += float(rng.weibull(0.8)) * (3, 4, 5, 6, 8, 10)[place]
            if rng.random() > min(0.97, 0.62 * skill[dealer] + 0.05 * place):
                end = LOST
                break
            if place == 5:
                end = SALE
                break
            place += 1 if rng.random() < 0.7 else 2
            place = min(place, 5)
            reached.append((place, now))
        seen = [step for step in reached if step[1] <= until]
        ends = [*(step[1] for step in reached[1:]), now]
        afters = [*(step[0] for step in reached[1:]), end]
        for (stage, since), after, over in zip(reached, afters, ends, strict=True):
            if since > until:
                break
            stays.append((stage, after if over <= until else STILL_OPEN, int(min(over, until) - since), 1))
        won = end == SALE and now <= until
        for stage, since in seen:
            records.append((stage, str(dealer), int(until) - int(since), int(now) - int(since) if won else -1, 1))
        if won:
            amounts[dealer].append(amount)
        elif now > until:
            cells.append((0, seen[-1][0], int(until - seen[-1][1]), dealer, 1, 0, 0.0, 0, 0.0))
            sold_later += end == SALE
            revenue_later += amount * (end == SALE)
    values = [
        (str(d), len(a), len(a), sum(a), sum(v * v for v in a), sum(a) / 10, sum(v * v for v in a) / 100)
        for d, a in amounts.items()
    ]
    return Past(
        pd.DataFrame(stays, columns=["stage", "ending", "days", "n"]),
        pd.DataFrame(records, columns=["stage", "dealer", "observed", "lag", "n"]),
        pd.DataFrame(values, columns=["dealer", "amounts", "margins", "amount_sum", "amount_squares", "margin_sum",
                                      "margin_squares"]),
        pd.DataFrame(cells, columns=["group", "place", "days", "dealer", "n", "amounts", "amount_sum", "margins",
                                     "margin_sum"]),
        float(sold_later),
        float(revenue_later),
    )  # fmt: skip


def foretell(past: Past) -> pd.Series:
    dealers = tuple(past.values["dealer"])
    return predict(learn(past.stays, past.records, past.values, dealers), past.cells).iloc[0]


def test_the_backtest_is_calibrated() -> None:
    """Over many simulated holdings: right on average, and the interval of 90 % holds about nine times in ten."""
    pasts = [simulate(seed) for seed in range(24)]
    told = pd.DataFrame([foretell(past) for past in pasts])
    sold = np.array([past.sold for past in pasts])
    revenue = np.array([past.revenue for past in pasts])
    assert told["sales"].sum() == pytest.approx(sold.sum(), rel=0.07)
    assert told["revenue"].sum() == pytest.approx(revenue.sum(), rel=0.07)
    held = ((told["sales_low"] <= sold) & (sold <= told["sales_high"])).mean()
    held_revenue = ((told["revenue_low"] <= revenue) & (revenue <= told["revenue_high"])).mean()
    assert 0.76 <= held <= 1
    assert 0.76 <= held_revenue <= 1
    width = (told["sales_high"] - told["sales_low"]).mean()
    assert width < 4.5 * sold.std() + 4  # and is not wide for safety's sake


def test_the_same_question_has_the_same_answer() -> None:
    past = simulate(1, 300)
    pd.testing.assert_series_equal(foretell(past), foretell(past))


def test_groups_add_up() -> None:
    past = simulate(2, 800)
    dealers = tuple(past.values["dealer"])
    experience = learn(past.stays, past.records, past.values, dealers)
    whole = predict(experience, past.cells).iloc[0]
    parts = predict(experience, past.cells.assign(group=past.cells["place"])).iloc[:-1]
    for name in ("open", "sales", "revenue", "margin"):
        assert parts[name].sum() == pytest.approx(whole[name])
    assert (parts["sales"] <= parts["open"]).all()
    assert (parts["sales_high"] <= parts["open"]).all()


def test_what_was_told_of_a_deal_goes_before_the_mean() -> None:
    past = simulate(3, 800)
    experience = learn(past.stays, past.records, past.values, tuple(past.values["dealer"]))
    told = past.cells.assign(amounts=1, amount_sum=1_000_000.0)
    found = predict(experience, told).iloc[0]
    assert found["revenue"] == pytest.approx(1_000_000 * found["sales"])
    assert found["margin"] == pytest.approx(predict(experience, past.cells).iloc[0]["margin"])


def test_a_dealer_who_sells_twice_as_much_has_better_chances() -> None:
    records = pd.DataFrame(
        [(0, dealer, 200, 10, won) for dealer, won in (("good", 60), ("poor", 20))]
        + [(0, dealer, 200, -1, 300 - won) for dealer, won in (("good", 60), ("poor", 20))],
        columns=["stage", "dealer", "observed", "lag", "n"],
    )
    stays = pd.DataFrame([(0, SALE, 10, 80), (0, LOST, 10, 520)], columns=["stage", "ending", "days", "n"])
    values = pd.DataFrame(columns=["dealer", "amounts", "margins", "amount_sum", "amount_squares", "margin_sum",
                                   "margin_squares"])  # fmt: skip
    experience = learn(stays, records, values, ("good", "new", "poor"))
    good, new, poor = experience.factor[0]
    assert 1.3 < good < 1.5
    assert new == pytest.approx(1, abs=0.05)
    assert 0.5 < poor < 0.7
