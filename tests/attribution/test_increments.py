"""Whatever came in whatever order, a run that goes on derives the same rows as a full one."""

from contextlib import suppress
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from attribution.reference import untie
from tests.attribution.apart import apart
from tests.attribution.world import World, action, call, lead, profile, spend, stage, visit

NUMBER = "+74950000000"
PROMO_CODES = [
    {"code": "Лето-24", "source": "radio"}, {"code": "зима", "source": "tv", "dealer": "north"},
    {"code": "юг", "dealer": "south"},
]  # fmt: skip
DERIVED = {
    "persons": "select * from persons_of_run(run = {run:UInt32}) order by key",
    "touches": "select * from touches_of_run(run = {run:UInt32}) order by person, at, id, origin",
    "conversions": "select * except (base, run) from conversions_of_run(run = {run:UInt32}) order by kind, id, person",
    "credits": "select * except (base, run) from credits_of_run(run = {run:UInt32}) order by kind, conversion, place",
    "opportunities": "select * from opportunities_of_run(run = {run:UInt32}) order by id, has_lead",
    "costs": "select * except (run) from costs_of_run(run = {run:UInt32}) order by all",
    "sessions": """
        select date, origin, dealer, brand, sum(sessions) as counted from sessions_of_run(run = {run:UInt32})
        group by all having counted != 0 order by all
    """,
    "noise": "select * from noise_of_run(run = {run:UInt32}) order by all",
}

Told = tuple[str, dict[str, Any]]

circles = st.integers(0, 1)
names = st.integers(0, 7)
days = st.integers(0, 120)
visitors = st.integers(0, 5).map(lambda number: f"v{number}")
any_visitor = st.just("") | visitors
sessions = st.sampled_from(["", "", "s1", "s2", "s3"])
phones = st.integers(1, 4).map(lambda number: f"+7900000000{number}")
any_phone = st.just("") | phones
users = st.sampled_from(["u1", "u2"])
sources = st.sampled_from(["", "yandex", "vk", "avito"])
dealers = st.sampled_from(["", "north", "south"])
codes = st.sampled_from(["", "", "лето 24", "ЗИМА", "Юг"])
sides = phones.map(lambda phone: {"caller": phone}) | phones.map(lambda phone: {"called": phone, "direction": "out"})


@st.composite
def touches(draw: st.DrawFn) -> Told:
    fields = {"session_id": draw(sessions), "user_id": draw(st.just("") | users), "dealer": draw(dealers)}
    return "touches", visit(f"t{draw(names)}", draw(visitors), draw(days), draw(sources), **fields)


@st.composite
def leads(draw: st.DrawFn) -> Told:
    told = {"phone": draw(any_phone), "visitor_id": draw(any_visitor), "session_id": draw(sessions)}
    about = {
        "source": draw(sources),
        "dealer": draw(dealers),
        "status": draw(st.sampled_from(["new", "qualified", "junk"])),
        "promo_code": draw(codes),
    }
    return "leads", lead(f"l{draw(names)}", draw(days), **told, **about)


@st.composite
def calls(draw: st.DrawFn) -> Told:
    return "calls", call(f"c{draw(names)}", draw(days), NUMBER, session_id=draw(sessions)) | draw(sides)


@st.composite
def deals(draw: st.DrawFn) -> Told:
    reached = draw(st.sampled_from(["lead", "qualified", "visit", "sale", "lost"]))
    told = {"contact": {"phone": draw(any_phone)}, "visitor_id": draw(any_visitor), "dealer": draw(dealers)}
    told["promo_code"] = draw(codes)
    about = draw(st.sampled_from(["", "l0", "l1", "l2"]))
    event = stage(f"d{draw(st.integers(0, 2))}", reached, draw(days), lead_id=about, amount="100", margin="7.5", **told)
    return "deals", event | {"id": f"e{draw(names)}"}


@st.composite
def profiles(draw: st.DrawFn) -> Told:
    fields = {"visitor_id": draw(any_visitor), "phone": draw(any_phone), "user_id": draw(users)}
    return "profiles", profile(f"p{draw(names)}", draw(days), **fields)


@st.composite
def actions(draw: st.DrawFn) -> Told:
    return "actions", action(f"a{draw(names)}", draw(days), visitor_id=draw(visitors), user_id=draw(users))


@st.composite
def costs(draw: st.DrawFn) -> Told:
    source = draw(sources)
    return "spend", spend("2026-02-01", "2026-02-07", draw(st.integers(0, 1000)), source, id=f"spend-{source}")


events = touches() | touches() | leads() | calls() | deals() | profiles() | actions() | costs()


class Increments(RuleBasedStateMachine):
    """Names are few: later versions of events replace earlier ones, and keys tie persons and let go of them.

    Two circles of persons who know nothing of each other are told of at once: a run is dear, and goes for both.
    """

    world: World

    @initialize()
    def begin(self) -> None:
        self.world.clear()
        self.world.set(shared_key_limit=2)
        self.world.refer(promo_codes=PROMO_CODES)
        self.told: dict[tuple[str, str], dict[str, Any]] = {}
        self.world.attribute(full=True)
        self.is_new = self.is_apart = False

    @rule(told=st.lists(st.tuples(circles, events), min_size=1, max_size=12))
    def tell(self, told: list[tuple[int, Told]]) -> None:
        for circle, (family, event) in told:
            self._send(family, apart(circle, event) if family != "spend" else event)

    @rule(phone=phones, circle=circles)
    def erase(self, phone: str, circle: int) -> None:
        """What is known of a phone is told anew without it."""
        erased = apart(circle, {"phone": phone})["phone"]
        for (family, _), event in list(self.told.items()):
            for named in (event, event.get("contact", {})):
                for field in ("phone", "caller"):
                    if named.get(field) == erased:
                        named[field] = "anonymous" if field == "caller" else ""
                        self._send(family, event)

    @rule(phone=phones, visitor=visitors, circle=circles)
    def untie(self, phone: str, visitor: str, circle: int) -> None:
        keys = apart(circle, {"phone": phone, "visitor_id": visitor})
        self._untie(f"phone:{keys['phone']}", f"visitor:{keys['visitor_id']}")

    @rule(lead=st.integers(0, 2), deal=st.integers(0, 2), circle=circles)
    def untie_a_deal_from_its_lead(self, lead: int, deal: int, circle: int) -> None:
        keys = apart(circle, {"lead_id": f"l{lead}", "deal_id": f"d{deal}"})
        self._untie(f"lead:{keys['lead_id']}", f"deal:{keys['deal_id']}")

    @rule(number=st.integers(1, 3))
    def name_channels(self, number: int) -> None:
        rules = [{"channel": f"channel {number}", "source": "yandex|vk"}]
        self.world.refer(
            channel_rules=rules, dealers=[{"id": "north", "brand": f"brand {number}"}], promo_codes=PROMO_CODES
        )
        self.is_new = self.is_apart = True

    @rule(days=st.sampled_from([30, 90]))
    def look_back(self, days: int) -> None:
        self.world.set(lookback_days=days)
        self.is_new = self.is_apart = True

    @precondition(lambda self: self.is_new)
    @rule()
    def go_on(self) -> None:
        self.world.attribute()
        self.is_new = False

    @rule(full=st.booleans(), last=st.integers(0, 9))
    def die_half_way(self, full: bool, last: int) -> None:
        def die(_: str, place: int, __: int) -> None:
            if place == last:
                raise KeyboardInterrupt

        with suppress(KeyboardInterrupt):
            self.world.attribute(full=full, on_step=die)
        self.is_new = self.is_apart = True

    @precondition(lambda self: self.is_apart)
    @rule()
    def compare(self) -> None:
        assert_as_if_derived_anew(self.world)
        self.is_new = self.is_apart = False

    def teardown(self) -> None:
        if hasattr(self, "told") and self.is_apart:
            assert_as_if_derived_anew(self.world)

    def _untie(self, one: str, other: str) -> None:
        untie(self.world.services.database, one, other, author="test", clock=self.world.services.clock)
        self.is_new = self.is_apart = True

    def _send(self, family: str, event: dict[str, Any]) -> None:
        self.told[family, event["id"]] = event
        self.is_new = self.is_apart = True
        self.world.wait()
        self.world.services.__dict__.pop("intake", None)  # it remembers what it has seen
        self.world.tell({family: [event]})


def assert_as_if_derived_anew(world: World) -> None:
    world.attribute()
    went_on = derived(world)
    world.attribute(full=True)
    assert went_on == derived(world)


def derived(world: World) -> dict[str, list[dict[str, Any]]]:
    return {name: world.rows_of_run(sql) for name, sql in DERIVED.items()}


def test_an_event_that_becomes_another_deals_leaves_nothing_behind(world: World) -> None:
    world.refer(promo_codes=PROMO_CODES)
    told = {"id": "e", "promo_code": "лето 24", "amount": "100"}
    world.tell({"deals": [stage("d1", "sale", 5) | told]})
    world.attribute(full=True)
    world.wait()
    world.services.__dict__.pop("intake", None)
    world.tell({"deals": [stage("d2", "sale", 5) | told]})
    assert_as_if_derived_anew(world)


def test_going_on_equals_deriving_anew(world: World) -> None:
    class OfThisWorld(Increments):
        pass

    OfThisWorld.world = world
    run_state_machine_as_test(OfThisWorld, settings=settings(max_examples=4, stateful_step_count=14))
