"""Marks that no rule knows, and deals that name nobody."""

from datetime import date

import pytest

from attribution.answer import Period
from attribution.data_health import deals_without_contacts, unknown_marks
from infra.errors import NotReady
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, stage, visit

ALWAYS = Period(FIRST_DAY, LAST_DAY)


def test_marks_that_no_rule_knows_are_told_with_what_they_brought(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v1", 1, "yandex"), visit("t2", "v2", 1, "mystery"), visit("t3", "v3", 1, "riddle"),
            {"id": "t4", "visitor_id": "v4", "occurred_at": "2026-01-02T10:00:00Z", "source": "riddle"},
        ],
        "leads": [lead("l1", 2, visitor_id="v1"), lead("l2", 2, visitor_id="v2")],
    })  # fmt: skip
    world.attribute()
    answer = unknown_marks(world.services.warehouse, ALWAYS)
    assert [(row["source"], row["sessions"], row["leads"]) for row in answer.items()] == [
        ("mystery", 1, 1), ("riddle", 1, 0), ("riddle", 1, 0),
    ]  # fmt: skip
    assert answer.totals == {"sessions": 3, "leads": 1, "sales": 0}
    earlier = Period(date(2025, 1, 1), date(2025, 12, 31))
    assert unknown_marks(world.services.warehouse, earlier).items() == []


def test_deals_that_name_nobody_are_told_by_dealer(world: World) -> None:
    world.tell({
        "deals": [
            stage("d1", "lead", 1, dealer="north"), stage("d1", "sale", 3),
            stage("d2", "lead", 2, dealer="north", contact={"phone": "+79000000001"}),
            stage("d3", "lead", 2, dealer="north"), stage("d3", "visit", 4, visitor_id="v1"),
            stage("d4", "lead", 5), stage("d5", "lead", 2, dealer="south", lead_id="l1"),
            stage("d6", "lead", -400, dealer="north"),
        ]
    })  # fmt: skip
    answer = deals_without_contacts(world.services.warehouse, ALWAYS, "UTC")
    assert [(row["dealer"], row["nameless"], row["sales"], row["deals"]) for row in answer.items()] == [
        ("(none)", 1, 0, 1), ("north", 1, 1, 3),
    ]  # fmt: skip
    assert answer.items()[1]["share"] == pytest.approx(1 / 3)
    assert answer.about["examples"] == [{"dealer": "(none)", "deals": ["d4"]}, {"dealer": "north", "deals": ["d1"]}]
    assert answer.totals == {"nameless": 2, "sales": 1, "deals": 4, "share": 0.5}


def test_where_nothing_came_nothing_is_wrong(world: World) -> None:
    assert deals_without_contacts(world.services.warehouse, ALWAYS, "UTC").totals["share"] is None
    with pytest.raises(NotReady):
        unknown_marks(world.services.warehouse, ALWAYS)
