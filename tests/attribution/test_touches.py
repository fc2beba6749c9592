"""Touches: what counts as one, when, and where a tracking number says it came from."""

from datetime import date, timedelta
from typing import Any

import pytest

from attribution.models import Model
from attribution.question import Condition
from attribution.reports import Calendar
from tests.attribution.world import START, World, call, lead, spend, stage, visit

NUMBER, OVERLAPPING, MIXED, OF_AGENCY, ENDED, NIGHTLY = (f"+7495000000{n}" for n in range(1, 7))
BILLBOARD = {"number": NUMBER, "dealer": "north", "source": "billboard", "medium": "offline", "to": "2026-01-31"}
RADIO = {"number": NUMBER, "dealer": "south", "source": "radio", "medium": "offline", "from": "2026-02-01"}
NIGHT = [BILLBOARD | {"number": NIGHTLY, "to": "2026-02-20"}, RADIO | {"number": NIGHTLY, "from": "2026-02-21"}]
TOUCHES = "select id from touches_of_run(run = {run:UInt32}) where startsWith(id, {story:String}) order by id"


def touches(world: World, story: str) -> list[str]:
    """Of a story, whose ids all begin so; without that beginning."""
    found = world.rows_of_run(TOUCHES, story=f"{story}-")
    return [row["id"].removeprefix(f"{story}-") for row in found]


def at(dealer: str) -> dict[str, Any]:
    """What a question asks to be told of one dealer alone."""
    return {"where": (Condition("dealer", (dealer,)),)}


def between(first: int, last: int) -> dict[str, Any]:
    """What a question asks to be told of some days alone, counted from the start."""
    return {"first": (START + timedelta(days=first)).date(), "last": (START + timedelta(days=last)).date()}


def persons(world: World) -> None:
    """Each story is of persons and a dealer of its own."""
    site = {"url": "https://www.dealer.example/monjaro", "referrer": "https://dealer.example/"}
    flyer, late = {"phone": "+79000000001"}, {"phone": "+79000000002"}
    pages = {"dealer": "pages"}
    world.tell({
        "touches": [
            *(visit(f"{name}-t", name, 1, "yandex", session_id=name) for name in ("same", "other", "none", "call")),
            visit("visits-t1", "visits", 1, "vk", session_id="visits", dealer="visits"),
            visit("visits-t2", "visits", 1, session_id="visits", dealer="visits"),
            visit("visits-t3", "visits", 2, dealer="visits"),
            visit("pages-t1", "pages", 1, "yandex", session_id="p", **pages),
            visit("pages-t2", "pages", 1.01, session_id="p", **pages, **site),
            visit("pages-t3", "pages", 1.02, session_id="p", **pages),
            visit("pages-t4", "pages", 1.03, "vk", session_id="p", **pages),
            visit("pages-t5", "pages", 1.04, session_id="p", referrer="https://ya.ru/", **pages),
            visit("pages-u1", "pages", 2, session_id="direct", **pages),
            visit("pages-u2", "pages", 2.01, session_id="direct", **pages),
            visit("pages-w1", "pages", 3, **pages), visit("pages-w2", "pages", 3.01, **pages),
            *(visit(f"rules-t{n}", f"rules-{n}", 1, dealer="rules", **marks) for n, marks in enumerate((
                {"source": "Yandex", "medium": "cpc", "campaign": "Brand-moscow"},
                {"source": "yandex", "medium": "cpc"},
                {"url": "https://d.example/?gclid=1"},
                {"referrer": "https://www.google.com/search"},
                {"referrer": "https://blog.example/post"},
                {"source": "someone", "medium": "cpc"},
                {},
            ))),
        ],
        "leads": [
            lead("flyer-l", 5, source="flyer", dealer="flyer", **flyer),
            lead("same-l", 1, visitor_id="same", source="yandex", session_id="same"),
            lead("other-l", 1, visitor_id="other", source="yandex", session_id="another"),
            lead("none-l", 1, visitor_id="none", source="yandex", session_id=""),
            lead("visits-l", 3, source="flyer", dealer="visits"),
            lead("pages-l", 4, visitor_id="pages", **pages),
            lead("window-l", 1, source="flyer", **late),
        ],
        "calls": [
            call("call-c", 1, NUMBER, source="yandex", session_id="call"), call("call-k", 2, NUMBER, source="vk"),
            call("visits-c", 3, NUMBER, source="radio", dealer="visits"),
        ],
        "deals": [
            stage("flyer", "sale", 20, contact=flyer, amount=100, dealer="flyer"),
            stage("window", "sale", 150, lead_id="window-l", dealer="window"),
            stage("beyond", "sale", 150, contact=late, dealer="window"),
        ],
    })  # fmt: skip
    world.attribute()


def test_a_lead_with_a_source_of_its_own_is_a_touch_at_its_own_time(shared: World) -> None:
    shared.hold(persons)
    assert shared.figures("source", "sales", **at("flyer")) == {"flyer": 1}
    assert shared.figures("day", "sales", calendar=Calendar.TOUCH, **at("flyer")) == {"2026-01-06": 1}


@pytest.mark.parametrize(("session", "told"), [("same", ["t"]), ("other", ["l", "t"]), ("none", ["l", "t"])])
def test_a_lead_is_no_second_touch_where_its_session_is_there(shared: World, session: str, told: list[str]) -> None:
    shared.hold(persons)
    assert touches(shared, session) == told


def test_a_call_is_no_second_touch_where_its_session_is_there(shared: World) -> None:
    shared.hold(persons)
    assert touches(shared, "call") == ["k", "t"]


def test_only_visits_are_site_visits(shared: World) -> None:
    shared.hold(persons)
    assert shared.figures("source", "sessions", **at("visits")) == {"vk": 1, "(none)": 1}


def test_pages_looked_at_within_a_visit_are_no_touches_of_their_own(shared: World) -> None:
    shared.hold(persons)
    assert touches(shared, "pages") == ["t1", "t4", "t5", "u1", "w1", "w2"]
    assert shared.figures("channel", "leads", model=Model.LAST, **at("pages")) == {"direct": 1}
    assert shared.figures("source", "leads", model=Model.FIRST, **at("pages")) == {"yandex": 1}
    assert sum(shared.figures("source", "sessions", **at("pages")).values()) == 4


def test_the_first_rule_that_matches_names_the_channel(shared: World) -> None:
    shared.hold(persons)
    expected = ["brand_search", "paid_search", "organic_search", "referral", "other", "direct"]
    assert shared.figures("channel", "sessions", **at("rules")) == dict.fromkeys(expected, 1) | {"paid_search": 2}


def test_the_window_of_a_sale_reaches_back_to_the_lead_of_its_deal(shared: World) -> None:
    shared.hold(persons)
    assert shared.figures("source", "sales", **at("window")) == {"flyer": 1, "(no touch)": 1}


def test_the_first_page_of_a_visit_stands_for_it_whenever_it_is_told(world: World) -> None:
    world.tell({"touches": [visit("page-late", "v", 1.01, session_id="s")]})
    world.attribute()
    assert touches(world, "page") == ["late"]
    world.tell({"touches": [visit("page-first", "v", 1, session_id="s")]})
    world.attribute()
    assert touches(world, "page") == ["first"]


def numbers(world: World) -> None:
    """Each story is of a number and days of its own."""
    agency = {"dealer": "north", "source": "billboard", "medium": "offline", "contractor": "outdoor"}
    world.refer(
        tracking_numbers=[
            BILLBOARD, RADIO, *NIGHT, BILLBOARD | {"number": ENDED}, agency | {"number": OF_AGENCY},
            agency | {"number": MIXED, "campaign": "spring"},
            {"number": OVERLAPPING, "dealer": "south", "source": "radio", "from": "2026-01-10", "to": "2026-01-20"},
            {"number": OVERLAPPING, "dealer": "north", "source": "site"},
        ]
    )  # fmt: skip
    world.tell({"calls": [
        call("corrected", 1, NUMBER), *(call(f"overlap-{day}", day, OVERLAPPING) for day in (5, 15, 25)),
        call("bound-january", 30, NUMBER), call("bound-february", 31, NUMBER), call("bound-not", 31, "+74950000009"),
        call("own", 40, ENDED, source="yandex"), call("none", 41, ENDED),
        call("mixed", 45, MIXED, source="yandex", dealer="south"), call("night", 50.9, NIGHTLY),
        call("agency", 55, OF_AGENCY),
    ]})  # fmt: skip
    world.tell({"calls": [call("corrected", 60, NUMBER)]})
    world.attribute()


def test_a_number_says_what_it_was_bound_to_on_that_day(shared: World) -> None:
    shared.hold(numbers)
    days = between(30, 31)
    assert shared.figures("source", "leads", **days) == {"billboard": 1, "radio": 1, "(no touch)": 1}
    assert shared.figures("dealer", "leads", **days) == {"north": 1, "south": 1, "(none)": 1}
    assert touches(shared, "bound") == ["february", "january"]


def test_a_call_outside_the_days_of_its_number_is_a_lead_of_its_own_source(shared: World) -> None:
    shared.hold(numbers)
    assert shared.figures("source", "leads", **between(40, 41)) == {"yandex": 1, "(no touch)": 1}
    assert shared.figures("dealer", "leads", **between(40, 41)) == {"(none)": 2}


def test_where_two_bindings_overlap_the_one_that_began_last_holds(shared: World) -> None:
    shared.hold(numbers)
    days = between(2, 28)
    assert shared.figures("day", "leads", **days) == {"2026-01-06": 1, "2026-01-16": 1, "2026-01-26": 1}
    assert shared.figures("source", "leads", **days) == {"site": 2, "radio": 1}


def test_a_calls_own_source_is_not_mixed_with_its_numbers(shared: World) -> None:
    shared.hold(numbers)
    rows = shared.report("source", "campaign", **between(45, 45)).rows
    assert rows[["source", "campaign", "leads"]].to_numpy().tolist() == [["yandex", "(none)", 1]]
    assert shared.figures("contractor", "leads", **between(45, 45)) == {"(none)": 1}
    assert shared.figures("dealer", "leads", **between(45, 45)) == {"south": 1}


def test_a_number_names_its_contractor(shared: World) -> None:
    shared.hold(numbers)
    assert shared.figures("contractor", "leads", **between(55, 55)) == {"outdoor": 1}


def test_a_corrected_call_counts_once_at_its_last_version(shared: World) -> None:
    shared.hold(numbers)
    assert shared.figures("source", "leads", **between(60, 60)) == {"radio": 1}
    assert shared.figures("source", "leads", **between(1, 1)) == {}


def test_the_day_of_a_number_ends_at_midnight(shared: World) -> None:
    shared.hold(numbers)
    assert shared.figures("source", "leads", **between(50, 50)) == {"billboard": 1}


def test_it_is_the_accounts_midnight(world: World) -> None:
    world.set(timezone="Europe/Moscow")
    world.refer(tracking_numbers=NIGHT)
    world.tell({"calls": [call("night", 50.9, NIGHTLY)]})
    world.attribute()
    assert world.figures("source", "leads") == {"radio": 1}


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


def test_a_day_of_a_report_is_the_accounts(world: World) -> None:
    world.set(timezone="Asia/Vladivostok")
    world.tell({"deals": [stage("d", "sale", 0.9)], "touches": [visit("t", "v", 0.9, "vk")]})
    world.attribute()
    assert world.figures("day", "sales") == {"2026-01-02": 1}
    assert world.figures("day", "sessions") == {"2026-01-02": 1}
    assert world.figures("day", "sales", first=date(2026, 1, 1), last=date(2026, 1, 1)) == {}
