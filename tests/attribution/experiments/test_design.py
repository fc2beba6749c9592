"""Experiments as they are entered: checked, kept, and noted."""

from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, select

from attribution.experiments.design import Experiment, read_experiment
from attribution.experiments.register import add_experiment, experiment_of, experiments, remove_experiment
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from tests.attribution.world import NOW

CLOCK = FrozenClock(NOW)
TOLD: dict[str, Any] = {
    "id": "vk-pause", "channels": ["paid_social"], "design": "geo", "switched": "off", "test": ["north"],
    "control": ["south", "east"], "baseline_from": "2026-01-01",
    "periods": [{"from": "2026-02-01", "to": "2026-02-03"}],
}  # fmt: skip


def read(**changed: Any) -> Experiment:
    return read_experiment(orjson.dumps({**TOLD, **changed}))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"id": "VK pause"}, "id: "),
        ({"channels": []}, "channels: "),
        ({"test": []}, "a geo experiment names the units"),
        ({"design": "time"}, "an experiment over time has none"),
        ({"control": ["north"]}, "'north' is in test, too"),
        ({"baseline_from": "2026-02-01"}, "is not before the first period"),
        ({"periods": [{"from": "2026-02-03", "to": "2026-02-01"}]}, "before it begins"),
        (
            {"periods": [{"from": "2026-02-01", "to": "2026-02-09"}, {"from": "2026-02-05", "to": "2026-02-12"}]},
            "begins before another has ended",
        ),
        ({"cost": -1}, "cost: "),
        ({"colour": 1}, "colour: "),
    ],
)
def test_what_is_wrong_with_one_is_said(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read(**changed)


def test_days_of_the_switch_and_of_the_baseline() -> None:
    periods = [{"from": "2026-01-03", "to": "2026-01-04"}, {"from": "2026-01-08", "to": "2026-01-08"}]
    on, off = read(periods=periods, washout_days=1).days()
    assert [day.day for day in on] == [3, 4, 8]
    assert [day.day for day in off] == [1, 2, 6, 7]
    late_on, late_off = read(periods=periods, washout_days=1).days(lag=30)
    assert (late_on[0], late_off[0]) == (date(2026, 2, 2), date(2026, 1, 31))


def test_one_is_kept_as_it_was_told_noted_and_removed(database: Engine) -> None:
    told = read(cost="1200.50", factor_by="sales")
    add_experiment(database, told, author="anna", clock=CLOCK)
    add_experiment(database, read(id="a-first"), author="anna", clock=CLOCK)
    assert experiment_of(database, "vk-pause") == told
    assert [each.id for each in experiments(database)] == ["a-first", "vk-pause"]
    with pytest.raises(InvalidInput, match="already"):
        add_experiment(database, told, author="anna", clock=CLOCK)
    remove_experiment(database, "vk-pause", author="boris", clock=CLOCK)
    for call in (lambda: experiment_of(database, "vk-pause"),
                 lambda: remove_experiment(database, "vk-pause", author="boris", clock=CLOCK)):  # fmt: skip
        with pytest.raises(NotFound):
            call()
    with database.connect() as connection:
        noted = connection.execute(select(audit_log).where(audit_log.c.what == "experiment vk-pause")).all()
    assert [(each.who, bool(each.before), bool(each.after)) for each in noted] == [
        ("anna", False, True), ("boris", True, False),
    ]  # fmt: skip
    assert orjson.loads(noted[0].after) == told.as_dict()
