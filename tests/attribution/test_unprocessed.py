"""The list of requests that nobody dealt with."""

from typing import Any

import pytest

from attribution.answer import Answer, Period
from attribution.lost_leads import LostLeadsQuestion, lost_leads_report
from attribution.opportunities import OpportunityQuestion
from attribution.unprocessed import UnprocessedQuestion, unprocessed_report
from infra.errors import InvalidInput
from tests.attribution.world import FIRST_DAY, LAST_DAY, World, call, lead, moment, stage, visit

ALL_DAYS = Period(FIRST_DAY, LAST_DAY)


def unprocessed(world: World, **asked: Any) -> Answer:
    question = UnprocessedQuestion(ALL_DAYS, **{"unprocessed_hours": 24} | asked)
    return unprocessed_report(world.services.warehouse, question, world.services.settings)


def tell(world: World) -> None:
    """Of five leads one was answered, one became a deal, one is too young; two and a missed call wait."""
    world.tell({
        "touches": [visit("t1", "v1", 0.5, "yandex", campaign="spring")],
        "calls": [call("missed", 3, "+74950000000", caller="+79160000009", status="missed", dealer="south")],
        "leads": [
            lead("waits", 1, visitor_id="v1", dealer="north", manager="Ann", phone="+79160000001") | {"name": "Secret"},
            lead("waits-long", 0.6, email="secret@example.com"),
            lead("answered", 2, dealer="north", phone="+79160000002", first_response_at=moment(2.1)),
            lead("sold", 2, dealer="north", phone="+79160000003", first_response_at=moment(2.1)),
            lead("young", 9.8, dealer="north", phone="+79160000004"),
            lead("last", 10, dealer="north", phone="+79160000005", first_response_at=moment(10)),
        ],
        "deals": [stage("d", "sale", 4, lead_id="sold", amount=1000, margin=100, dealer="north")],
    })  # fmt: skip
    world.attribute()


def test_whom_nobody_dealt_with(shared: World) -> None:
    shared.hold(tell)
    answer = unprocessed(shared)
    assert [row["id"] for row in answer.items()] == ["missed", "waits", "waits-long"]
    missed, waits, nameless = answer.items()
    told = {name: waits[name] for name in ("at", "what", "dealer", "manager", "source", "campaign", "waiting_hours")}
    assert told == {
        "at": "2026-01-02 00:00", "what": "request", "dealer": "north", "manager": "Ann", "source": "yandex",
        "campaign": "spring", "waiting_hours": 216,
    }  # fmt: skip
    assert (missed["what"], missed["dealer"]) == ("missed call", "south")
    assert (nameless["dealer"], nameless["channel"]) == ("(none)", "(no touch)")
    text = repr(answer.items()).lower()
    assert not any(secret in text for secret in ("secret", "7916"))


def test_it_lists_those_whom_the_report_counts(shared: World) -> None:
    shared.hold(tell)
    question = LostLeadsQuestion(OpportunityQuestion(("dealer",), ALL_DAYS), 24, 60)
    counted = lost_leads_report(shared.services.warehouse, question, shared.services.settings)
    listed = unprocessed(shared)
    assert listed.groups == counted.totals["unprocessed"] == 3
    assert listed.rows["margin_lost"].sum() == pytest.approx(counted.totals["margin_lost"])


def test_pages_and_dealers(shared: World) -> None:
    shared.hold(tell)
    first = unprocessed(shared, limit=2)
    assert (len(first.rows), first.groups, first.next) == (2, 3, "2")
    second = unprocessed(shared, limit=2, offset=2)
    assert ([row["id"] for row in second.items()], second.next) == (["waits-long"], None)
    assert [row["id"] for row in unprocessed(shared, dealer="south").items()] == ["missed"]
    assert [row["id"] for row in unprocessed(shared, dealer="(none)").items()] == ["waits-long"]
    assert unprocessed(shared, unprocessed_hours=1).items()[0]["id"] == "young"


@pytest.mark.parametrize(
    ("asked", "where"),
    [({"limit": 0}, "limit"), ({"limit": 10_001}, "limit"), ({"offset": -1}, "next"),
     ({"unprocessed_hours": 0}, "unprocessed_hours")],
)  # fmt: skip
def test_what_cannot_be_asked(asked: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        UnprocessedQuestion(ALL_DAYS, **{"unprocessed_hours": 24} | asked)
    assert refused.value.where == where
