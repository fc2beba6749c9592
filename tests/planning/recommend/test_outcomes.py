"""Promised against happened: of applied recommendations, once their month is over, and until it is settled."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from planning.media.months import Month
from planning.recommend.applying import Applying
from planning.recommend.outcomes import Outcomes, accuracy_of
from planning.recommend.register import Recommendation
from tests.planning.recommend.conftest import Keep
from tests.planning.recommend.responses import JANUARY

OVER, SETTLED = date(2027, 2, 1), date(2027, 6, 1)
_COLUMNS = ["dealer", "channel", "contractor", "cost", "leads", "margin"]


def happened_as(told: Recommendation, times: float = 1.0, spend: float = 1.0) -> pd.DataFrame:
    """So many times the leads that were promised of each cell."""
    rows = [
        (cell["dealer"], cell["channel"], cell["contractor"], cell["recommended"] * spend, cell["leads"] * times,
         cell["leads"] * times * 900)
        for cell in told.cells
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


@pytest.fixture
def outcomes(holding: Engine, clock: FrozenClock) -> Outcomes:
    return Outcomes(holding, clock)


def test_what_was_promised_stands_beside_what_came(keep: Keep, applying: Applying, outcomes: Outcomes) -> None:
    told = keep()
    applying.apply(told.id, JANUARY, author="anna", today=date(2026, 12, 10))
    assert outcomes.keep_up(date(2027, 1, 31), lambda _: happened_as(told)) == 0
    assert outcomes.keep_up(OVER, lambda _: happened_as(told)) == 1
    leads = next(each for each in outcomes.all() if each.figure == "leads")
    assert leads.is_inside
    assert leads.fact == pytest.approx(leads.at_spend, rel=0.01)
    assert (leads.followed, leads.is_settled) == (1.0, False)
    accuracy = accuracy_of(outcomes.all())[0]
    assert (accuracy.count, accuracy.inside) == (1, 1)
    assert accuracy.bias == pytest.approx(0, abs=0.02)


def test_it_is_measured_again_until_it_is_settled(keep: Keep, applying: Applying, outcomes: Outcomes) -> None:
    told = keep()
    applying.apply(told.id, JANUARY, author="anna", today=date(2026, 12, 10))
    outcomes.keep_up(OVER, lambda _: happened_as(told, 0.2))
    assert outcomes.keep_up(SETTLED, lambda _: happened_as(told, 0.5)) == 1
    assert outcomes.keep_up(SETTLED, lambda _: happened_as(told)) == 0
    found = outcomes.all()
    assert {each.figure for each in found} == {"leads", "margin"}
    assert not any(each.is_inside for each in found)
    assert accuracy_of(found)[0].bias == pytest.approx(-0.5, abs=0.02)


def test_spend_that_did_not_follow_is_no_error_of_the_model(keep: Keep, applying: Applying, outcomes: Outcomes) -> None:
    told = keep()
    applying.apply(told.id, JANUARY, author="anna", today=date(2026, 12, 10))
    outcomes.keep_up(OVER, lambda _: happened_as(told, spend=0.5))
    found = outcomes.all()[0]
    assert found.followed == pytest.approx(0.5, abs=0.01)
    assert found.at_spend < found.promised * 0.9
    assert outcomes.all(seen=Visibility(dealers=frozenset({"north"}))) == []


def test_where_nothing_happened_all_is_0(keep: Keep, applying: Applying, outcomes: Outcomes) -> None:
    told = keep()
    applying.apply(told.id, JANUARY, author="anna", today=date(2026, 12, 10))
    outcomes.keep_up(OVER, lambda _: pd.DataFrame(columns=_COLUMNS))
    assert {(each.fact, each.spend_fact, each.followed) for each in outcomes.all()} == {(0, 0, 0)}
    assert outcomes.all()[0].month == Month(2027, 1)
    assert accuracy_of([])[0].bias is None
