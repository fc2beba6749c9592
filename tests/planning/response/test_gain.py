"""On holdings whose truth is known, what the fitted curves earn, and how often their intervals hold.

`python -m bench.planning` does the same on ten holdings of each family; here are as few as guard it.
"""

import numpy as np
import pytest

from planning.response.choosing import choose
from tests.planning.response.earning import NARROW, WIDE, earned, fitted, panel_of
from tests.planning.response.panels import TrueFamily, simulate


@pytest.mark.parametrize(
    ("seed", "family", "misattributed"),
    [(0, TrueFamily.MICHAELIS_MENTEN, 0.0), (4, TrueFamily.MICHAELIS_MENTEN, 0.4), (2, TrueFamily.HILL, 0.2)],
)
def test_most_of_the_attainable_gain_is_earned(seed: int, family: TrueFamily, misattributed: float) -> None:
    holding = simulate(seed, family=family, misattributed=misattributed)
    response = fitted(holding)
    narrow, wide = earned(holding, response, NARROW), earned(holding, response, WIDE)
    assert narrow.ours > 0.9
    assert wide.ours > 0.8
    for each in (narrow, wide):
        assert each.ours > max(each.fixed_cpl, each.unpooled, each.by_romi)
    assert 0.7 < narrow.covered < 0.9


def test_stray_leads_are_noticed_and_none_are_made_up() -> None:
    astray = [choose(panel_of(simulate(seed, misattributed=share))).fit.held.leakage.share
              for seed, share in ((3, 0.3), (5, 0.0))]  # fmt: skip
    assert astray[0] == pytest.approx(0.3, abs=0.07)
    assert astray[1] == 0


def test_what_carries_over_is_found() -> None:
    holding = simulate(1, dealers=30, channels=3, carry=0.45, varied=0.4)
    carry = choose(panel_of(holding)).fit.held.carry
    assert np.median(carry) == pytest.approx(0.45, abs=0.16)
