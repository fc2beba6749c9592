"""Touches: what counts as one, when, and where a tracking number says it came from."""

from datetime import date

import pytest

from attribution.models import Model
from attribution.reports import Calendar
from tests.attribution.world import World, call, lead, spend, stage, visit

NUMBER = "+74950000001"
BILLBOARD = {"number": NUMBER, "dealer": "north", "source": "billboard", "medium": "offline", "to": "2026-01-31"}
RADIO = {"number": NUMBER, "dealer": "south", "source": "radio", "medium": "offline", "from": "2026-02-01"}
TOUCHES = "select id from touches_of_run(run = {run:UInt32}) order by id"


def test_a_lead_with_a_source_of_its_own_is_a_touch_at_its_own_time(world: World) -> None:
    world.tell({
        "leads": [lead("l", 5, phone="+79000000001", source="flyer")],
        "deals": [stage("d", "sale", 20, contact={"phone": "+79000000001"}, amount=100)],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "sales") == {"flyer": 1}
    assert world.figures("day", "sales", calendar=Calendar.TOUCH) == {"2026-01-06": 1}


@pytest.mark.parametrize(("session", "touches"), [("s", ["t"]), ("other", ["l", "t"]), ("", ["l", "t"])])
def test_a_lead_is_no_second_touch_where_its_session_is_there(world: World, session: str, touches: list[str]) -> None:
    world.tell({
        "touches": [visit("t", "v", 1, "yandex", session_id="s")],
        "leads": [lead("l", 1, visitor_id="v", source="yandex", session_id=session)],
    })  # fmt: skip
    world.attribute()
    assert [row["id"] for row in world.rows_of_run(TOUCHES)] == touches


def test_a_call_is_no_second_touch_where_its_session_is_there(world: World) -> None:
    world.tell({
        "touches": [visit("t", "v", 1, "yandex", session_id="s")],
        "calls": [call("c", 1, NUMBER, source="yandex", session_id="s"), call("k", 2, NUMBER, source="vk")],
    })  # fmt: skip
    world.attribute()
    assert [row["id"] for row in world.rows_of_run(TOUCHES)] == ["k", "t"]


def test_only_visits_are_site_visits(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v", 1, "vk", session_id="s"), visit("t2", "v", 1, session_id="s"), visit("t3", "v", 2),
        ],
        "leads": [lead("l", 3, source="flyer")],
        "calls": [call("c", 3, NUMBER, source="radio")],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "sessions") == {"vk": 1, "(none)": 1}


def test_pages_looked_at_within_a_visit_are_no_touches_of_their_own(world: World) -> None:
    site = {"url": "https://www.dealer.example/monjaro", "referrer": "https://dealer.example/"}
    world.tell({
        "touches": [
            visit("t1", "v", 1, "yandex", session_id="s"), visit("t2", "v", 1.01, session_id="s", **site),
            visit("t3", "v", 1.02, session_id="s"),
            visit("t4", "v", 1.03, "vk", session_id="s"),
            visit("t5", "v", 1.04, session_id="s", referrer="https://ya.ru/"),
            visit("u1", "v", 2, session_id="direct"), visit("u2", "v", 2.01, session_id="direct"),
            visit("w1", "v", 3), visit("w2", "v", 3.01),
        ],
        "leads": [lead("l", 4, visitor_id="v")],
    })  # fmt: skip
    world.attribute()
    kept = [row["id"] for row in world.rows_of_run(TOUCHES)]
    assert kept == ["t1", "t4", "t5", "u1", "w1", "w2"]
    assert world.figures("channel", "leads", model=Model.LAST) == {"direct": 1}
    assert world.figures("source", "leads", model=Model.FIRST) == {"yandex": 1}
    assert sum(world.figures("source", "sessions").values()) == 4


def test_the_first_page_of_a_visit_stands_for_it_whenever_it_is_told(world: World) -> None:
    world.tell({"touches": [visit("late", "v", 1.01, session_id="s")]})
    world.attribute()
    assert [row["id"] for row in world.rows_of_run(TOUCHES)] == ["late"]
    world.tell({"touches": [visit("first", "v", 1, session_id="s")]})
    world.attribute()
    assert [row["id"] for row in world.rows_of_run(TOUCHES)] == ["first"]


def test_a_number_says_what_it_was_bound_to_on_that_day(world: World) -> None:
    world.refer(tracking_numbers=[BILLBOARD, RADIO])
    unbound = call("unbound", 31, "+74950000002")
    world.tell({"calls": [call("january", 30, NUMBER), call("february", 31, NUMBER), unbound]})
    world.attribute()
    assert world.figures("source", "leads") == {"billboard": 1, "radio": 1, "(no touch)": 1}
    assert world.figures("dealer", "leads") == {"north": 1, "south": 1, "(none)": 1}
    assert len(world.rows_of_run(TOUCHES)) == 2


@pytest.mark.parametrize(("timezone", "source"), [("UTC", "billboard"), ("Europe/Moscow", "radio")])
def test_the_day_of_a_number_begins_at_the_accounts_midnight(world: World, timezone: str, source: str) -> None:
    world.set(timezone=timezone)
    world.refer(tracking_numbers=[BILLBOARD, RADIO])
    world.tell({"calls": [call("c", 30.9, NUMBER)]})
    world.attribute()
    assert world.figures("source", "leads") == {source: 1}


def test_a_call_outside_the_days_of_its_number_is_a_lead_of_its_own_source(world: World) -> None:
    world.refer(tracking_numbers=[BILLBOARD])
    world.tell({"calls": [call("own", 40, NUMBER, source="yandex"), call("none", 41, NUMBER)]})
    world.attribute()
    assert world.figures("source", "leads") == {"yandex": 1, "(no touch)": 1}
    assert world.figures("dealer", "leads") == {"(none)": 2}


def test_where_two_bindings_overlap_the_one_that_began_last_holds(world: World) -> None:
    always = {"number": NUMBER, "dealer": "north", "source": "site"}
    campaign = {"number": NUMBER, "dealer": "south", "source": "radio", "from": "2026-01-10", "to": "2026-01-20"}
    world.refer(tracking_numbers=[campaign, always])
    world.tell({"calls": [call(f"c{day}", day, NUMBER) for day in (5, 15, 25)]})
    world.attribute()
    assert world.figures("day", "leads") == {"2026-01-06": 1, "2026-01-16": 1, "2026-01-26": 1}
    assert world.figures("source", "leads") == {"site": 2, "radio": 1}


def test_a_calls_own_source_is_not_mixed_with_its_numbers(world: World) -> None:
    number = {"number": NUMBER, "dealer": "north", "source": "billboard", "medium": "offline", "contractor": "outdoor"}
    world.refer(tracking_numbers=[number | {"campaign": "spring"}])
    world.tell({"calls": [call("c", 1, NUMBER, source="yandex", dealer="south")]})
    world.attribute()
    rows = world.report("source", "campaign").rows
    assert rows[["source", "campaign", "leads"]].to_numpy().tolist() == [["yandex", "(none)", 1]]
    assert world.figures("contractor", "leads") == {"(none)": 1}
    assert world.figures("dealer", "leads") == {"south": 1}


def test_a_number_names_its_contractor(world: World) -> None:
    world.refer(tracking_numbers=[BILLBOARD | {"contractor": "outdoor"}])
    world.tell({"calls": [call("c", 1, NUMBER)]})
    world.attribute()
    assert world.figures("contractor", "leads") == {"outdoor": 1}


def test_a_corrected_call_counts_once_at_its_last_version(world: World) -> None:
    world.refer(tracking_numbers=[BILLBOARD, RADIO])
    world.tell({"calls": [call("c", 1, NUMBER)]})
    world.tell({"calls": [call("c", 40, NUMBER)]})
    world.attribute()
    assert world.figures("source", "leads") == {"radio": 1}


def test_the_first_rule_that_matches_names_the_channel(world: World) -> None:
    world.tell({
        "touches": [
            visit("t1", "v1", 1, "Yandex", campaign="Brand-moscow"),
            visit("t2", "v2", 1, "yandex"),
            visit("t3", "v3", 1, url="https://d.example/?gclid=1"),
            visit("t4", "v4", 1, referrer="https://www.google.com/search"),
            visit("t5", "v5", 1, referrer="https://blog.example/post"),
            visit("t6", "v6", 1, source="someone"),
            visit("t7", "v7", 1),
        ],
    })  # fmt: skip
    world.attribute()
    expected = ["brand_search", "paid_search", "organic_search", "referral", "other", "direct"]
    assert world.figures("channel", "sessions") == dict.fromkeys(expected, 1) | {"paid_search": 2}


def test_a_rule_set_without_a_last_word_leaves_other_and_direct(world: World) -> None:
    world.refer(channel_rules=[{"channel": "ads", "source": "^ya"}])
    world.tell({
        "touches": [visit("t1", "v1", 1, "yandex"), visit("t2", "v2", 1, "vk"), visit("t3", "v3", 1)],
        "spend": [spend("2026-01-01", "2026-01-01", 7, "vk")],
    })  # fmt: skip
    assert world.attribute().rule_version == 1
    assert world.figures("channel", "sessions") == {"ads": 1, "other": 1, "direct": 1}
    assert world.figures("source", "sessions") == {"yandex": 1, "vk": 1, "(none)": 1}
    assert world.figures("channel", "cost") == {"other": 7}


def test_a_touch_counts_to_the_moment_of_the_conversion_and_back_to_the_window(world: World) -> None:
    world.set(lookback_days=30, lookback_days_by_kind={"sale": 60})
    world.tell({
        "touches": [
            visit("early", "v", 39, "early"), visit("border", "v", 40, "border"), visit("same", "v", 100, "same"),
            visit("late", "v", 100.0001, "late"),
        ],
        "deals": [stage("d", "sale", 100, visitor_id="v"), stage("d", "visit", 90, visitor_id="v")],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "sales", model=Model.LINEAR) == {"border": 0.5, "same": 0.5}
    assert world.figures("source", "visits", model=Model.LINEAR) == {"(no touch)": 1}


def test_the_window_of_a_sale_reaches_back_to_the_lead_of_its_deal(world: World) -> None:
    world.tell({
        "leads": [lead("l", 1, phone="+79000000001", source="flyer")],
        "deals": [stage("d", "sale", 150, lead_id="l"), stage("e", "sale", 150, contact={"phone": "+79000000001"})],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "sales") == {"flyer": 1, "(no touch)": 1}


def test_a_day_of_a_report_is_the_accounts(world: World) -> None:
    world.set(timezone="Asia/Vladivostok")
    world.tell({"deals": [stage("d", "sale", 0.9)], "touches": [visit("t", "v", 0.9, "vk")]})
    world.attribute()
    assert world.figures("day", "sales") == {"2026-01-02": 1}
    assert world.figures("day", "sessions") == {"2026-01-02": 1}
    assert world.figures("day", "sales", first=date(2026, 1, 1), last=date(2026, 1, 1)) == {}
