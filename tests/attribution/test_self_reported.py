"""What people say brought them: every answer finds its channel, and nobody is lost."""

import re
from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.intervals import share_interval
from attribution.models import Model
from attribution.self_reported import DEFAULT_ANSWERS, Reported, SelfReportedQuestion, self_reported_report
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, lead, stage, visit


def report(world: World, of: Reported = Reported.LEAD, model: Model = Model.LAST_NON_DIRECT) -> Answer:
    question = SelfReportedQuestion(Period(FIRST_DAY, LAST_DAY), of, model)
    return self_reported_report(world.services.warehouse, world.services.database, question, "heard")


def pairs(answer: Answer) -> dict[tuple[str, str], float]:
    return {(row["channel"], row["self_reported"]): row["counted"] for row in answer.items()}


def said(name: str, answer: str, source: str = "yandex", **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    heard = {"properties": {"heard": answer}} if answer else {}
    return visit(f"t{name}", f"v{name}", 5, source), lead(f"l{name}", 6, visitor_id=f"v{name}", **heard, **fields)


def test_attributed_and_self_reported_side_by_side(world: World) -> None:
    told = [
        said("1", "Друзья посоветовали"), said("2", " рекомендация коллеги "), said("3", "Авито"),
        said("4", "Реклама в Яндексе"), said("5", ""), said("6", "радио", "vk"),
        *(said(f"x{n}", "Не помню") for n in range(6)), said("7", "тайна моей жены Анны"),
    ]  # fmt: skip
    world.tell({
        "touches": [each for each, _ in told],
        "leads": [each for _, each in told],
        "deals": [
            stage("d1", "sale", 9, visitor_id="v1", lead_id="l1"),
            stage("d3", "sale", 9, visitor_id="v3", lead_id="l3", properties={"heard": "по телевизору"}),
            stage("d9", "sale", 9),
        ],
    })  # fmt: skip
    world.attribute()
    answer = report(world)
    assert pairs(answer) == {
        ("paid_search", "word_of_mouth"): 2, ("paid_search", "classifieds"): 1, ("paid_search", "paid_search"): 1,
        ("paid_search", "(not asked)"): 1, ("paid_social", "offline"): 1, ("paid_search", "(other answer)"): 7,
    }  # fmt: skip
    assert answer.totals["counted"] == world.report("channel").totals["leads"]
    row = next(row for row in answer.items() if row["self_reported"] == "word_of_mouth")
    low, high = share_interval([2], [11])
    assert (row["share"], row["share_low"], row["share_high"]) == pytest.approx((2 / 11, low[0], high[0]))
    sides = {each["channel"]: each for each in answer.about["channels"]}
    assert (sides["paid_search"]["attributed"], sides["paid_search"]["self_reported"]) == (11, 1)
    assert sides["offline"]["self_reported_share"] == pytest.approx(1 / 12)
    assert answer.about["unmapped"] == [{"answer": "не помню", "people": 6}]  # one person's own words are not shown

    assert pairs(report(world, Reported.SALE)) == {
        ("paid_search", "word_of_mouth"): 1, ("paid_search", "offline"): 1, ("(no touch)", "(not asked)"): 1,
    }  # fmt: skip

    world.refer(self_reported=[{"answer": "помню", "channel": "fog"}, {"answer": "друз", "channel": "friends"}])
    own = pairs(report(world))
    assert own["paid_search", "fog"] == 6
    assert own["paid_search", "friends"] == 1


def test_credit_that_is_shared_is_counted_in_parts(world: World) -> None:
    world.tell({
        "touches": [visit("a", "v", 1, "yandex"), visit("b", "v", 2, "vk")],
        "leads": [lead("l", 3, visitor_id="v", properties={"heard": "Авито"})],
    })  # fmt: skip
    world.attribute()
    assert pairs(report(world, model=Model.LINEAR)) == {
        ("paid_search", "classifieds"): 0.5, ("paid_social", "classifieds"): 0.5,
    }  # fmt: skip


def test_where_nobody_was_asked_it_is_said_what_to_do(world: World) -> None:
    world.tell({"leads": [lead("l", 3)]})
    world.attribute()
    answer = report(world)
    assert pairs(answer) == {("(no touch)", "(not asked)"): 1}
    assert "'heard'" in answer.about["help"]


@pytest.mark.parametrize(
    ("answer", "channel"),
    [
        ("Увидел на Avito", "classifieds"), ("auto.ru", "classifieds"), ("2ГИС", "maps"), ("Яндекс карты", "maps"),
        ("группа ВК", "social"), ("Telegram-канал", "social"), ("рекламный щит у дороги", "offline"),
        ("Проезжал мимо", "passing_by"), ("смс от вас", "messages"), ("Google", "search"),
        ("нашел в интернете", "search"), ("контекстная реклама", "paid_search"), ("A friend told me", "word_of_mouth"),
        ("уже ваш клиент", "existing_customer"),
    ],
)  # fmt: skip
def test_the_rules_that_ship_know_usual_answers(answer: str, channel: str) -> None:
    assert next(rule.channel for rule in DEFAULT_ANSWERS if re.search(rule.answer, answer.lower())) == channel


def test_a_rule_that_the_warehouse_cannot_match_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="looks ahead"):
        world.refer(self_reported=[{"answer": "a(?=b)", "channel": "x"}])
