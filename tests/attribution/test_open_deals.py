"""The report on open deals, from events on; how well it foretells is in `test_prediction`."""

from datetime import timedelta

import numpy as np
import pytest

from attribution.answer import Answer
from attribution.open_deals import AGES, OPEN_GROUPINGS, OpenDealsQuestion, open_deals_report
from attribution.opportunities import STAGES
from infra.errors import InvalidInput
from tests.attribution.reference_opportunities import opportunities, random_events
from tests.attribution.test_funnel import known_until
from tests.attribution.world import World, lead, stage


def open_deals(world: World, *by: str) -> Answer:
    return open_deals_report(world.services.warehouse, OpenDealsQuestion(by), world.services.settings)


def test_which_are_open_and_where_is_what_plain_python_finds(world: World) -> None:
    events = random_events(21)
    world.tell(events)
    world.attribute()
    until = known_until(events)
    expected: dict[tuple[str, str], int] = {}
    for each in opportunities(events):
        if each.state == "open" and not each.is_service:
            place = max(n for n, moment in enumerate(each.seen) if moment)
            since = each.seen[place]
            assert since is not None
            days = (until - since) // timedelta(days=1)
            age = AGES[int(np.searchsorted([8, 15, 31, 61, 91], days, side="right"))]
            key = (STAGES[place], age)
            expected[key] = expected.get(key, 0) + 1
    report = open_deals(world, "stage", "age")
    assert {(row["stage"], row["age"]): row["open"] for row in report.items()} == expected
    stages = [row["stage"] for row in open_deals(world, "stage").items()]
    assert stages == [name for name in STAGES if name in stages]
    assert len(OPEN_GROUPINGS) % 2 == 0
    for by in zip(OPEN_GROUPINGS[::2], OPEN_GROUPINGS[1::2], strict=True):
        assert open_deals(world, *by).rows["open"].sum() == report.totals["open"]


def test_late_stages_have_better_chances_and_groups_add_up(world: World) -> None:
    """Every second lead visits after 3 days, every second visitor buys 5 days later; the others are lost after 2."""
    leads, deals = [], []
    for n in range(400):
        at, dealer = n / 4, "north" if n % 3 else "south"
        leads.append(lead(f"l{n}", at, dealer=dealer, phone=f"+7903000{n:04d}"))
        steps = (
            [("visit", at + 3 + n % 5 / 9), ("sale", at + 8 + n % 7 / 9)] if n % 2 else [("lost", at + 2 + n % 3 / 9)]
        )
        if n % 4 == 1:
            steps[1] = ("lost", at + 5 + n % 3 / 9)
        deals += [
            stage(f"d{n}", name, then, lead_id=f"l{n}", dealer=dealer, contact={"phone": f"+7903000{n:04d}"},
                  **({"amount": 1000, "margin": 100} if name == "sale" else {}))
            for name, then in steps
            if then < 100
        ]  # fmt: skip
    world.tell({"leads": leads, "deals": deals})
    world.attribute()
    rows = {row["stage"]: row for row in open_deals(world, "stage").items()}
    assert rows["lead"]["chance"] == pytest.approx(0.25, abs=0.08)
    assert rows["visit"]["chance"] == pytest.approx(0.5, abs=0.17)
    for row in rows.values():
        assert row["sales_low"] <= row["sales"] <= row["sales_high"] <= row["open"]
        assert row["revenue"] == pytest.approx(1000 * row["sales"])
        assert row["margin"] == pytest.approx(100 * row["sales"])
    report = open_deals(world, "dealer")
    for name in ("open", "sales", "revenue", "margin"):
        assert report.rows[name].sum() == pytest.approx(report.totals[name])


def test_before_the_first_sale_nothing_is_foretold(world: World) -> None:
    world.tell({"leads": [lead("l", 1)]})
    world.attribute()
    (row,) = open_deals(world).items()
    assert row["open"] == 1
    assert {row[name] for name in ("sales", "chance", "revenue", "margin_high")} == {None}


def test_where_nothing_is_open_the_report_is_empty(world: World) -> None:
    world.tell({"deals": [stage("d", "sale", 1)]})
    world.attribute()
    report = open_deals(world, "stage")
    assert report.rows.empty
    assert report.totals == {}


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(InvalidInput):
        OpenDealsQuestion(("channel",))
