"""The report of calls: against a slow reference, and what each of its words means."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.answer import Answer, Period
from attribution.calls import CALL_MEASURES, CallsQuestion, Whose, calls_report
from attribution.question import Condition
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


def phone(number: int) -> str:
    return f"+7900000{number:04}"


def at(answer: Answer, name: str, *dealers: str) -> dict[str, Any]:
    """A figure of some dealers alone, where it is not 0."""
    return {dealer: value for dealer, value in figure(answer, name).items() if dealer in dealers}


def dealers_of_leads(world: World, *names: str) -> list[str]:
    """Of the leads that some events were counted as."""
    sql = """
        select dealer from conversions_of_run(run = {run:UInt32})
        where kind = 'lead' and id in {names:Array(String)} order by dealer
    """
    return [row["dealer"] for row in world.rows_of_run(sql, names=list(names))]


CAME_BY = {
    "static number": ({"called": OTHER}, "radio"),
    "leased number": ({"called": POOLED}, "yandex"),
    "vendor's session": ({"called": LINE, "session_id": "calltouch:7", "dealer": "vendor's session"}, "yandex"),
}


def stories(world: World) -> None:
    """Each is of persons and dealers of its own."""
    world.refer(
        tracking_numbers=[{"number": OTHER, "dealer": "static number", "source": "radio", "medium": "offline"}],
        target_calls=[
            {"talk_s": 30},
            {"dealer": "target south", "talk_s": 0, "tags": ["Test drive"], "believe_sender": False},
        ],
    )
    world.services.leases.lease([POOLED], "leased number", "s", site="site", dealer="leased number")
    today = (world.services.clock.now() - START) / timedelta(days=1)
    firsts = [("a", 1, "first north"), ("b", 2, "first south"), ("c", 3, "first north"), ("d", 40, "first north")]
    spoken, north, south = {"status": "answered", "talk_s": 20}, {"dealer": "target north"}, {"dealer": "target south"}
    card = {"dealer": "card"}
    cards = {name: phone(100 + place) for place, name in enumerate(CAME_BY)}
    world.tell({
        "touches": [
            visit("tied", "tied", 1, "yandex"),
            *(
                visit(name, name, today - 0.001, "yandex", session_id=by.get("session_id", "s"))
                for name, (by, _) in CAME_BY.items()
                if name != "static number"
            ),
        ],
        "calls": [
            *(call(f"first-{name}", day, LINE, caller=phone(1), dealer=dealer) for name, day, dealer in firsts),
            call("two-a", 1, LINE, caller=phone(2), dealer="two"),
            call("two-b", 2, LINE, caller=phone(3), dealer="two"),
            call("short", 1, LINE, **north, **spoken), call("told", 1, LINE, target=True, **north),
            call("long", 1, LINE, **north, **spoken | {"talk_s": 30}),
            call("never", 1, LINE, target=False, status="answered", talk_s=300, **north),
            call("tagged", 1, LINE, tags=["test DRIVE"], **south, **spoken),
            call("plain", 1, LINE, target=True, **south, **spoken),
            call("total", 1, LINE, dealer="target other", status="answered", duration_s=45, waiting_s=10),
            call("card-c", 1, LINE, caller=phone(4), status="missed", **card),
            *(call(f"c-{name}", today, caller=cards[name], **by) for name, (by, _) in CAME_BY.items()),
            call("out", 2, phone(6), caller=LINE, direction="out", visitor_id="tied", dealer="tied"),
            call("unknown-c", 1, LINE, caller=phone(7)),
        ],
        "profiles": [
            {"id": "p", "occurred_at": moment(3), "phone": phone(3), "user_id": "u"},
            {"id": "q", "occurred_at": moment(3), "phone": phone(2), "user_id": "u"},
        ],
        "leads": [
            lead("card", 1 + 5 * MINUTE, kind="call", phone=phone(4), **card),
            lead("asks", 2, kind="call", phone=phone(5), **card),
            lead("junk", 2, kind="call", phone=phone(5), status="junk", **card),
            lead("form", 2, phone=phone(5), **card),
            *(lead(f"l-{name}", today, phone=number, dealer=name, kind="call") for name, number in cards.items()),
            lead("tied-l", 3, phone=phone(6), dealer="tied"),
            lead("unknown-l", 1.01, phone=phone(7), dealer="known", kind="call"),
        ],
        "deals": [
            stage(f"d-{name}", "lead", today, contact={"phone": number}, dealer=name) for name, number in cards.items()
        ],
    })  # fmt: skip
    world.attribute()


def test_a_first_call_to_each_dealer(shared: World) -> None:
    shared.hold(stories)
    dealers = ("first north", "first south")
    assert at(report(shared, "dealer"), "first_calls", *dealers) == {"first north": 2}
    of_dealers = report(shared, "dealer", whose=Whose.DEALER)
    assert at(of_dealers, "first_calls", *dealers) == {"first north": 2, "first south": 1}


def test_a_person_with_two_phones_is_one_caller(shared: World) -> None:
    shared.hold(stories)
    assert at(report(shared, "dealer"), "callers", "two") == {"two": 1}


def test_a_dealers_rule_of_target_calls_goes_before_the_accounts(shared: World) -> None:
    shared.hold(stories)
    answer = report(shared, "dealer")
    wanted = {"target north": 2, "target south": 1, "target other": 1}
    assert at(answer, "target_calls", *wanted) == wanted
    assert [rule["dealer"] for rule in answer.about["target_rules"]] == ["", "target south"]


def test_a_card_that_follows_its_call_is_no_request_to_be_called(shared: World) -> None:
    shared.hold(stories)
    assert at(report(shared, "dealer"), "requests", "card") == {"card": 1}


@pytest.mark.parametrize("name", CAME_BY)
def test_a_call_and_the_crms_card_of_it_are_one_lead(shared: World, name: str) -> None:
    shared.hold(stories)
    assert shared.figures("source", "leads", where=(Condition("dealer", (name,)),)) == {CAME_BY[name][1]: 1}
    assert at(report(shared, "dealer"), "leads", name) == {name: 1}
    assert dealers_of_leads(shared, f"c-{name}", f"l-{name}", f"d-{name}") == [name]


def test_a_call_that_an_employee_made_ties_whom_it_dialled(shared: World) -> None:
    shared.hold(stories)
    assert shared.figures("source", "leads", where=(Condition("dealer", ("tied",)),)) == {"yandex": 1}


def test_a_call_of_no_known_dealer_and_the_card_of_one_are_one_lead(shared: World) -> None:
    shared.hold(stories)
    assert dealers_of_leads(shared, "unknown-c", "unknown-l") == ["known"]


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
