"""On holdings whose truth is known: deals that are still open are not lost, few data lean on others, intervals hold."""

import numpy as np
import pytest

from planning.rates.backtest import CHAIN, backtest, fit_rates
from planning.rates.counts import Rate
from planning.rates.coverage import Outturn, calibrated
from planning.rates.levels import Level, variance
from planning.rates.staged import fit
from tests.planning.rates.simulated import end_of, simulate

MONTHS = np.arange(12, dtype=np.intp)


def test_open_deals_are_not_lost() -> None:
    """Of the last three months most sales are still to come: counted as lost, the rate would be far too low."""
    found = simulate(3, leads=40)
    late = slice(-3, None)
    counts = found.counts(end_of(found))
    leads, sales = (counts.figures[name][:, :, late].sum() for name in ("leads", "sales"))
    chosen = found.month >= len(found.places.months) - 3
    truth = float((found.visit_rate * found.sale_rate)[found.dealer[chosen], found.channel[chosen]].mean())
    naive, ours = sales / leads, sales / counts.figures["sales_known"][:, :, late].sum()
    assert naive < 0.75 * truth
    assert ours == pytest.approx(truth, rel=0.1)
    fitted = fit_rates(counts).rates[Rate.SALE]
    weights = counts.figures["leads"].sum(axis=2)
    whole = (fitted.mean * weights).sum() / weights.sum()
    assert whole == pytest.approx((found.visit_rate * found.sale_rate * weights).sum() / weights.sum(), rel=0.05)


def test_unripe_months_are_left_out() -> None:
    found = simulate(5)
    fitted = fit_rates(found.counts(end_of(found)))
    last = len(found.places.months) - 1
    assert fitted.left_out[Rate.SALE] == (last,)
    assert not fitted.left_out[Rate.LEADS]


@pytest.mark.parametrize("seed", [1, 2])
def test_intervals_hold_as_much_as_they_say(seed: int) -> None:
    """Measured on months that the factor was not taken from."""
    found = simulate(seed)
    calibrations = backtest(found.counts(end_of(found)), found.known_before)
    for name in (Rate.LEADS.value, Rate.VISIT.value, Rate.SALE_OF_VISIT.value, CHAIN):
        for level in (Level.CELL, Level.DEALER):
            held = calibrations[(name, level)]
            assert held.after is not None
            assert 0.72 < held.after < 0.88, (name, level, held)
            assert held.counts > 30


def test_pooled_rates_are_nearer_to_the_truth_than_raw_ones() -> None:
    found = simulate(7, leads=4)
    counts = found.counts(end_of(found))
    pooled = fit_rates(counts).rates[Rate.VISIT].mean
    came, known = counts.figures["visits"].sum(axis=2), counts.figures["visits_known"].sum(axis=2)
    raw = came / np.maximum(known, 1e-9)
    errors = [float(np.sqrt(((each - found.visit_rate) ** 2).mean())) for each in (pooled, raw)]
    assert errors[0] < 0.8 * errors[1]


def test_a_dealer_with_three_sales_gets_a_sane_figure() -> None:
    """One of them sold all its three leads; it is drawn to the others, and told with a wide interval."""
    exposure = np.full((10, 1, 12), 20.0)
    exposure[0] = 0.25
    events = np.full((10, 1, 12), 2.0)
    events[0] = 0.25
    found = fit(events, exposure, np.zeros(10, dtype=np.intp), MONTHS)
    assert found.mean[0, 0] < 0.35
    assert found.mean[5, 0] == pytest.approx(0.1, rel=0.1)


def test_extremes() -> None:
    brands = np.array([0, 1, 1], dtype=np.intp)
    nothing = fit(np.zeros((3, 2, 12)), np.ones((3, 2, 12)), brands, MONTHS)
    assert not nothing.is_known
    one = fit(np.ones((1, 1, 1)), np.full((1, 1, 1), 10.0), np.zeros(1, dtype=np.intp), MONTHS[:1])
    assert one.mean[0, 0] == pytest.approx(0.1, rel=0.01)
    assert np.isfinite(one.own).all()
    events, exposure = np.zeros((3, 2, 12)), np.zeros((3, 2, 12))
    events[0, 0], exposure[0] = 5, 50
    rest = fit(events, exposure, brands, MONTHS)
    assert np.isfinite(rest.mean).all()
    assert (rest.mean > 0).all()
    assert rest.mean[2, 0] > rest.mean[2, 1]


def test_seasons_are_believed_by_years() -> None:
    months = np.arange(36, dtype=np.intp) % 12
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(12) / 12)
    exposure = np.full((5, 2, 36), 1000.0)
    found = fit(np.round(100 * season[months]) * np.ones((5, 2, 36)), exposure, np.zeros(5, dtype=np.intp), months)
    expected = (season / np.exp(np.log(season).mean())) ** 0.75
    assert found.season == pytest.approx(expected, rel=0.03)


def test_errors_that_are_shared_do_not_even_out() -> None:
    found = simulate(4)
    staged = fit_rates(found.counts(end_of(found))).rates[Rate.VISIT]
    expected = np.full(staged.mean.shape, 10.0)
    whole = variance([staged], expected, Level.HOLDING)[0]
    apart = variance([staged], expected, Level.CELL).sum()
    assert whole > apart
    for level in (Level.DEALER, Level.CHANNEL):
        assert apart <= variance([staged], expected, level).sum() <= whole


def test_the_factor_widens_what_is_too_narrow() -> None:
    rng = np.random.default_rng(1)
    months = []
    for _ in range(12):
        mean = rng.uniform(20, 60, 40)
        months.append(Outturn(mean, mean, rng.poisson(rng.gamma(mean**2 / (3 * mean), 3.0)).astype(float)))
    found = calibrated(months)
    assert found.before is not None
    assert found.after is not None
    assert found.before < 0.6
    assert found.factor == pytest.approx(2, rel=0.15)
    assert found.after == pytest.approx(0.8, abs=0.05)
    assert calibrated(months[:1]).after is None
    assert calibrated([]).before is None
