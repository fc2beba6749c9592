"""How leads become sales is pooled, what comes without spend is told apart, and a season needs a year."""

import numpy as np
import pandas as pd
import pytest

from attribution.visibility import Visibility
from planning.media.months import Month
from planning.recommend.measured import Measured, measure
from planning.response.model import Cell

_COLUMNS = ["month", "dealer", "channel", "contractor", "cost", "leads", "sales"]


def rows(months: int) -> pd.DataFrame:
    """North sells one of ten leads, south has three leads in all; in Decembers there are twice as many."""
    found = []
    month = Month(2025, 1)
    for _ in range(months):
        times = 2 if month.month == 12 else 1
        found += [
            (str(month), "north", "vk", "", 1000.0, 100.0 * times, 10.0),
            (str(month), "north", "organic", "", 0.0, 20.0, 2.0),
            (str(month), "west", "vk", "", 500.0, 50.0, 5.0),
        ]
        month = month.after
    found.append((str(month.before), "south", "vk", "", 10.0, 3.0, 1.0))
    return pd.DataFrame(found, columns=_COLUMNS)


def test_a_dealer_with_three_leads_gets_a_sane_conversion() -> None:
    known = measure(rows(12), 24)
    mean, low, high = known.sold["south"]
    assert 0.05 < mean < 0.4
    assert low < mean < high
    sold, draws = known.conversion([Cell("north", "vk"), Cell("south", "vk"), Cell("nobody", "vk")], 500)
    assert sold[0] == pytest.approx(known.sold["north"][0])
    assert sold[2] == pytest.approx(known.sold[""][0])
    assert draws.shape == (500, 3)
    assert np.allclose(draws.mean(axis=0), sold, atol=0.03)


def test_what_comes_without_spend_is_told_by_dealer_and_to_whom_sees_it() -> None:
    known = measure(rows(12), 24)
    assert known.other_leads == {"north": 20}
    assert known.other_sales == {"north": 2}
    assert known.seen_by(Visibility(dealers=frozenset({"south"}))).other_leads == {}


def test_a_season_needs_a_year() -> None:
    assert measure(rows(6), 24).season == {}
    season = measure(rows(24), 24).season
    assert season[12] > 1.3
    assert season[1] < 1


def test_of_nothing_nothing_is_measured() -> None:
    known = measure(pd.DataFrame(columns=_COLUMNS), 24)
    assert known == Measured()
    sold, draws = known.conversion([Cell("north", "vk")], 3)
    assert (sold.tolist(), draws.tolist()) == ([0], [[0], [0], [0]])
