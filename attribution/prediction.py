"""How many of the open opportunities will be sold, and what they will bring, with what chance leaves open.

An opportunity's chance follows from its stage and the days in it (`outcomes`), and from the dealer's hand: how many
of those who reached the stage there were sold against the whole, drawn towards the whole where they are few
(`credibility`). The hand works on the rate of selling: 1 - (1 - chance) ** factor. An amount that nobody told is the
dealer's mean, drawn likewise.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attribution.credibility import credible, variance_within
from attribution.lags import lag_curve
from attribution.outcomes import STAGES, Numbers, Places, Stays, chances, count_stays, redraw

DRAWS = 200
INTERVAL = 0.9
_SEED = 20260101  # the same question gets the same answer


@dataclass(frozen=True, slots=True)
class Worth:
    """By dealer: the mean of a sale, its standard error, and the variance of single sales about their dealer's mean."""

    mean: Numbers
    error: Numbers
    within: float


@dataclass(frozen=True, slots=True)
class Experience:
    """What was learnt from all opportunities: dealers in the order of `dealers`, `factor` by stage and dealer."""

    dealers: tuple[str, ...]
    stays: Stays
    factor: Numbers
    factor_error: Numbers
    amount: Worth
    margin: Worth


def learn(stays: pd.DataFrame, records: pd.DataFrame, values: pd.DataFrame, dealers: tuple[str, ...]) -> Experience:
    """`stays` has stage, ending, days, n; `records` stage, dealer, observed, lag, n; `values` sums a dealer."""
    stage, ending, days = (stays[name].to_numpy(np.int64) for name in ("stage", "ending", "days"))
    counted = count_stays(stage, ending, days, stays["n"].to_numpy(np.float64))
    factor, error = np.ones((len(STAGES), len(dealers))), np.zeros((len(STAGES), len(dealers)))
    for place in range(len(STAGES)):
        factor[place], error[place] = _factors(records[records["stage"] == place], dealers)
    known = values.set_index("dealer").reindex(list(dealers)).fillna(0.0)
    return Experience(dealers, counted, factor, error, _worth(known, "amount"), _worth(known, "margin"))


def predict(experience: Experience, cells: pd.DataFrame) -> pd.DataFrame:
    """A row for each group of cells, in order, and one for the whole behind them.

    In each `open`, and `sales`, `revenue` and `margin` with `_low` and `_high`.

    `cells` are open opportunities, `n` alike each: group (a number from 0), place of the stage, days, dealer (its
    place), and how many amounts and margins of them are known, with their sums.
    """
    rng = np.random.default_rng(_SEED)
    place, dealer = cells["place"].to_numpy(np.int64), cells["dealer"].to_numpy(np.int64)
    n, group = cells["n"].to_numpy(np.int64), cells["group"].to_numpy(np.int64)
    day = np.minimum(cells["days"].to_numpy(np.int64), experience.stays.longest)
    groups = int(group.max(initial=-1)) + 1

    chance = _chance(chances(experience.stays)[place, day], experience.factor[place, dealer])
    found = {"open": _by_group(group, n.astype(float), groups), "sales": _by_group(group, n * chance, groups)}
    for name in ("amount", "margin"):
        mean = _mean_worth(cells, name, getattr(experience, name).mean, dealer)
        found["revenue" if name == "amount" else name] = _by_group(group, n * chance * mean, groups)

    drawn = {name: np.empty((DRAWS, groups + 1)) for name in ("sales", "revenue", "margin")}
    all_chances = chances(redraw(experience.stays, rng, DRAWS))
    for draw in range(DRAWS):
        factor = _positive(experience.factor, experience.factor_error, rng)
        sold = rng.binomial(n, _chance(all_chances[draw][place, day], factor[place, dealer]))
        drawn["sales"][draw] = _by_group(group, sold.astype(float), groups)
        for name, title in (("amount", "revenue"), ("margin", "margin")):
            drawn[title][draw] = _by_group(group, _drawn_worth(cells, name, experience, dealer, sold, rng), groups)
    edges = ((1 - INTERVAL) / 2, (1 + INTERVAL) / 2)
    for name, each in drawn.items():
        found[f"{name}_low"], found[f"{name}_high"] = np.quantile(each, edges, axis=0)
    return pd.DataFrame(found)


def _factors(part: pd.DataFrame, dealers: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    """How much likelier than on the whole each dealer sells to those who reached the stage, and the standard error."""
    sold = part[part["lag"] >= 0]
    curve = lag_curve(sold["lag"], sold["observed"], sold["n"])
    if curve is None:
        return np.ones(len(dealers)), np.zeros(len(dealers))
    won = sold[sold["lag"] < sold["observed"]].groupby("dealer")["n"].sum().reindex(list(dealers)).fillna(0.0)
    exposed = (part["n"] * curve.seen_after(part["observed"])).groupby(part["dealer"]).sum()
    weight = exposed.reindex(list(dealers)).fillna(0.0).to_numpy(float)
    rate = min(float(won.sum() / weight.sum()), 1.0) if weight.sum() > 0 else 0.0
    if rate <= 0:
        return np.ones(len(dealers)), np.zeros(len(dealers))
    means = np.divide(won.to_numpy(float), weight, out=np.zeros_like(weight), where=weight > 0)
    dealt = credible(weight, means, max(rate * (1 - rate), 1e-9))
    return np.maximum(dealt.estimate, 0) / rate, dealt.error / rate


def _worth(known: pd.DataFrame, name: str) -> Worth:
    count, total = known[f"{name}s"].to_numpy(float), known[f"{name}_sum"].to_numpy(float)
    within = variance_within(count, total, known[f"{name}_squares"])
    mean = credible(count, np.divide(total, count, out=np.zeros_like(total), where=count > 0), within)
    return Worth(mean.estimate, mean.error, within)


def _mean_worth(cells: pd.DataFrame, name: str, means: Numbers, dealer: Places) -> Numbers:
    """Of one opportunity in each cell: what was told of some, the dealer's mean for the others."""
    n, told = cells["n"].to_numpy(float), cells[f"{name}s"].to_numpy(float)
    untold = np.where(told < n, (n - told) * means[dealer], 0)
    return np.asarray((cells[f"{name}_sum"].to_numpy(float) + untold) / n)


def _drawn_worth(
    cells: pd.DataFrame, name: str, experience: Experience, dealer: Places, sold: Places, rng: np.random.Generator
) -> Numbers:
    worth: Worth = getattr(experience, name)
    means = worth.mean + worth.error * rng.standard_normal(len(worth.mean))
    untold = 1 - cells[f"{name}s"].to_numpy(float) / cells["n"].to_numpy(float)
    brings = sold * _mean_worth(cells, name, means, dealer)
    return _positive(brings, np.sqrt(sold * untold * worth.within), rng)


def _chance(chance: Numbers, factor: Numbers) -> Numbers:
    return np.asarray(1 - (1 - np.clip(chance, 0, 1)) ** factor)


def _positive(mean: Numbers, error: Numbers, rng: np.random.Generator) -> Numbers:
    """Gamma-distributed numbers of these means and standard errors; a mean that is not above 0 stays as it is."""
    sure = (error <= 0) | (mean <= 0)
    shape = np.divide(mean, error, out=np.ones_like(mean), where=~sure) ** 2
    return np.where(sure, mean, rng.gamma(shape) * mean / shape)


def _by_group(group: Places, values: Numbers, groups: int) -> Numbers:
    """The sum of each group, and of all of them behind."""
    return np.append(np.bincount(group, values, groups)[:groups], values.sum())
