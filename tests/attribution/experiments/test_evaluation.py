"""Experiments from events to factors, and reports that they calibrate."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.answer import Answer
from attribution.experiments.calibration import NOT_INCREMENTAL, Factor, calibrated, calibrated_report, factors
from attribution.experiments.design import Design, Experiment, Unit, read_experiment
from attribution.experiments.evaluation import Evaluation, Found
from attribution.experiments.power import Planned, power_report
from attribution.experiments.reporting import experiment_report
from attribution.measures import MEASURES, SUMS
from attribution.models import Model
from attribution.reports import Question
from attribution.runs import Run
from infra.errors import InvalidInput, NotReady
from tests.attribution.world import FIRST_DAY, LAST_DAY, NOW, World, lead, spend, stage, visit

SWITCHED = range(60, 90)  # March 2026
DEALERS = [f"d{n}" for n in range(10)]
TEST = DEALERS[:4]
GEO: dict[str, Any] = {
    "id": "vk-on", "channels": ["paid_social"], "design": "geo", "switched": "on", "test": TEST,
    "baseline_from": "2026-01-01", "periods": [{"from": "2026-03-02", "to": "2026-03-31"}],
}  # fmt: skip


def told(**changed: Any) -> Experiment:
    return read_experiment(orjson.dumps({**GEO, **changed}))


def requests() -> Iterator[tuple[str, str, float, str]]:
    """Name, dealer, day and source: two a day by search; on the days of the switch, in its dealers, two more by vk.

    One of these would have come by search, so that vk brings half of what it is allocated.
    """
    for dealer in DEALERS:
        for day in range(90):
            on = dealer in TEST and day in SWITCHED
            sources = ["yandex", "vk", "vk"] if on else ["yandex", "yandex"]
            for place, source in enumerate(sources):
                yield f"{dealer}-{day}-{place}", dealer, day + place / 100, source


def tell(world: World) -> None:
    world.refer(dealers=[{"id": dealer, "brand": "Lada", "city": f"city-{dealer}"} for dealer in DEALERS])
    all_requests = list(requests())
    world.tell({
        "touches": [visit(f"t{name}", f"v{name}", day, source) for name, _, day, source in all_requests],
        "leads": [lead(f"l{name}", day, visitor_id=f"v{name}", dealer=dealer) for name, dealer, day, _ in all_requests],
        "deals": [
            stage(f"s{name}", "sale", day + 0.05, visitor_id=f"v{name}", dealer=dealer, amount=1000, margin=100)
            for name, dealer, day, _ in all_requests if name.endswith("-1")
        ],
        "spend": [
            spend("2026-03-02", "2026-03-31", 3000, "vk", dealer=dealer) for dealer in TEST
        ] + [spend("2026-01-01", "2026-03-31", 900, "yandex", dealer="d9")],
    })  # fmt: skip
    world.attribute()


def report(world: World, *experiments: Experiment) -> list[dict[str, Any]]:
    return experiment_report(world.services.warehouse, experiments, Model.LAST_NON_DIRECT).items()


def test_from_events_to_factors_and_calibrated_reports(world: World) -> None:
    tell(world)
    (row,) = report(world, told())
    assert row["leads_lift"] == pytest.approx(0.5)
    assert row["leads_incremental"] == pytest.approx(4 * 30)
    assert row["leads_incremental_low"] < 120 < row["leads_incremental_high"]
    assert row["leads_attributed"] == pytest.approx(4 * 30 * 2)
    assert row["leads_factor"] == pytest.approx(0.5)
    assert row["leads_p"] < 0.01
    assert row["leads_p_arranged"] == pytest.approx(1 / 210, abs=1e-9)
    assert row["sales_lift"] == pytest.approx(0, abs=1e-9)
    assert row["sales_attributed"] == pytest.approx(120)
    assert row["sales_factor"] == pytest.approx(0, abs=1e-9)
    assert (row["cost"], row["cost_per_lead"]) == (12_000, pytest.approx(100))
    assert row["iroas"] == pytest.approx(0, abs=1e-9)
    assert row["revenue_incremental"] == pytest.approx(0, abs=1e-6)

    by_city = told(id="by-city", unit="city", test=[f"city-{dealer}" for dealer in TEST], cost="6000")
    (city,) = report(world, by_city)
    assert (city["leads_incremental"], city["cost_per_lead"]) == pytest.approx((120, 50))

    over_time = told(id="over-time", design="time", factor_by="leads")
    (late,) = report(world, over_time)
    assert late["leads_lift"] == pytest.approx(0.5, abs=1e-6)
    assert late["leads_attributed"] == pytest.approx(240)
    assert late["leads_p_arranged"] is None

    off = told(id="off", channels=["paid_search"], switched="off")
    (fewer,) = report(world, off)
    assert fewer["leads_attributed"] == pytest.approx(4 * 30)  # of two by search a day, one came
    assert fewer["leads_incremental"] == pytest.approx(-120)  # and yet there were more requests than without the pause

    warehouse, question = world.services.warehouse, Question(("channel",), FIRST_DAY, LAST_DAY)
    plain = world.report("channel")
    answer = calibrated_report(warehouse, [told()], question, "UTC")
    rows = {each["channel"]: each for each in answer.items()}
    assert rows["paid_social"]["leads"] == 120
    assert rows[NOT_INCREMENTAL]["leads"] == 120
    assert rows["paid_social"]["cpl"] == 100
    assert rows["paid_search"]["leads"] == {each["channel"]: each for each in plain.items()}["paid_search"]["leads"]
    for name in SUMS:
        assert answer.rows[name].sum() == pytest.approx(plain.rows[name].sum(), abs=1e-9), name
    assert answer.totals == plain.totals
    assert answer.about["calibrated_by"]["paid_social"]["experiment"] == "vk-on"
    assert calibrated_report(warehouse, [], question, "UTC").items() == plain.items()
    with pytest.raises(InvalidInput, match="calibrate channels"):
        calibrated_report(warehouse, [], Question(("source",), FIRST_DAY, LAST_DAY), "UTC")

    (under_way,) = report(world, told(id="under-way", periods=[{"from": "2026-03-02", "to": "2026-05-31"}]))
    assert (under_way["leads_incremental"], under_way["leads_attributed"]) == pytest.approx((120, 240))
    (to_come,) = report(world, told(id="to-come", periods=[{"from": "2026-05-02", "to": "2026-05-31"}]))
    assert (to_come["leads_lift"], to_come["cost"], to_come["cost_per_lead"]) == (None, None, None)

    with pytest.raises(InvalidInput, match="Nothing has happened in the dealer 'nobody'"):
        report(world, told(test=["nobody"]))
    for planned in (Planned(Design.GEO, Unit.DEALER, tuple(TEST)), Planned(Design.TIME)):
        (power,) = power_report(warehouse, planned).items()
        assert power["to"] == "2026-03-31"
        assert 0 < power["leads_smallest_lift"] < power["sales_smallest_lift"] < 3
        assert power["leads_smallest"] == pytest.approx(power["leads_counted"] * power["leads_smallest_lift"])


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidInput, match="names the units"):
        Planned(Design.GEO)
    with pytest.raises(InvalidInput, match="1 to 104 weeks"):
        Planned(Design.TIME, weeks=0)


def test_before_anything_came_there_is_nothing_to_plan_by(world: World) -> None:
    world.attribute()
    with pytest.raises(NotReady, match="No lead or deal"):
        power_report(world.services.warehouse, Planned(Design.TIME))


def evaluation(key: str, last: str, factor: float, low: float, high: float) -> Evaluation:
    experiment = told(id=key, periods=[{"from": "2026-02-01", "to": last}])
    found = Found(0.1, factor * 100, low * 100, high * 100, 100.0, 0.01, None)
    return Evaluation(experiment, dict.fromkeys(("leads", "sales", "revenue", "margin"), found), None)


def test_the_newest_experiment_that_tells_something_holds() -> None:
    old, new = evaluation("old", "2026-02-05", 0.4, 0.2, 0.6), evaluation("new", "2026-02-09", 0.7, 0.5, 0.9)
    undecided = evaluation("undecided", "2026-02-20", 0.5, -0.2, 1.3)
    assert factors([undecided, new, old])["paid_social"].experiment == "new"
    assert factors([undecided]) == {}


@settings(max_examples=40)
@given(factor=st.floats(-1, 3), amounts=st.lists(st.integers(0, 10**10), min_size=2, max_size=5))
def test_every_sum_is_kept_whatever_the_factor(factor: float, amounts: list[int]) -> None:
    rows = pd.DataFrame({"channel": ["paid_social", *(f"c{n}" for n in range(1, len(amounts)))]})
    rows = rows.assign(**{name: [amount / 10_000 for amount in amounts] for name in SUMS})
    run = Run(1, 1, NOW, NOW, 0, 0, {})
    plain = Answer("romi", run, ("channel",), MEASURES, rows, {}, {})
    answer = calibrated(plain, {"paid_social": Factor("x", factor, factor, factor)})
    for name in SUMS:
        whole = sum(Decimal(str(round(value, 9))) for value in answer.rows[name])
        assert whole == sum(Decimal(amount) / 10_000 for amount in amounts), name
    scaled = answer.rows.set_index("channel")
    assert scaled.loc["paid_social", "margin"] == pytest.approx(max(factor, 0) * amounts[0] / 10_000, abs=1e-4)
    assert (scaled.loc["paid_social", "cost"], scaled.loc[NOT_INCREMENTAL, "cost"]) == (amounts[0] / 10_000, 0)
