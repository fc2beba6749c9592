"""The rates of some dealers in a month, channel by channel, with their errors: what calculations begin with."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attribution.visibility import EVERYTHING, Visibility
from planning.rates.backtest import CHAIN
from planning.rates.counts import Rate
from planning.rates.coverage import Calibration
from planning.rates.levels import Level
from planning.rates.margins import Margin
from planning.rates.measured import MeasuredRates
from planning.rates.staged import Staged
from planning.split import Weights

USUAL_MONTHS = 3
"""What is spent, and comes without money, is that of the last so many whole months."""
WEIGHED_MONTHS = 12
_NORMAL = 1.2815515655446004  # of eight times of ten


@dataclass(frozen=True)
class RateOf:
    """By channel. `own` and `common` are standard deviations of logarithms: all channels share the common one."""

    value: Weights
    own: Weights
    common: Weights

    @property
    def error(self) -> Weights:
        return np.hypot(self.own, self.common)

    def bounds(self, factor: float, most: float = np.inf) -> tuple[Weights, Weights]:
        """Of eight tenths of what may be, where errors are `factor` times as large."""
        far = np.exp(_NORMAL * factor * self.error)
        return self.value / far, np.minimum(self.value * far, most)


@dataclass(frozen=True)
class ScopeRates:
    """Arrays have a place a channel. `usual` is a month's spend, `free` the leads a month of what costs nothing.

    `is_paid` are channels that ever cost anything, `is_known` those of them of which a lead came; `came` are the leads
    that were counted. `others` are sales a month of which no lead is known. `months` is how many there were.
    """

    dealers: tuple[str, ...]
    channels: tuple[str, ...]
    rates: Mapping[Rate, RateOf]
    usual: Weights
    free: Weights
    spent: Weights
    came: Weights
    is_paid: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    is_known: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    margin: Margin | None
    others: float
    months: int
    of_channel: Mapping[str, Calibration]
    of_all: Mapping[str, Calibration]

    @property
    def has_rates(self) -> bool:
        """Whether any conversion is measured."""
        return bool(np.isfinite(self.rates[Rate.VISIT].value).any() and np.isfinite(self.sale.value).any())

    @property
    def visit(self) -> RateOf:
        return self.rates[Rate.VISIT]

    @property
    def sale(self) -> RateOf:
        return self.rates[Rate.SALE_OF_VISIT]

    @property
    def cpl(self) -> Weights:
        """Missing where no lead came for what was spent."""
        rate = self.rates[Rate.LEADS].value
        return np.asarray(np.divide(1, rate, out=np.full(len(rate), np.nan), where=self.is_known & (rate > 0)))

    def factor(self, name: str, *, whole: bool = False) -> float:
        found = (self.of_all if whole else self.of_channel).get(name)
        return found.factor if found else 1.0


def scope_rates(measured: MeasuredRates, month: int, *, dealer: str = "", seen: Visibility = EVERYTHING) -> ScopeRates:
    """Of a dealer, or of all that are seen; `month` is of the year, January being 0.

    Channels are those in which anything was spent or came.
    """
    places, counts = measured.places, measured.counts
    chosen = [
        place
        for place, each in enumerate(places.dealers)
        if (each == dealer if dealer else seen.is_everything or seen.sees_dealer(each))
    ]
    leads, cost = (each[chosen] for each in (counts.figures["leads"], counts.cost))
    some = np.flatnonzero((leads.sum(axis=(0, 2)) > 0) | (cost.sum(axis=(0, 2)) > 0))
    leads, cost = leads[:, some], cost[:, some]
    rates = _rates(measured, chosen, some, leads[:, :, -WEIGHED_MONTHS:], cost[:, :, -WEIGHED_MONTHS:], month)
    whole = counts.cost[:, some].sum(axis=(0, 2)), counts.figures["leads"][:, some].sum(axis=(0, 2))
    is_paid = whole[0] > 0
    recent = slice(-USUAL_MONTHS, None)
    months = min(USUAL_MONTHS, len(places.months)) or 1
    levels = (Level.CELL, Level.DEALER) if len(chosen) == 1 else (Level.CHANNEL, Level.HOLDING)
    of_channel, of_all = (
        {name: measured.calibrations.get((name, level), Calibration()) for name in (*map(str, Rate), CHAIN)}
        for level in levels
    )
    others = counts.figures["others"][chosen][:, :, recent].sum() / months
    return ScopeRates(
        tuple(places.dealers[place] for place in chosen),
        tuple(places.channels[place] for place in some),
        rates,
        cost[:, :, recent].sum(axis=(0, 2)) / months,
        np.where(is_paid, 0.0, leads[:, :, recent].sum(axis=(0, 2)) / months),
        cost.sum(axis=(0, 2)),
        leads.sum(axis=(0, 2)),
        is_paid,
        is_paid & (whole[1] > 0),
        measured.margins.of(dealer),
        float(others),
        len(places.months),
        of_channel,
        of_all,
    )


def _rates(
    measured: MeasuredRates, chosen: list[int], some: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]",
    leads: Weights, cost: Weights, month: int,
) -> dict[Rate, RateOf]:  # fmt: skip
    """Each cell counts by what its rate is of: its money, its leads, its visits."""
    fitted = {rate: _chosen(staged, chosen, some) for rate, staged in measured.fitted.rates.items()}
    by_leads = leads.sum(axis=2)
    visits = by_leads * np.nan_to_num(fitted[Rate.VISIT].mean)
    weights = {Rate.LEADS: cost.sum(axis=2), Rate.SALE_OF_VISIT: visits}
    return {rate: _mixed(staged, weights.get(rate, by_leads), month) for rate, staged in fitted.items()}


def _chosen(staged: Staged, dealers: list[int], channels: "np.ndarray[tuple[int, ...], np.dtype[np.intp]]") -> Staged:
    at = np.ix_(np.array(dealers, dtype=np.intp), channels)
    return Staged(
        staged.mean[at], staged.own[at], staged.weight[at], staged.of_dealer[dealers], staged.of_channel[channels],
        staged.season,
    )  # fmt: skip


def _mixed(staged: Staged, weights: Weights, month: int) -> RateOf:
    """Means over dealers; a channel without weight anywhere takes all dealers alike."""
    weight = np.where(weights.sum(axis=0) > 0, weights, 1.0)
    parts = weight / np.maximum(weight.sum(axis=0), 1e-300)
    value = (parts * staged.mean).sum(axis=0)
    pull = np.divide(parts * staged.mean, value, out=np.zeros_like(parts), where=value > 0)
    leaning = pull * staged.weight
    own = (pull**2 * staged.own**2).sum(axis=0) + leaning.sum(axis=0) ** 2 * staged.of_channel**2
    common = (leaning**2 * staged.of_dealer[:, None] ** 2).sum(axis=0)
    return RateOf(value * staged.at(month), np.sqrt(own), np.sqrt(common))
