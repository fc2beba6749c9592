"""Paths of journeys: by hand, and against plain Python over random journeys."""

from collections import Counter
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attribution.answer import Period
from attribution.paths import (
    NO_TOUCH,
    PathQuestion,
    Step,
    assisted_report,
    path_length_report,
    path_report,
    time_to_conversion_report,
)
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, stage, visit

ALL_DAYS = Period(FIRST_DAY, LAST_DAY)


def question(**asked: Any) -> PathQuestion:
    return PathQuestion(ALL_DAYS, **{"of": Step.SOURCE, **asked})


def sale(name: str, days: float, visitor: str, **fields: Any) -> dict[str, Any]:
    return stage(name, "sale", days, visitor_id=visitor, **{"amount": 1000, "margin": 100, **fields})


def tell_three(world: World) -> None:
    """a → a → b sold after 6 days, b alone on its own day, and one without a touch."""
    world.tell({
        "touches": [
            visit("t1", "one", 1, "a"), visit("t2", "one", 2, "a"), visit("t3", "one", 5, "b"),
            visit("t4", "two", 10, "b"),
        ],
        "deals": [
            sale("d1", 7, "one", dealer="north"), sale("d2", 10.2, "two", dealer="south", amount=3000, margin=500),
            sale("d3", 20, "three", dealer="north", amount=500, margin=50),
        ],
    })  # fmt: skip
    world.attribute()


def test_top_paths(shared: World) -> None:
    shared.hold(tell_three)
    answer = path_report(shared.services.warehouse, question())
    assert answer.items() == [
        {"path": "b", "conversions": 1, "share": pytest.approx(1 / 3), "touches_mean": 1, "revenue": 3000,
         "margin": 500, "days_median": 0},
        {"path": "a → b", "conversions": 1, "share": pytest.approx(1 / 3), "touches_mean": 3, "revenue": 1000,
         "margin": 100, "days_median": 6},
        {"path": NO_TOUCH, "conversions": 1, "share": pytest.approx(1 / 3), "touches_mean": 0, "revenue": 500,
         "margin": 50, "days_median": 0},
    ]  # fmt: skip
    assert (answer.totals["conversions"], answer.totals["revenue"], answer.groups) == (3, 4500, 3)
    kept = path_report(shared.services.warehouse, question(folded=False)).items()
    assert [row["path"] for row in kept] == ["b", "a → a → b", NO_TOUCH]


def test_the_least_frequent_are_left_out_and_still_counted(shared: World) -> None:
    shared.hold(tell_three)
    answer = path_report(shared.services.warehouse, question(limit=1))
    assert [row["path"] for row in answer.items()] == ["b"]
    assert (answer.groups, answer.totals["conversions"]) == (3, 3)


def test_lengths_and_times(shared: World) -> None:
    shared.hold(tell_three)
    lengths = path_length_report(shared.services.warehouse, question()).items()
    assert {row["touches"]: row["conversions"] for row in lengths if row["conversions"]} == {
        NO_TOUCH: 1,
        "1": 1,
        "3": 1,
    }
    assert [row["touches"] for row in lengths][:3] == [NO_TOUCH, "1", "2"]
    assert lengths[-1]["upto"] == pytest.approx(1)
    times = time_to_conversion_report(shared.services.warehouse, question())
    found = {row["time"]: row["conversions"] for row in times.items() if row["conversions"]}
    assert found == {NO_TOUCH: 1, "the same day": 1, "4–7 days": 1}
    assert (times.about["days_median"], times.about["days_p90"]) == (0, 6)


def test_who_opens_assists_and_closes(shared: World) -> None:
    shared.hold(tell_three)
    answer = assisted_report(shared.services.warehouse, question())
    rows = {row["source"]: row for row in answer.items()}
    counted = {
        name: (row["on_path"], row["opened"], row["assisted"], row["closed"], row["alone"])
        for name, row in rows.items()
    }
    assert counted == {"a": (1, 1, 1, 0, 0), "b": (2, 1, 0, 2, 1), NO_TOUCH: (1, 1, 0, 1, 1)}
    assert rows["a"]["assisted_revenue"] == 1000
    assert rows["a"]["assisted_to_closed"] is None
    assert rows["b"]["closed_revenue"] == 4000
    assert answer.totals == {"closed": 3, "closed_revenue": 4500, "closed_margin": 650}


def test_kinds_and_periods(world: World) -> None:
    world.tell({
        "touches": [visit("t1", "one", 1, "a")],
        "leads": [lead("l1", 2, visitor_id="one")],
    })  # fmt: skip
    world.attribute()
    assert path_report(world.services.warehouse, question(kind="lead")).totals["conversions"] == 1
    empty = path_report(world.services.warehouse, question())
    assert (empty.items(), empty.groups) == ([], 0)
    assert path_length_report(world.services.warehouse, question()).items() == []
    assert time_to_conversion_report(world.services.warehouse, question()).about["days_median"] is None
    assert assisted_report(world.services.warehouse, question()).items() == []


@pytest.mark.parametrize(
    ("asked", "where"), [({"kind": "call"}, "kind"), ({"limit": 0}, "limit"), ({"limit": 1001}, "limit")]
)
def test_what_cannot_be_asked(asked: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        question(**asked)
    assert refused.value.where == where


@settings(max_examples=3, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_it_is_what_plain_python_finds(world: World, seed: int) -> None:
    rng = np.random.default_rng(seed)
    world.clear()
    touches, deals, journeys = [], [], []
    for person in range(40):
        steps = [str(name) for name in rng.choice(["a", "b", "c"], rng.integers(0, 6))]
        for number, name in enumerate(steps):
            touches.append(visit(f"t{person}-{number}", f"v{person}", 1 + number * 2 + person / 100, name))
        deals.append(sale(f"d{person}", 30 + person / 10, f"v{person}", amount=100 + person))
        journeys.append((steps, 100 + person))
    world.tell({"touches": touches, "deals": deals})
    world.attribute()
    warehouse = world.services.warehouse
    folded = Counter(" → ".join(name for name, _ in groupby(steps)) or NO_TOUCH for steps, _ in journeys)
    assert {row["path"]: row["conversions"] for row in path_report(warehouse, question(limit=1000)).items()} == folded
    lengths = {row["touches"]: row for row in path_length_report(warehouse, question()).items()}
    for number in range(6):
        name = str(number) if number else NO_TOUCH
        own = [amount for steps, amount in journeys if len(steps) == number]
        told = lengths.get(name, {"conversions": 0, "revenue": 0})
        assert (told["conversions"], told["revenue"]) == (len(own), pytest.approx(sum(own)))
    for row in assisted_report(warehouse, question()).items():
        on_path = [steps for steps, _ in journeys if row["source"] in (steps or [NO_TOUCH])]
        assert row["on_path"] == len(on_path) == row["assisted"] + row["closed"]
        assert row["closed"] == sum((steps or [NO_TOUCH])[-1] == row["source"] for steps in on_path)
