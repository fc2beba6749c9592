"""The report of calls: against a slow reference, and what each of its words means."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.answer import Answer, Period
from attribution.calls import CALL_MEASURES, CallsQuestion, Whose, calls_report
from attribution.target_calls import target_rules
from infra.errors import InvalidInput, NotReady
from tests.attribution import reference_calls
from tests.attribution.world import FIRST_DAY, LAST_DAY, START, World, call, lead, moment, stage, visit

ONE, TWO = "+79000000001", "+79000000002"
LINE, OTHER, POOLED = "+74950000001", "+74950000002", "+74950000003"
MINUTE = 1 / 1440


def report(world: World, *by: str, window: int = 30, whose: Whose = Whose.HOLDING) -> Answer:
    question = CallsQuestion(by, Period(FIRST_DAY, LAST_DAY), window, whose)
    chosen = world.services.settings.model_copy(update=world.changed)
    return calls_report(world.services.warehouse, question, target_rules(world.services.database), chosen)


def figure(answer: Answer, name: str) -> dict[str, Any]:
    return {str(row[answer.names[0]]): row[name] for row in answer.items() if row[name]}


def seconds(most: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.integers(0, most)


TOLD = st.fixed_dictionaries({
    "minute": st.integers(0, 20 * 1440),
    "phone": st.sampled_from([ONE, TWO, ""]),
    "direction": st.sampled_from(["", "in", "in", "out"]),
    "status": st.sampled_from(["answered", "missed", "busy", "failed"]),
    "talk_s": seconds(90),
    "waiting_s": seconds(60),
    "target": st.sampled_from([None, None, True, False]),
    "dealer": st.sampled_from(["north", "south"]),
    "tags": st.sampled_from([[], ["Spam"], ["hot"]]),
})  # fmt: skip
ASKED = st.fixed_dictionaries({
    "minute": st.integers(0, 20 * 1440),
    "phone": st.sampled_from([ONE, TWO]),
    "dealer": st.sampled_from(["north", "south"]),
    "answered_after": st.none() | st.integers(1, 3000),
})  # fmt: skip


def as_call(place: int, told: dict[str, Any]) -> dict[str, Any]:
    fields = {name: told[name] for name in ("direction", "status", "talk_s", "waiting_s", "target", "dealer", "tags")}
    sides = (LINE, told["phone"] or ONE) if told["direction"] == "out" else (told["phone"], LINE)
    at = (START + timedelta(minutes=told["minute"])).isoformat()
    return {"id": f"c{place:03}", "started_at": at, "caller": sides[0], "called": sides[1], **fields}


def as_lead(place: int, told: dict[str, Any]) -> dict[str, Any]:
    at = START + timedelta(minutes=told["minute"])
    after = told["answered_after"]
    return {
        "id": f"l{place:03}", "created_at": at.isoformat(), "kind": "call", "phone": told["phone"],
        "dealer": told["dealer"], "first_response_at": after and (at + timedelta(minutes=after)).isoformat(),
    }  # fmt: skip


@settings(max_examples=5)
@given(st.lists(TOLD, min_size=5, max_size=40), st.lists(ASKED, max_size=6), st.integers(1, 12))
def test_every_figure_is_that_of_the_reference(
    services: Services, told: list[dict[str, Any]], asked: list[dict[str, Any]], window: int
) -> None:
    world = World(services)
    world.clear()
    world.refer(target_calls=[{"talk_s": 40, "without_tags": ["SPAM"]}])
    calls = [as_call(place, each) for place, each in enumerate(told)]
    leads = [as_lead(place, each) for place, each in enumerate(asked)]
    world.tell({"calls": calls, "leads": leads})
    world.attribute()
    answer = report(world, "dealer", window=window)
    for each in calls:
        each["tags"] = [tag.lower() for tag in each["tags"]]
    rows = {row["dealer"]: row for row in answer.items()} | {None: answer.totals}
    for dealer, row in rows.items():
        wanted = reference_calls.figures(calls, leads, dealer, timedelta(days=window), 40)
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, nan_ok=True), dealer


def test_a_group_for_each_hour_weekday_operator_and_number(world: World) -> None:
    world.set(timezone="Asia/Vladivostok")
    world.tell({
        "calls": [
            call("a", 0.5, LINE, operator="Anna"), call("b", 0.5, OTHER, operator="Anna"), call("c", 4.9, LINE),
        ],
    })  # fmt: skip
    world.attribute()
    assert figure(report(world, "hour"), "calls") == {"22": 2, "07": 1}
    assert list(figure(report(world, "weekday"), "calls")) == ["Tuesday", "Thursday"]
    assert figure(report(world, "operator"), "calls") == {"Anna": 2, "(none)": 1}
    assert figure(report(world, "number"), "calls") == {LINE: 2, OTHER: 1}
    assert figure(report(world, "day"), "calls") == {"2026-01-01": 2, "2026-01-06": 1}
    assert [row["calls"] for row in report(world, "month", "number").items()] == [2, 1]


def test_a_first_call_to_each_dealer(world: World) -> None:
    told = [("a", 1, "north"), ("b", 2, "south"), ("c", 3, "north"), ("d", 40, "north")]
    world.tell({"calls": [call(name, day, LINE, caller=ONE, dealer=dealer) for name, day, dealer in told]})
    world.attribute()
    assert figure(report(world, "dealer"), "first_calls") == {"north": 2}
    assert figure(report(world, "dealer", whose=Whose.DEALER), "first_calls") == {"north": 2, "south": 1}


def test_a_person_with_two_phones_is_one_caller(world: World) -> None:
    world.tell({
        "calls": [call("a", 1, LINE, caller=ONE), call("b", 2, LINE, caller=TWO)],
        "profiles": [{"id": "p", "occurred_at": moment(3), "phone": TWO, "user_id": "u"},
                     {"id": "q", "occurred_at": moment(3), "phone": ONE, "user_id": "u"}],
    })  # fmt: skip
    world.attribute()
    assert report(world, "dealer").totals["callers"] == 1


def test_the_channel_is_that_of_the_last_touch_that_is_not_direct(world: World) -> None:
    world.refer(tracking_numbers=[{"number": OTHER, "source": "radio", "medium": "offline"}])
    world.tell({
        "touches": [visit("t1", "v", 1, "yandex", session_id="s1"), visit("t2", "v", 2, session_id="s2")],
        "calls": [
            call("leased", 2.01, LINE, caller=ONE, visitor_id="v", session_id="s2"),
            call("static", 3, OTHER, caller=TWO),
            call("late", 170, LINE, caller=ONE), call("nobody", 3, LINE),
        ],
    })  # fmt: skip
    world.attribute()
    found = {"paid_search": 1, "offline": 1, "(no touch)": 2}
    assert figure(report(world, "channel"), "calls") == found


def test_a_dealers_rule_of_target_calls_goes_before_the_accounts(world: World) -> None:
    world.refer(target_calls=[
        {"talk_s": 30}, {"dealer": "south", "talk_s": 0, "tags": ["Test drive"], "believe_sender": False},
    ])  # fmt: skip
    spoken = {"status": "answered", "talk_s": 20}
    world.tell({
        "calls": [
            call("short", 1, LINE, dealer="north", **spoken), call("told", 1, LINE, dealer="north", target=True),
            call("long", 1, LINE, dealer="north", **spoken | {"talk_s": 30}),
            call("never", 1, LINE, dealer="north", target=False, status="answered", talk_s=300),
            call("tagged", 1, LINE, dealer="south", tags=["test DRIVE"], **spoken),
            call("plain", 1, LINE, dealer="south", target=True, **spoken),
            call("total", 1, LINE, dealer="other", status="answered", duration_s=45, waiting_s=10),
        ],
    })  # fmt: skip
    world.attribute()
    answer = report(world, "dealer")
    assert figure(answer, "target_calls") == {"north": 2, "south": 1, "other": 1}
    assert [rule["dealer"] for rule in answer.about["target_rules"]] == ["", "south"]


def test_a_card_that_follows_its_call_is_no_request_to_be_called(world: World) -> None:
    world.tell({
        "calls": [call("c", 1, LINE, caller=ONE, status="missed")],
        "leads": [
            lead("card", 1 + 5 * MINUTE, kind="call", phone=ONE), lead("asks", 2, kind="call", phone=TWO),
            lead("junk", 2, kind="call", phone=TWO, status="junk"), lead("form", 2, phone=TWO),
        ],
    })  # fmt: skip
    world.attribute()
    assert report(world, "dealer").totals["requests"] == 1


@pytest.mark.parametrize(("came_by", "source"), [
    ({"called": OTHER}, "radio"), ({"called": POOLED}, "yandex"),
    ({"called": LINE, "session_id": "calltouch:7", "dealer": "north"}, "yandex"),
], ids=["static number", "leased number", "vendor's session"])  # fmt: skip
def test_a_call_and_the_crms_card_of_it_are_one_lead(world: World, came_by: dict[str, str], source: str) -> None:
    world.refer(tracking_numbers=[{"number": OTHER, "dealer": "north", "source": "radio", "medium": "offline"}])
    world.services.leases.lease([POOLED], "v", "s", site="site", dealer="north")
    today = (world.services.clock.now() - START) / timedelta(days=1)
    world.tell({
        "touches": [visit("t", "v", today - 0.001, "yandex", session_id=came_by.get("session_id", "s"))],
        "calls": [call("c", today, caller=ONE, **came_by)],
        "leads": [lead("l", today, phone=ONE, dealer="north", kind="call")],
        "deals": [stage("d", "lead", today, contact={"phone": ONE}, dealer="north")],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "leads") == {source: 1}
    assert figure(report(world, "dealer"), "leads") == {"north": 1}


def test_nothing_to_report(world: World) -> None:
    with pytest.raises(NotReady):
        report(world, "dealer")
    world.attribute()
    answer = report(world, "dealer")
    assert answer.items() == []
    assert {answer.totals[measure.slug] for measure in CALL_MEASURES} == {0, None}


@pytest.mark.parametrize(("by", "window"), [(("colour",), 30), ((), 30), (("day", "day"), 30), (("day",), 0)])
def test_what_cannot_be_asked(by: tuple[str, ...], window: int) -> None:
    with pytest.raises(InvalidInput):
        CallsQuestion(by, Period(FIRST_DAY, LAST_DAY), window)


def test_a_call_that_an_employee_made_ties_whom_it_dialled(world: World) -> None:
    world.tell({
        "touches": [visit("t", "v", 1, "yandex")],
        "calls": [call("out", 2, ONE, caller=LINE, direction="out", visitor_id="v")],
        "leads": [lead("l", 3, phone=ONE)],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "leads") == {"yandex": 1}


def test_a_call_of_no_known_dealer_and_the_card_of_one_are_one_lead(world: World) -> None:
    world.tell({
        "calls": [call("c", 1, LINE, caller=ONE)], "leads": [lead("l", 1.01, phone=ONE, dealer="north", kind="call")],
    })  # fmt: skip
    world.attribute()
    assert world.figures("dealer", "leads") == {"north": 1}
