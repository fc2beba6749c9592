"""Each rule finds what it is for, at its limits, and nothing beside."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.noise.rules import Action, Reason
from tests.attribution.noise.noisy import (
    ask,
    at,
    clear_noise,
    click,
    noise_of,
    ring,
    rule,
)
from tests.attribution.world import World


@pytest.fixture
def quiet(services: Services) -> World:
    world = World(services)
    clear_noise(world)
    return world


AGENTS = [
    ("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", True),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36", True),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0 YaBrowser/24.7.0 Safari/537.36",
        False,
    ),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1", False),
    ("", False),
]


def test_bots_that_say_so_are_known_wherever_the_event_holds_their_name(quiet: World) -> None:
    held: list[Callable[[str], dict[str, Any]]] = [
        lambda agent: {"user_agent": agent},
        lambda agent: {"context": {"userAgent": agent}},
        lambda agent: {"$raw_user_agent": agent},
    ]
    touches = [
        click(f"{is_bot}-{place}-{number}", 100 * (10 * place + number), f"v{place}-{number}", properties=hold(agent))
        for place, hold in enumerate(held)
        for number, (agent, is_bot) in enumerate(AGENTS)
    ]
    told = noise_of(quiet, {"touches": touches})
    assert told == {("bot", each["id"]) for each in touches if each["id"].startswith("True")}


def test_every_touch_of_a_burst_is_noise_and_a_click_too_few_is_none(quiet: World) -> None:
    burst = [click(f"fast-{n}", n, "fast", campaign=str(n)) for n in range(31)]
    human = [click(f"slow-{n}", n * 2.1, "slow", campaign=str(n)) for n in range(40)]
    later = [click("fast-later", 200, "fast", campaign="later")]
    told = noise_of(quiet, {"touches": [*burst, *human, *later]})
    assert told == {("rapid_clicks", each["id"]) for each in burst}


def test_the_second_click_on_one_campaign_within_seconds_is_a_duplicate(quiet: World) -> None:
    told = noise_of(quiet, {"touches": [
        click("a", 0), click("b", 9, click_ids={}), click("c", 30), click("other", 31, campaign="d"),
        click("other visitor", 32, "w"), {"id": "page", "visitor_id": "v", "occurred_at": at(33)},
        {"id": "page again", "visitor_id": "v", "occurred_at": at(34)},
    ]})  # fmt: skip
    assert told == {("duplicate_click", "b")}


def test_a_click_id_belongs_to_the_visitor_who_brought_it_first(quiet: World) -> None:
    shared = [click(f"s{n}", n * 60, f"v{n}", click_ids={"yclid": "1"}) for n in range(4)]
    few = [click(f"f{n}", n * 60, f"w{n}", click_ids={"yclid": "2"}) for n in range(3)]
    assert noise_of(quiet, {"touches": [*shared, *few]}) == {("shared_click_id", f"s{n}") for n in (1, 2, 3)}


def test_many_new_visitors_of_one_address_within_minutes(quiet: World) -> None:
    crowd = [click(f"c{n}", n * 10, f"v{n}", properties={"context": {"ip": "192.0.2.1"}}) for n in range(21)]
    office = [click(f"o{n}", n * 3600, f"w{n}", properties={"ip": "192.0.2.2"}) for n in range(30)]
    assert noise_of(quiet, {"touches": [*crowd, *office]}) == {("crowded_address", each["id"]) for each in crowd}


def test_a_flood_of_one_caller_but_nobody_who_hides_the_number(quiet: World) -> None:
    flood = [ring(f"f{n}", n * 60, "+79160000001") for n in range(7)]
    redialling = [ring(f"r{n}", n * 60, "+79160000002") for n in range(6)]
    hidden = [ring(f"h{n}", n, "anonymous") for n in range(20)]
    assert noise_of(quiet, {"calls": [*flood, *redialling, *hidden]}) == {("call_flood", each["id"]) for each in flood}


def test_numbers_in_a_row_call_one_after_another_across_a_round_number_too(quiet: World) -> None:
    row = [ring(f"s{n}", n * 300, f"+7916222{3298 + n}") for n in range(5)]
    spread = [ring(f"d{n}", n * 300, f"+7926{n}223298") for n in range(5)]
    assert noise_of(quiet, {"calls": [*row, *spread]}) == {("sequential_callers", each["id"]) for each in row}


def test_an_answered_call_of_a_moment_is_none(quiet: World) -> None:
    told = noise_of(quiet, {"calls": [
        ring("short", 0, "+79160000001", status="answered", talk_s=2, duration_s=30),
        ring("spoken", 0, "+79160000002", status="answered", talk_s=3),
        ring("missed", 0, "+79160000003", status="missed", duration_s=1),
        ring("unknown", 0, "+79160000004", status="answered"),
    ]})  # fmt: skip
    assert told == {("ultra_short_call", "short")}


def test_leads_of_one_contact(quiet: World) -> None:
    told = noise_of(quiet, {"leads": [
        ask("a", 0, phone="+79161000001", dealer="d1"), ask("b", 500, phone="+79161000001", dealer="d1"),
        ask("elsewhere", 510, phone="+79161000001", dealer="d2"), ask("later", 5000, phone="+79161000001", dealer="d1"),
        ask("mail", 0, email="x@y.ru", dealer="d1"), ask("mail again", 5, email="x@y.ru", dealer="d1"),
        *(ask(f"many{n}", n * 7200, phone="+79161000002", dealer=f"d{n}") for n in range(4)),
        *(ask(f"few{n}", n * 7200, phone="+79161000003", dealer=f"d{n}") for n in range(3)),
        *(ask(f"kiosk{n}", n * 7200, phone=f"+7916200000{n}", visitor_id="k", dealer="d1") for n in range(4)),
    ]})  # fmt: skip
    assert told == {
        ("duplicate_lead", "b"), ("duplicate_lead", "mail again"),
        *(("phone_across_dealers", f"many{n}") for n in range(4)), *(("many_phones", f"kiosk{n}") for n in range(4)),
    }  # fmt: skip


def test_trials_and_phones_that_are_none(quiet: World) -> None:
    told = noise_of(quiet, {"leads": [
        ask("test", 0, name=" Тест 2", phone="+79161234501"), ask("nines", 0, name="Анна", phone="+79999999999"),
        ask("mail", 0, name="Анна", email="test@mail.ru"), ask("none", 0, name="Анна", phone="12"),
        ask("Testov", 0, name="Тестов Иван", phone="+79161234502"), ask("well", 0, phone="12", email="anna@mail.ru"),
    ]})  # fmt: skip
    assert told == {("test_lead", "test"), ("test_lead", "nines"), ("test_lead", "mail"), ("invalid_phone", "none")}


def test_a_form_filled_faster_than_a_human_reads(quiet: World) -> None:
    visits = [click(f"v{n}", 1000 * n, f"v{n}", session_id=f"s{n}") for n in range(3)]
    leads = [ask("fast", 2, session_id="s0"), ask("human", 1003, session_id="s1"), ask("before", 1999, session_id="s2")]
    assert noise_of(quiet, {"touches": visits, "leads": leads}) == {("fast_form", "fast")}


@pytest.mark.parametrize("action", [Action.OFF, Action.FLAG, Action.EXCLUDE])
def test_a_rule_that_is_off_does_not_look(quiet: World, action: Action) -> None:
    rule(quiet, Reason.DUPLICATE_CLICK, action, seconds=10)
    told = noise_of(quiet, {"touches": [click("a", 0), click("b", 1)]})
    assert told == (set() if action is Action.OFF else {("duplicate_click", "b")})


Clicks = st.lists(
    st.tuples(st.integers(0, 400), st.sampled_from("vw"), st.sampled_from("cd"), st.sampled_from("12")), max_size=40
)


@settings(max_examples=10)
@given(told=Clicks)
def test_noise_is_what_a_plain_reading_of_the_rules_says(
    services: Services, told: list[tuple[int, str, str, str]]
) -> None:
    world = World(services)
    clear_noise(world)
    rule(world, Reason.RAPID_CLICKS, Action.EXCLUDE, most=3, seconds=20)
    rule(world, Reason.SHARED_CLICK_ID, Action.FLAG, most=1, seconds=30)
    touches = [
        click(f"t{place:02}", second, visitor, campaign=campaign, click_ids={"yclid": click_id})
        for place, (second, visitor, campaign, click_id) in enumerate(told)
    ]
    assert noise_of(world, {"touches": touches}) == set(plainly(touches))


def plainly(touches: list[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    """The three rules of clicks as their texts say them, one touch against all."""
    when = {each["id"]: datetime.fromisoformat(each["occurred_at"]) for each in touches}
    ordered = sorted(touches, key=lambda each: (when[each["id"]], each["id"]))
    for each in ordered:
        own = [other for other in ordered if other["visitor_id"] == each["visitor_id"]]
        mine = when[each["id"]]
        ends = [when[other["id"]] for other in own if mine <= when[other["id"]] <= mine + timedelta(seconds=20)]
        windows = [sum(end - timedelta(seconds=20) <= when[other["id"]] <= end for other in own) for end in ends]
        if max(windows) > 3:
            yield "rapid_clicks", each["id"]
        before = [other for other in own if other["campaign"] == each["campaign"]]
        earlier = before[: before.index(each)]
        if earlier and mine - when[earlier[-1]["id"]] <= timedelta(seconds=10):
            yield "duplicate_click", each["id"]
        same = [other for other in ordered if other["click_ids"] == each["click_ids"]]
        near = [other for other in same if abs(when[other["id"]] - mine) <= timedelta(seconds=30)]
        first = min(near, key=lambda other: when[other["id"]])
        firsts = {other["visitor_id"] for other in near if when[other["id"]] == when[first["id"]]}
        if len({other["visitor_id"] for other in near}) > 1 and each["visitor_id"] not in firsts:
            yield "shared_click_id", each["id"]
