"""Maturity of recent periods: what has come, and what is still to come."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from attribution.answer import Answer, Period
from attribution.maturity import MaturityQuestion, Since, maturity_report
from attribution.models import Model
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, stage, visit


def maturity(world: World, by: str = "month", since: Since = Since.LEAD, kind: str = "sale", **asked: Model) -> Answer:
    question = MaturityQuestion(Period(FIRST_DAY, LAST_DAY), by, since, kind, **asked)
    return maturity_report(world.services.warehouse, question, world.services.settings)


def steady(world: World, seed: int = 4) -> pd.DataFrame:
    """Four leads a day for 120 days, each by a visit the day before; half buy after 1 to 40 days. What was to come."""
    rng = np.random.default_rng(seed)
    leads, touches, deals, truth = [], [], [], []
    for n in range(476):
        at, sold, lag = n / 4 + 0.3, rng.random() < 0.5, float(rng.integers(1, 41))
        touches.append(visit(f"t{n}", f"v{n}", at - 1, "yandex"))
        leads.append(lead(f"l{n}", at, visitor_id=f"v{n}"))
        if sold and at + lag < 120:
            deals.append(stage(f"d{n}", "sale", at + lag, visitor_id=f"v{n}", lead_id=f"l{n}"))
        truth.append((pd.Timestamp("2026-01-01") + pd.Timedelta(days=at), sold, sold and at + lag < 119))
    world.tell({"touches": touches, "leads": leads, "deals": deals})
    world.attribute()
    return pd.DataFrame(truth, columns=["at", "sold", "come"])


def test_it_foretells_what_is_to_come(world: World) -> None:
    truth = steady(world)
    report = maturity(world)
    rows = report.rows.set_index("month")
    sold = truth.groupby(truth["at"].dt.strftime("%Y-%m-01"))[["sold", "come"]].sum()
    assert rows["begun"].sum() == 476
    assert rows["seen"].iloc[0] == 1
    assert rows["seen"].iloc[-1] < 0.6
    assert (np.diff(rows["seen"]) <= 1e-9).all()
    assert (rows["come"] - sold["come"]).abs().max() <= 2  # the last day is not over
    assert rows["expected"].to_numpy() == pytest.approx(sold["sold"].to_numpy(), abs=12)
    assert report.totals["expected"] == pytest.approx(sold["sold"].sum(), rel=0.08)
    assert report.about["lag_days"]["median"] == pytest.approx(21, abs=3)
    assert (rows["seen"] + rows["to_come"]).to_numpy() == pytest.approx(1)


def test_days_weeks_and_months_hold_the_same(shared: World) -> None:
    shared.hold(steady)
    months = maturity(shared, "month")
    for by in ("day", "week"):
        rows = maturity(shared, by).rows
        assert rows["begun"].sum() == months.rows["begun"].sum()
        assert rows["come"].sum() == months.rows["come"].sum()
        assert pd.to_datetime(rows[by]).is_monotonic_increasing
    weeks = pd.to_datetime(maturity(shared, "week").rows["week"])
    assert set(weeks.dt.day_of_week) == {0}


def test_from_the_touch_on_it_takes_a_day_longer(shared: World) -> None:
    shared.hold(steady)
    by_touch = maturity(shared, since=Since.TOUCH, model=Model.LINEAR)
    by_lead = maturity(shared)
    assert by_touch.about["lag_days"]["median"] == by_lead.about["lag_days"]["median"] + 1
    assert by_touch.rows["begun"].sum() == 476
    leads = maturity(shared, since=Since.TOUCH, kind="lead")
    assert leads.totals["seen"] == pytest.approx(1, abs=0.02)
    assert leads.about["lag_days"] == {"median": 2, "p90": 2, "longest": 2}


def test_without_sales_nothing_is_known(world: World) -> None:
    world.tell({"leads": [lead("l", 1)]})
    world.attribute()
    report = maturity(world)
    (row,) = report.items()
    assert (row["begun"], row["come"], row["seen"], row["expected"]) == (1, 0, None, None)
    assert report.about["lag_days"] is None


@pytest.mark.parametrize(
    ("by", "since", "kind", "where"),
    [("dealer", Since.LEAD, "sale", "by"), ("day", Since.LEAD, "service_visit", "kind"),
     ("day", Since.TOUCH, "contract", "kind")],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(by: str, since: Since, kind: str, where: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        MaturityQuestion(Period(date(2026, 1, 1), date(2026, 1, 31)), by, since, kind)
    assert raised.value.where == where
