"""Bitrix24: events that name a card, and lists of what changed."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors.sources.source import Source
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.collectors.vendors.fake_bitrix24 import FakeBitrix

GOLDEN = Path(__file__).parent / "golden" / "bitrix24"
DEAL_ADD = (GOLDEN / "deal_add.form").read_text()
DEAL_MOVED = (GOLDEN / "deal_moved.form").read_text()
DEAL: dict[str, Any] = json.loads((GOLDEN / "deal.json").read_text())["result"]
CONTACT: dict[str, Any] = json.loads((GOLDEN / "contact.json").read_text())["result"]
TOKEN, MEMBER = "test0application0token0000000001", "00000000000000000000000000000001"


@pytest.fixture
def portal() -> FakeBitrix:
    return FakeBitrix()


@pytest.fixture
def address(portal: FakeBitrix) -> Iterator[str]:
    with serving_fake(portal.app()) as served:
        yield served


@pytest.fixture
def source(desk: Desk, address: str) -> Source:
    return connected(desk, address)


def connected(desk: Desk, address: str, **settings: str) -> Source:
    secrets = {"address": "https://dealer1.bitrix24.ru/rest/1/secret/", "application_token": TOKEN}
    return desk.connect("bitrix24", settings={"base_url": address, "member_id": MEMBER, **settings}, secrets=secrets)


def deal(key: int, **fields: Any) -> dict[str, Any]:
    return DEAL | {"ID": str(key), "CONTACT_ID": None} | fields


def test_an_event_lets_the_documented_deal_be_fetched(desk: Desk, portal: FakeBitrix, address: str) -> None:
    source = connected(desk, address, kinds='{"1": "new_car"}')
    desk.pull(source)
    portal.deals, portal.contacts = [DEAL], [CONTACT | {"DATE_MODIFY": DEAL["DATE_MODIFY"]}]
    assert desk.deliver(source, DEAL_ADD).status_code == 200
    desk.read()
    assert [each.key for each in desk.services.progress.wanted(source.id)] == ["6641"]
    assert desk.pull(source).error == ""
    assert desk.services.progress.wanted(source.id) == []
    for family in ("deals", "leads", "profiles"):
        assert desk.events(family) == json.loads((GOLDEN / f"fetched.{family}.json").read_text()), family


@pytest.mark.parametrize(
    "body",
    [
        DEAL_ADD.replace(TOKEN, "0" * 32), DEAL_ADD.replace(MEMBER, "1" * 32), DEAL_ADD.replace("%5Bmember_id", "%5Bm"),
        "event=ONCRMDEALADD&data%5BFIELDS%5D%5BID%5D=1", "auth=x", "",
    ],
)  # fmt: skip
def test_a_wrong_token_is_refused_and_nothing_is_kept(desk: Desk, source: Source, body: str) -> None:
    assert desk.deliver(source, body).status_code == 401
    desk.read()
    assert desk.services.progress.wanted(source.id) == []


def test_repeated_and_unknown_events_do_no_harm(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(6641), deal(6675)]
    for body in (DEAL_ADD, DEAL_MOVED, DEAL_ADD, DEAL_ADD.replace("ONCRMDEALADD", "ONTASKADD"),
                 DEAL_ADD.replace("data%5BFIELDS%5D%5BID%5D=6641", "data=")):  # fmt: skip
        assert desk.deliver(source, body).status_code == 200
    desk.read()
    assert {each.key for each in desk.services.progress.wanted(source.id)} == {"6641", "6675"}
    assert desk.pull(source).error == ""
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:6641", "north:deal:6675"}


def test_a_lost_event_is_made_good_by_the_list(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(1, STAGE_SEMANTIC_ID="P", STAGE_ID="C1:NEW"), deal(2)]
    desk.pull(source)
    portal.asked.clear()
    now = datetime.now(UTC).isoformat()
    portal.deals[0] |= {"STAGE_SEMANTIC_ID": "S", "STAGE_ID": "C1:WON", "DATE_MODIFY": now, "MOVED_TIME": now}
    desk.pull(source)
    changed = max((event for event in desk.events("deals") if event["deal_id"] == "north:deal:1"), key=_occurred)
    assert changed["stage"] == "sale"
    (asked,) = (told["filter"] for method, told in portal.asked if method == "crm.deal.list")
    assert ">=DATE_MODIFY" in asked


def _occurred(event: dict[str, Any]) -> str:
    return str(event["occurred_at"])


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"STAGE_ID": "C7:LOSE", "STAGE_SEMANTIC_ID": "F"}, "lost"),
        ({"STAGE_ID": "C7:SOLD", "STAGE_SEMANTIC_ID": "S"}, "sale"),
        ({"STAGE_ID": "C7:NEW", "STAGE_SEMANTIC_ID": "P"}, "lead"),
        ({"STAGE_ID": "C7:VISIT", "STAGE_SEMANTIC_ID": "P"}, "visit"),
        ({"STAGE_ID": "LOSE", "STAGE_SEMANTIC_ID": None}, "lead"),
    ],
)
def test_semantics_decide_unless_the_settings_do(
    desk: Desk, portal: FakeBitrix, address: str, fields: dict[str, Any], stage: str
) -> None:
    portal.deals = [deal(1, **fields)]
    desk.pull(connected(desk, address, stages='{"C7:VISIT": "visit"}'))
    latest = max(desk.events("deals"), key=lambda event: event["occurred_at"])
    assert latest["stage"] == stage


def test_company_and_contact_zero_are_none(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(1, CONTACT_ID="0", COMPANY_ID="0")]
    assert desk.pull(source).error == ""
    assert all("contact" not in event for event in desk.events("deals"))
    assert all("company" not in event["properties"] for event in desk.events("deals"))
    assert "batch" not in {method for method, _ in portal.asked}


def test_leads_are_rows_and_tie_their_deals(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    lead = {
        "ID": "5", "TITLE": "Звонок", "NAME": "Иван", "LAST_NAME": "Тестов", "STATUS_ID": "CONVERTED",
        "STATUS_SEMANTIC_ID": "S", "SOURCE_ID": "CALL", "DATE_CREATE": "2025-01-10T14:00:00+03:00",
        "DATE_MODIFY": "2025-01-11T14:00:00+03:00", "UTM_SOURCE": "vk", "PHONE": [{"VALUE": "8 900 000-00-01"}],
    }  # fmt: skip
    portal.leads = [lead, lead | {"ID": "6", "STATUS_ID": "JUNK", "STATUS_SEMANTIC_ID": "F"}]
    portal.deals = [deal(1, LEAD_ID="5")]
    assert desk.pull(source).error == ""
    found, junk = desk.events("leads")
    assert (found["kind"], found["source"], found["status"]) == ("call", "vk", "qualified")
    assert found["phone"] == "+79000000001"
    assert junk["status"] == "junk"
    assert {event["lead_id"] for event in desk.events("deals")} == {"north:lead:5"}


def test_every_page_is_walked_by_id(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(key) for key in range(1, 121)]
    assert desk.pull(source).error == ""
    assert len({event["deal_id"] for event in desk.events("deals")}) == 120
    lists = [told["filter"][">ID"] for method, told in portal.asked if method == "crm.deal.list"]
    assert lists == ["0", "50", "100"]


def test_a_pull_that_fails_between_pages_goes_on_there(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(key) for key in range(1, 121)]
    portal.failing = [(200, ""), (200, ""), (401, "expired_token")]
    assert "401" in desk.pull(source).error
    assert len({event["deal_id"] for event in desk.events("deals")}) == 50
    assert desk.pull(source).error == ""
    assert len({event["deal_id"] for event in desk.events("deals")}) == 120
    lists = [told["filter"][">ID"] for method, told in portal.asked if method == "crm.deal.list"]
    assert lists == ["0", "50", "50", "100"]


@pytest.mark.parametrize("failure", [(503, "QUERY_LIMIT_EXCEEDED"), (429, "OPERATION_TIME_LIMIT"), (500, "INTERNAL")])
def test_a_busy_portal_is_asked_again(desk: Desk, portal: FakeBitrix, source: Source, failure: tuple[int, str]) -> None:
    portal.deals, portal.failing = [deal(1)], [failure] * 2
    assert desk.pull(source).error == ""
    assert len(desk.events("leads")) == 1
    assert {1.0, 2.0} <= set(desk.pauses)


def test_a_portal_that_stays_busy_is_left_alone_for_a_time(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.failing = [(503, "QUERY_LIMIT_EXCEEDED")] * 9
    state = desk.pull(source)
    assert "busy" in state.error
    assert len(portal.asked) == 4


@pytest.mark.parametrize(("code", "words"), [("QUERY_LIMIT_EXCEEDED", "busy"), ("insufficient_scope", "refuses")])
def test_an_error_inside_a_batch_is_an_error(
    desk: Desk, portal: FakeBitrix, source: Source, code: str, words: str
) -> None:
    desk.pull(source)
    portal.inner_error = code
    desk.deliver(source, DEAL_ADD)
    desk.read()
    assert words in desk.pull(source).error
    assert [each.key for each in desk.services.progress.wanted(source.id)] == ["6641"]


def test_a_deal_that_is_gone_is_not_asked_for_again(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    desk.deliver(source, DEAL_ADD)
    desk.deliver(source, DEAL_ADD.replace("ONCRMDEALADD", "ONCRMDEALDELETE"))
    desk.read()
    assert desk.pull(source).error == ""
    assert desk.services.progress.wanted(source.id) == []
    (lost,) = desk.events("deals")
    assert (lost["stage"], lost["lost_reason"]) == ("lost", "deleted")


def test_more_wanted_than_a_batch_holds(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    desk.pull(source)
    portal.deals = [deal(key) for key in range(1, 121)]
    for key in range(1, 121):
        desk.deliver(source, DEAL_ADD.replace("=6641", f"={key}"))
    desk.read()
    assert desk.pull(source).error == ""
    assert len({event["deal_id"] for event in desk.events("deals")}) == 120


def test_a_deal_keeps_its_currency(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(1, CURRENCY_ID="USD")]
    desk.pull(source)
    assert {event.get("currency") for event in desk.events("deals") if "amount" in event} == {"USD"}


def test_unknown_and_missing_fields_do_no_harm(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    bare = {name: DEAL[name] for name in ("ID", "STAGE_ID", "STAGE_SEMANTIC_ID", "DATE_MODIFY")}
    portal.deals = [bare, deal(2, UF_CRM_NEW=["1", "2"], PARENT_ID_1=None)]
    assert desk.pull(source).error == ""
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:6641", "north:deal:2"}
    assert desk.rejections() == []


def test_a_card_that_nobody_foresaw_is_kept_and_the_others_come(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals = [deal(1, DATE_MODIFY=None), deal(2, CONTACT_ID="84"), deal(3, DATE_MODIFY="soon")]
    portal.contacts = [CONTACT | {"DATE_MODIFY": "soon"}]
    state = desk.pull(source)
    assert (state.error, state.rejected) == ("", 3)
    assert {event["deal_id"] for event in desk.events("deals")} == {"north:deal:2"}
    assert {rejection.family for rejection in desk.rejections()} == {"deals", "profiles"}


def entry(number: int, owner: int, stage: str, at: str, semantic: str = "P") -> dict[str, Any]:
    return {
        "ID": number, "TYPE_ID": 2, "OWNER_ID": owner, "CREATED_TIME": at, "CATEGORY_ID": 1,
        "STAGE_SEMANTIC_ID": semantic, "STAGE_ID": stage,
    }  # fmt: skip


def test_stages_that_a_deal_went_through_are_told_of(desk: Desk, portal: FakeBitrix, address: str) -> None:
    portal.deals = [deal(1), deal(2)]
    portal.history = [
        entry(1, 1, "C1:NEW", "2025-01-10T14:29:00+03:00"), entry(2, 1, "C1:VISIT", "2025-01-12T12:00:00+03:00"),
        entry(3, 1, "C1:WON", "2025-01-17T18:02:11+03:00", "S"), entry(4, 9, "C1:VISIT", "2025-01-12T12:00:00+03:00"),
    ]  # fmt: skip
    assert desk.pull(connected(desk, address, stages='{"C1:VISIT": "visit"}')).error == ""
    told = [
        (event["stage"], event["occurred_at"]) for event in desk.events("deals") if event["deal_id"] == "north:deal:1"
    ]
    assert sorted(told, key=lambda stage: stage[1]) == [
        ("lead", "2025-01-10T11:29:00Z"), ("visit", "2025-01-12T09:00:00Z"), ("sale", "2025-01-17T15:02:11Z"),
    ]  # fmt: skip


def test_a_long_history_is_read_to_its_end(desk: Desk, portal: FakeBitrix, address: str) -> None:
    portal.deals = [deal(1)]
    portal.history = [entry(number, 1, "C1:V", f"2025-01-12T12:{number:02}:00+03:00") for number in range(60)]
    portal.history = [row | {"ID": row["ID"] + 1} for row in portal.history]
    desk.pull(connected(desk, address, stages='{"C1:V": "visit"}'))
    assert sum(event["stage"] == "visit" for event in desk.events("deals")) == 60


def test_a_portal_without_history_is_read_all_the_same(desk: Desk, portal: FakeBitrix, source: Source) -> None:
    portal.deals, portal.history = [deal(1)], None
    assert desk.pull(source).error == ""
    assert len(desk.events("deals")) == 2
