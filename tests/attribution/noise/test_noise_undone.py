"""What later events undo is noise no more, and counts again: a run that goes on finds what a full one finds."""

from itertools import zip_longest
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from api.bootstrap import Services
from attribution.noise.rule_sets import change_noise_rules
from attribution.noise.rules import DEFAULT_RULES, Action, NoiseRule, Reason
from tests.attribution.apart import apart
from tests.attribution.noise.noisy import ask, at, clear_noise, click, noise_of_newest, ring, tell_anew
from tests.attribution.test_increments import assert_as_if_derived_anew
from tests.attribution.world import Events, World

LINE = "+74950000001"
REFERENCE: dict[str, Any] = {
    "tracking_numbers": [{"number": LINE, "source": "radio", "medium": "offline"}],
    "promo_codes": [{"code": "summer", "source": "tv"}],
}
BOT = {"user_agent": "Googlebot/2.1"}
PHONE, OTHER = "+79160000001", "+79260000002"


@pytest.fixture
def strict(services: Services) -> World:
    world = World(services)
    make_strict(world)
    return world


def make_strict(world: World) -> None:
    """Every rule excludes, and what is more than one within ten minutes is too many."""
    clear_noise(world)
    world.refer(**REFERENCE)
    rules = [
        NoiseRule(each.reason, Action.EXCLUDE, min(each.most, 1), 600 if each.seconds else 0) for each in DEFAULT_RULES
    ]
    change_noise_rules(world.services.database, rules, author="world", clock=world.services.clock)


def visit(key: str, seconds: float, visitor: str = "v", **fields: Any) -> dict[str, Any]:
    """Of a campaign of its own, so that it is no duplicate of others."""
    return click(key, seconds, visitor, **{"campaign": key} | fields)


def heard(key: str, seconds: float, caller: str, **fields: Any) -> dict[str, Any]:
    return ring(key, seconds, caller, called=LINE, **fields)


def lead(key: str, seconds: float, **fields: Any) -> dict[str, Any]:
    return ask(key, seconds, source="own", **fields)


SHARED, ADDRESS = {"click_ids": {"yclid": "1"}}, {"properties": {"ip": "192.0.2.1"}}
FORM = {"session_id": "s", "phone": PHONE}
UNDONE: list[tuple[Reason, Events, Events, set[str], set[str]]] = [
    (Reason.BOT, {"touches": [visit("a", 0, properties=BOT)]}, {"touches": [visit("a", 0)]}, {"a"}, set()),
    (
        Reason.RAPID_CLICKS,
        {"touches": [visit("a", 0), visit("b", 500)]},
        {"touches": [visit("b", 500, "w")]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.DUPLICATE_CLICK,
        {"touches": [click("a", 0), click("b", 500)]},
        {"touches": [click("a", 0, campaign="d")]},
        {"b"},
        set(),
    ),
    (
        Reason.SHARED_CLICK_ID,
        {"touches": [visit("a", 0, "v", **SHARED), visit("b", 300, "w", **SHARED)]},
        {"touches": [visit("c", -200, "w", **SHARED)]},
        {"b"},
        {"a"},
    ),
    (
        Reason.SHARED_CLICK_ID,
        {"touches": [visit("a", 0, "v", **SHARED), visit("b", 300, "w", **SHARED)]},
        {"touches": [visit("a", 0, "v")]},
        {"b"},
        set(),
    ),
    (
        Reason.CROWDED_ADDRESS,
        {"touches": [visit("a", 0, "v", **ADDRESS), visit("b", 300, "w", **ADDRESS)]},
        {"touches": [visit("a", 9000, "v", **ADDRESS)]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.CALL_FLOOD,
        {"calls": [heard("a", 0, PHONE), heard("b", 300, PHONE)]},
        {"calls": [heard("a", 0, OTHER)]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.SEQUENTIAL_CALLERS,
        {"calls": [heard("a", 0, "+79160000001"), heard("b", 300, "+79160000007")]},
        {"calls": [heard("a", 0, "anonymous")]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.ULTRA_SHORT_CALL,
        {"calls": [heard("a", 0, PHONE, status="answered", talk_s=2)]},
        {"calls": [heard("a", 0, PHONE, status="answered", talk_s=900)]},
        {"a"},
        set(),
    ),
    (
        Reason.ULTRA_SHORT_CALL,
        {"calls": [heard("a", 0, "anonymous", status="answered", talk_s=900)]},
        {"calls": [heard("a", 0, "anonymous", status="answered", talk_s=2)]},
        set(),
        {"a"},
    ),
    (
        Reason.DUPLICATE_LEAD,
        {"leads": [lead("a", 0, phone=PHONE), lead("b", 500, phone=PHONE)]},
        {"leads": [lead("a", 0, phone=OTHER)]},
        {"b"},
        set(),
    ),
    (
        Reason.DUPLICATE_LEAD,
        {"leads": [lead("a", 0, phone=PHONE), lead("b", 500, phone=PHONE)]},
        {"leads": [lead("a", 9000, phone=PHONE)]},
        {"b"},
        set(),
    ),
    (
        Reason.DUPLICATE_LEAD,
        {"leads": [lead("a", 300, phone=PHONE)]},
        {"leads": [lead("late", 0, phone=PHONE)]},
        set(),
        {"a"},
    ),
    (
        Reason.PHONE_ACROSS_DEALERS,
        {"leads": [lead("a", 0, phone=PHONE, dealer="north"), lead("b", 500, phone=PHONE, dealer="south")]},
        {"leads": [lead("b", 500, phone="", dealer="south")]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.MANY_PHONES,
        {"leads": [lead("a", 0, phone=PHONE, visitor_id="v"), lead("b", 500, phone=OTHER, visitor_id="v")]},
        {"leads": [lead("a", 0, phone=OTHER, visitor_id="v", dealer="north")]},
        {"a", "b"},
        set(),
    ),
    (
        Reason.TEST_LEAD,
        {"leads": [lead("a", 0, name="Тест")]},
        {"leads": [lead("a", 0, name="Анна")]},
        {"a"},
        set(),
    ),
    (
        Reason.INVALID_PHONE,
        {"leads": [lead("a", 0, phone="12")]},
        {"leads": [lead("a", 0, phone=PHONE)]},
        {"a"},
        set(),
    ),
    (
        Reason.FAST_FORM,
        {"touches": [visit("t", 0, session_id="s")], "leads": [lead("a", 200, **FORM)]},
        {"touches": [visit("earlier", -5000, session_id="s")]},
        {"a"},
        set(),
    ),
    (
        Reason.FAST_FORM,
        {
            "touches": [visit("t", 0, session_id="s", properties=BOT), visit("page", 5000, session_id="s")],
            "leads": [lead("a", 5100, **FORM)],
        },
        {"touches": [visit("t", 0, session_id="", properties=BOT)]},
        set(),
        {"a"},
    ),
]


ROUNDS = list(zip_longest(*(
    [n for n, (_, _, later, _, _) in enumerate(UNDONE) if family in later] for family in ("touches", "calls", "leads")
)))  # fmt: skip
"""Cases, each of another family, whose later events are told before one run: what is judged anew is of one of them."""


@pytest.fixture(scope="module")
def undone(services: Services) -> dict[int, tuple[set[str], set[str]]]:
    """Of each case what its rule found before and after, told in one world to persons of its own."""
    world = World(services)
    make_strict(world)
    for n, (_, told, _, _, _) in enumerate(UNDONE):
        world.tell({family: [apart(n, each) for each in events] for family, events in told.items()})
    world.attribute(full=True)
    before = {n: _found_of(world, n) for n in range(len(UNDONE))}
    after: dict[int, set[str]] = {}
    for cases in ROUNDS:
        for n in cases:
            if n is not None:
                later = UNDONE[n][2]
                tell_anew(world, {family: [apart(n, each) for each in events] for family, events in later.items()})
        assert (run := world.attribute()).base != run.number
        after |= {n: _found_of(world, n) for n in cases if n is not None}
    return {n: (before[n], after[n]) for n in before}


def _found_of(world: World, case: int) -> set[str]:
    return {key.removeprefix(f"{case}.") for key in _found(world, UNDONE[case][0]) if key.startswith(f"{case}.")}


@pytest.mark.parametrize("case", range(len(UNDONE)), ids=[f"{case[0]}-{n}" for n, case in enumerate(UNDONE)])
def test_later_events_undo_what_a_rule_found(undone: dict[int, tuple[set[str], set[str]]], case: int) -> None:
    *_, before, after = UNDONE[case]
    assert undone[case] == (before, after)


def test_what_counts_again_is_touch_visit_and_lead_with_its_code(strict: World) -> None:
    code = {"promo_code": "summer"}
    session = {"session_id": "s", "visitor_id": "v"}
    strict.tell({
        "touches": [visit("t", 0, properties=BOT, session_id="s")],
        "leads": [ask("l", 700, phone="+79999999999", properties=code, **session)],
        "deals": [{"id": "e", "deal_id": "d", "lead_id": "l", "stage": "sale", "occurred_at": at(900), "amount": 9}],
    })  # fmt: skip
    strict.attribute(full=True)
    assert strict.figures("source", "leads") == {}
    assert strict.figures("source", "sessions") == {}
    tell_anew(strict, {
        "touches": [visit("t", 0, session_id="s")],
        "leads": [ask("l", 700, phone=PHONE, properties=code, **session)],
    })  # fmt: skip
    strict.attribute()
    assert strict.figures("source", "leads") == {"tv": 1}
    assert strict.figures("source", "sessions") == {"yandex": 1}
    assert_as_if_derived_anew(strict)


def test_what_counts_again_because_of_others_comes_back_whole(strict: World) -> None:
    """Neither the click nor the lead comes anew: what made them noise is told otherwise."""
    code = {"promo_code": "summer"}
    strict.tell({
        "touches": [click("a", 0), click("b", 500)],
        "leads": [lead("x", 0, phone=PHONE), ask("y", 500, phone=PHONE, visitor_id="v", properties=code)],
        "calls": [heard("c", 0, OTHER), heard("d", 300, OTHER)],
    })  # fmt: skip
    strict.attribute(full=True)
    assert strict.figures("source", "leads") == {"own": 1}
    assert strict.figures("source", "sessions") == {}
    tell_anew(strict, {
        "touches": [click("a", 0, "w")],
        "leads": [lead("x", 0, phone="+79030000003")],
        "calls": [heard("c", 0, "anonymous")],
    })  # fmt: skip
    strict.attribute()
    assert strict.figures("source", "leads") == {"own": 1, "tv": 1, "radio": 2}
    assert strict.figures("source", "sessions") == {"yandex": 2}
    assert_as_if_derived_anew(strict)


def test_other_rules_ask_for_a_full_run(strict: World) -> None:
    strict.tell({"touches": [click("a", 0), click("b", 500)]})
    before = strict.attribute(full=True)
    flagged = NoiseRule(Reason.DUPLICATE_CLICK, Action.FLAG, seconds=600)
    hasty = NoiseRule(Reason.RAPID_CLICKS, Action.OFF, most=1, seconds=600)
    change_noise_rules(strict.services.database, [flagged, hasty], author="world", clock=strict.services.clock)
    run = strict.attribute()
    assert run.base == run.number != before.number
    assert strict.figures("source", "sessions") == {"yandex": 2}


Told = tuple[str, dict[str, Any]]

names = st.integers(0, 5)
moments = st.integers(0, 8).map(lambda number: number * 300)
visitors = st.sampled_from("vw")
phones = st.sampled_from(["", "12", PHONE, OTHER, "+79160000007", "+79999999999"])
sessions = st.sampled_from(["", "s1", "s2"])
dealers = st.sampled_from(["", "north", "south"])
circles = st.integers(0, 2)


@st.composite
def touches(draw: st.DrawFn) -> Told:
    said = draw(st.sampled_from([{}, {"ip": "192.0.2.1"}, BOT, {}]))
    brought = draw(st.sampled_from([{}, {"yclid": "1"}, {"yclid": "1", "gclid": "2"}, {"gclid": "2"}]))
    fields = {"session_id": draw(sessions), "dealer": draw(dealers), "campaign": draw(st.sampled_from("cd"))}
    return "touches", click(
        f"t{draw(names)}", draw(moments), draw(visitors), properties=said, click_ids=brought, **fields
    )


@st.composite
def calls(draw: st.DrawFn) -> Told:
    caller = draw(phones.filter(lambda phone: len(phone) > 2) | st.just("anonymous"))
    talk = {"status": "answered", "talk_s": draw(st.sampled_from([1, 900]))}
    return "calls", heard(f"c{draw(names)}", draw(moments), caller, session_id=draw(sessions), **talk)


@st.composite
def leads(draw: st.DrawFn) -> Told:
    told = {"phone": draw(phones), "session_id": draw(sessions), "dealer": draw(dealers)}
    about = {"name": draw(st.sampled_from(["Анна", "тест"])), "source": draw(st.sampled_from(["", "own"]))}
    code = draw(st.sampled_from([{}, {"promo_code": "summer"}]))
    own = draw(st.sampled_from([{}, {"visitor_id": "v"}, {"visitor_id": "w"}]))
    return "leads", ask(f"l{draw(names)}", draw(moments), properties=code, **told, **about, **own)


@st.composite
def deals(draw: st.DrawFn) -> Told:
    reached = draw(st.sampled_from(["lead", "qualified", "sale"]))
    named = {"deal_id": f"d{draw(st.integers(0, 1))}", "lead_id": draw(st.sampled_from(["", "l0", "l1"]))}
    about = {"visitor_id": draw(visitors), "amount": 9, "promo_code": draw(st.sampled_from(["", "summer"]))}
    return "deals", {"id": f"e{draw(names)}", "occurred_at": at(draw(moments)), "stage": reached} | named | about


class Noise(RuleBasedStateMachine):
    """Everything is noise as soon as there is a second of it, and none as soon as that is replaced.

    Three circles of persons who know nothing of each other are told of at once: a run is dear, and goes for all.
    """

    world: World

    @initialize()
    def begin(self) -> None:
        make_strict(self.world)
        self.told: dict[tuple[str, str], dict[str, Any]] = {}
        self.world.attribute(full=True)
        self.is_new = self.is_apart = False

    @rule(told=st.lists(st.tuples(circles, touches() | touches() | calls() | leads() | leads() | deals()), min_size=1,
                        max_size=12))  # fmt: skip
    def tell(self, told: list[tuple[int, Told]]) -> None:
        for circle, (family, event) in told:
            self._send(family, apart(circle, event))

    @rule(phone=phones.filter(bool), circle=circles)
    def erase(self, phone: str, circle: int) -> None:
        """What is known of a phone is told anew without it."""
        erased = apart(circle, {"phone": phone})["phone"]
        for (family, _), event in list(self.told.items()):
            for field, nobody in (("phone", ""), ("caller", "anonymous")):
                if event.get(field) == erased:
                    self._send(family, event | {field: nobody})

    @precondition(lambda self: self.is_new)
    @rule()
    def go_on(self) -> None:
        self.world.attribute()
        self.is_new = False

    @precondition(lambda self: self.is_apart)
    @rule()
    def compare(self) -> None:
        assert_as_if_derived_anew(self.world)
        self.is_new = self.is_apart = False

    def teardown(self) -> None:
        if hasattr(self, "told") and self.is_apart:
            assert_as_if_derived_anew(self.world)

    def _send(self, family: str, event: dict[str, Any]) -> None:
        self.told[family, event["id"]] = event
        tell_anew(self.world, {family: [event]})
        self.is_new = self.is_apart = True


def test_going_on_finds_the_noise_that_judging_anew_finds(services: Services) -> None:
    class OfThisWorld(Noise):
        world = World(services)

    run_state_machine_as_test(OfThisWorld, settings=settings(max_examples=3, stateful_step_count=9))


def _found(world: World, reason: Reason) -> set[str]:
    return {key for why, key in noise_of_newest(world) if why == reason.value}
