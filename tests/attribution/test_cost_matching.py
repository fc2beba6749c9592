"""The cost matching report: both sides, what is like what, and what people say is the same."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from attribution.answer import Answer, Period
from attribution.cost_matching import cost_matching
from attribution.same_campaigns import CampaignNames, list_same, tell_same, undo_same
from infra.audit import audit_log
from infra.errors import InvalidInput, NotFound
from tests.attribution.world import World, spend, visit

JANUARY = Period(date(2026, 1, 1), date(2026, 1, 31))
SPEND = CampaignNames("yandex", "cpc", "spring sale mow")
TOUCHES = CampaignNames("yandex", "cpc", "spring_sale_moscow")


def paid(campaign: str, cost: int, source: str = "yandex", day: str = "2026-01-02", **fields: Any) -> dict[str, Any]:
    return spend(day, day, cost, source, campaign=campaign, id=f"s{cost}", **fields)


def told(world: World) -> None:
    world.tell({
        "spend": [
            paid("spring sale mow", 100, clicks=7), paid("nothing like it", 30), paid("exact", 50), paid("EXACT", 5),
            paid("777888", 3, source="ya"), paid("exact", 9000, day="2026-02-02"), paid("", 11, source="telegram"),
        ],
        "touches": [
            *(visit(f"m{n}", f"m{n}", 1, "yandex", campaign="spring_sale_moscow") for n in range(3)),
            visit("e", "e", 1, "yandex", campaign="exact"), visit("i", "i", 1, "yandex", campaign="777888"),
            visit("o", "o", 1, "google", medium="organic", campaign="free"), visit("v", "v", 1, "vk", medium="cpm"),
            visit("t", "t", 1, "telegram", campaign="post"), visit("late", "l", 40, "yandex", campaign="late"),
        ],
    })  # fmt: skip
    world.attribute()


def report(world: World) -> Answer:
    return cost_matching(world.services.warehouse, JANUARY)


def rows(answer: Answer, state: str) -> dict[str, dict[str, Any]]:
    """By the names of the side that is there."""
    side = "touch_campaign" if state == "touches without cost" else "campaign"
    return {str(row[side]): row for row in answer.items() if row["state"] == state}


def test_both_sides_that_found_nothing_are_listed_with_what_is_like_them(world: World) -> None:
    told(world)
    found = report(world)
    alone = rows(found, "cost without touches")
    assert list(alone) == ["spring sale mow", "nothing like it", "777888"]
    like = alone["spring sale mow"]
    assert (like["cost"], like["clicks"], like["sessions"]) == (100, 7, None)
    assert (like["touch_source"], like["touch_medium"], like["touch_campaign"]) == (
        "yandex",
        "cpc",
        "spring_sale_moscow",
    )
    assert 0.4 <= like["similarity"] < 1
    assert alone["nothing like it"]["touch_campaign"] == ""
    assert alone["777888"]["similarity"] == 1

    touches = rows(found, "touches without cost")
    assert list(touches) == ["spring_sale_moscow", "", "777888"]
    assert (touches["spring_sale_moscow"]["sessions"], touches["spring_sale_moscow"]["cost"]) == (3, None)
    assert touches["spring_sale_moscow"]["campaign"] == "spring sale mow"
    assert (touches[""]["touch_source"], touches[""]["campaign"]) == ("vk", "")

    matched = rows(found, "matched")
    assert {name: (row["rule"], row["sessions"], row["cost"]) for name, row in matched.items()} == {
        "exact": ("utm", 1, 50), "EXACT": ("tolerant", 1, 5), "": ("utm", 1, 11),
    }  # fmt: skip
    assert found.totals == {"cost": 199, "clicks": 7}
    assert {each["rule"]: each["cost"] for each in found.about["by_rule"]} == {
        "hand": 0, "id": 0, "utm": 61, "tolerant": 5, "none": 133,
    }  # fmt: skip
    assert found.about["suggestions"][0]["similarity"] == 1
    pairs = [(each["cost"]["campaign"], each["touches"]["campaign"]) for each in found.about["suggestions"]]
    assert ("spring sale mow", "spring_sale_moscow") in pairs


def test_what_people_say_is_the_same_holds_from_the_next_run_on(world: World) -> None:
    told(world)
    database, clock = world.services.database, world.services.clock
    tell_same(database, SPEND, CampaignNames("vk", "cpm", ""), author="anna", clock=clock)
    same = tell_same(database, SPEND, TOUCHES, author="anna", clock=clock)
    assert list_same(database) == [same]
    assert report(world).about["by_rule"][0]["cost"] == 0
    world.attribute()
    matched = rows(report(world), "matched")["spring sale mow"]
    assert (matched["rule"], matched["touch_campaign"], matched["sessions"]) == ("hand", "spring_sale_moscow", 3)
    assert world.figures("campaign", "cost")["spring_sale_moscow"] == 100

    undo_same(database, same.id, author="boris", clock=clock)
    world.attribute()
    assert rows(report(world), "cost without touches")["spring sale mow"]["rule"] == "none"
    with database.connect() as connection:
        notes = connection.execute(select(audit_log).order_by(audit_log.c.id.desc()).limit(3)).all()
    assert [(note.who, note.before, note.after) for note in notes] == [
        ("boris", f"{SPEND} = {TOUCHES}", ""), ("anna", f"{SPEND} = vk / cpm / ", f"{SPEND} = {TOUCHES}"),
        ("anna", "", f"{SPEND} = vk / cpm / "),
    ]  # fmt: skip
    with pytest.raises(NotFound, match="Nothing was said to be the same under the number"):
        undo_same(database, same.id, author="boris", clock=clock)


def test_names_are_read_as_reports_write_them() -> None:
    assert CampaignNames.parse("yandex / cpc / a / b", "--cost") == CampaignNames("yandex", "cpc", "a / b")
    assert CampaignNames.parse(" /  / spring", "--cost") == CampaignNames("", "", "spring")
    assert CampaignNames.parse("ya / cpc / ", "--cost") == CampaignNames("ya", "cpc", "")
    for wrong in ("yandex/cpc/spring", "yandex / cpc", " /  / ", "a / b / " + "c" * 501):
        with pytest.raises(InvalidInput):
            CampaignNames.parse(wrong, "--cost")


def test_without_spend_and_touches_the_report_is_empty(world: World) -> None:
    world.attribute()
    found = report(world)
    assert found.rows.empty
    assert found.totals == {"cost": 0, "clicks": 0}
    assert {each["share"] for each in found.about["by_rule"]} == {None}
