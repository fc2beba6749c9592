"""Where the past tells little or nothing: wide intervals, a ground that says so, and never a crash."""

import numpy as np
import pytest

from attribution.experiments.calibration import Factor
from planning.response.calibrating import calibrated, combined
from planning.response.choosing import choose
from planning.response.curves import LEAST, MOST
from planning.response.drawing import response_of
from planning.response.margins import margins_of
from planning.response.model import Cell, Ground, Response
from planning.response.panel import Panel

RNG = np.random.default_rng(7)


def panel(spend: np.ndarray, leads: np.ndarray, channels: int = 1) -> Panel:
    cells = [Cell(f"d{place // channels}", f"c{place % channels}") for place in range(len(spend))]
    return Panel.of(cells, spend, leads)


def answer(told: Panel) -> Response:
    cells = len(told.cells)
    response = response_of(told, choose(told), np.full(cells, 100.0), np.full(cells, 10.0))
    assert np.isfinite(response.curves.at(response.curves.usual)).all()
    assert np.isfinite(response.draws.at(response.curves.usual)).all()
    assert ((response.draws.elasticity >= LEAST) & (response.draws.elasticity <= MOST)).all()
    return response


def test_where_spend_never_varied_nothing_is_claimed() -> None:
    response = answer(panel(np.full((20, 24), 1000.0), RNG.poisson(10, (20, 24)).astype(float)))
    assert set(response.grounds) == {Ground.NONE}
    low, high = np.quantile(response.draws.elasticity, [0.1, 0.9])
    assert high - low > 0.4


@pytest.mark.parametrize("months", [1, 2, 5])
def test_few_months_are_enough_for_an_answer(months: int) -> None:
    spend = RNG.uniform(500, 1500, (12, months))
    assert len(answer(panel(spend, RNG.poisson(5, (12, months)).astype(float), channels=3))) == 12


def test_a_channel_that_brought_nothing_brings_nothing() -> None:
    leads = RNG.poisson(10, (20, 24)).astype(float)
    leads[1::2] = 0
    response = answer(panel(RNG.uniform(500, 1500, (20, 24)), leads, channels=2))
    assert (response.curves.brought[1::2] == 0).all()
    assert (response.draws.brought[:, 1::2] == 0).all()


def test_a_cell_without_leads_is_drawn_towards_its_channel() -> None:
    leads = RNG.poisson(4, (10, 24)).astype(float)
    leads[0] = 0
    response = answer(panel(RNG.uniform(500, 1500, (10, 24)), leads))
    assert 0 < response.curves.brought[0] < response.curves.brought[1:].min()


def test_one_cell_refunds_and_months_without_spend_do_no_harm() -> None:
    spend = RNG.uniform(500, 1500, (1, 24))
    spend[0, 3:5] = [0, -200]
    response = answer(panel(spend, RNG.poisson(10, (1, 24)).astype(float)))
    assert response.lowest[0] >= 500
    nothing = answer(panel(np.vstack([spend, 0 * spend]), np.vstack([spend, 0 * spend]) // 100))
    assert nothing.lowest[1] == nothing.highest[1] == 0


def test_a_lift_test_pulls_the_level_by_its_precision() -> None:
    share, error = combined(1.0, Factor("t", 0.5, 0.5 - 1.96 * 0.25, 0.5 + 1.96 * 0.25))
    assert [share, error] == pytest.approx([0.75, 0.25 / np.sqrt(2)])
    told = panel(np.full((6, 24), 1000.0), RNG.poisson(10, (6, 24)).astype(float), channels=2)
    before = answer(told)
    after = calibrated(before, told, choose(told), {"c0": Factor("t", 0.5, 0.49, 0.51)})
    assert after.curves.brought[::2] == pytest.approx(before.curves.brought[::2] * 0.5, rel=0.02)
    assert after.curves.brought[1::2] == pytest.approx(before.curves.brought[1::2])
    assert (after.grounds[0], after.grounds[1]) == (Ground.TEST, Ground.NONE)


def test_margins_of_few_leads_are_drawn_towards_their_channel_and_wait_for_sales() -> None:
    leads = np.array([[100.0] * 12, [100.0] * 12, [0.2] * 12])
    told = panel(np.ones((3, 12)), leads)
    seen = np.ones(12)
    seen[-1] = 0.5
    margin = leads * seen * np.array([[90.0], [110.0], [5000.0]]) * RNG.normal(1, 0.05, (3, 12))
    found = margins_of(told, margin, seen)
    assert found.mean[:2] == pytest.approx([90, 110], rel=0.1)
    assert found.mean[2] < 3000
    assert (margins_of(told, 0 * margin, seen).mean == 0).all()
