"""Identity: persons are the connected components of what events name together, as plain union-find finds them."""

import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from attribution.question import Condition
from attribution.reference import untie
from tests.attribution.reference_identity import Events, named_keys, persons
from tests.attribution.world import World, action, call, lead, profile, stage, visit

WORLDS = 40
CALLED = "+74950000000"


def phone(number: int) -> str:
    return f"+7900{number:07}"


def no_events() -> Events:
    return {"touches": [], "leads": [], "calls": [], "deals": [], "actions": [], "profiles": []}


def told_visit(chance: random.Random, name: str, known: dict[str, list[str]]) -> dict[str, Any]:
    fields = {"user_id": pick(chance, known["user"]), "session_id": pick(chance, known["session"])}
    return visit(name, chance.choice(known["visitor"]), 1, **fields)


def told_lead(chance: random.Random, name: str, known: dict[str, list[str]]) -> dict[str, Any]:
    return lead(
        name, 2, phone=pick(chance, known["phone"]), email=pick(chance, known["email"]),
        visitor_id=pick(chance, known["visitor"]), user_id=pick(chance, known["user"]),
        session_id=pick(chance, known["session"]),
    )  # fmt: skip


def told_call(chance: random.Random, name: str, known: dict[str, list[str]]) -> dict[str, Any]:
    fields = {"visitor_id": pick(chance, known["visitor"]), "session_id": pick(chance, known["session"])}
    return call(name, 2, CALLED, **fields, caller=chance.choice(known["phone"]))


def told_deal(chance: random.Random, name: str, known: dict[str, list[str]], leads: list[str]) -> dict[str, Any]:
    contact = {"phone": pick(chance, known["phone"]), "email": pick(chance, known["email"])}
    return stage(
        chance.choice(known["deal"]), "visit", 3, id=name, lead_id=pick(chance, leads),
        contact=contact | {"crm_id": pick(chance, known["crm"])}, visitor_id=pick(chance, known["visitor"]),
    )  # fmt: skip


def told_action(chance: random.Random, name: str, known: dict[str, list[str]]) -> dict[str, Any]:
    return action(name, 1, visitor_id=pick(chance, known["visitor"]), user_id=pick(chance, known["user"]))


def told_profile(chance: random.Random, name: str, known: dict[str, list[str]]) -> dict[str, Any]:
    return profile(
        name, 1, visitor_id=pick(chance, known["visitor"]), user_id=pick(chance, known["user"]),
        phone=pick(chance, known["phone"]), email=pick(chance, known["email"]), crm_id=pick(chance, known["crm"]),
        previous_id=pick(chance, known["visitor"] + known["user"]),
    )  # fmt: skip


def pick(chance: random.Random, values: list[str]) -> str:
    """A value or, mostly, none: so that components stay small."""
    return chance.choice([*values, *[""] * (2 * len(values) + 1)])


def add_world(events: Events, chance: random.Random, number: int) -> None:
    names = ("visitor", "user", "email", "crm", "deal", "session")
    known = {name: [f"{name[0]}{number}-{i}" for i in range(3)] for name in names}
    known["phone"] = [phone(10 * number + i) for i in range(3)]
    known["email"] = [f"{name}@example.com" for name in known["email"]]
    for place in range(chance.randint(1, 14)):
        name, family = f"{number}-{place}", chance.choice(list(events))
        leads = [each["id"] for each in events["leads"] if each["id"].startswith(f"{number}-")]
        if family == "touches":
            events[family].append(told_visit(chance, name, known))
        elif family == "leads":
            events[family].append(told_lead(chance, name, known))
        elif family == "calls":
            events[family].append(told_call(chance, name, known))
        elif family == "actions":
            events[family].append(told_action(chance, name, known))
        elif family == "profiles":
            events[family].append(told_profile(chance, name, known))
        else:
            events[family].append(told_deal(chance, name, known, leads))


def bare_lead(name: str, **fields: str) -> dict[str, Any]:
    return lead(name, 2) | dict.fromkeys(("phone", "email", "visitor_id", "user_id", "session_id"), "") | fields


def add_chain(events: Events, length: int, name: str) -> None:
    """Phone 0, e-mail 0, phone 1, e-mail 1, …: each neighbour tied by a lead of its own."""
    keys = [
        {"phone": phone(9_000_000 + 1000 * len(name) + i)} if i % 2 == 0 else {"email": f"{name}{i}@example.com"}
        for i in range(length)
    ]
    for i in range(length - 1):
        events["leads"].append(bare_lead(f"{name}-{i}", **keys[i], **keys[i + 1]))


def add_star(events: Events, rays: int, name: str) -> None:
    for i in range(rays):
        events["leads"].append(bare_lead(f"{name}-{i}", email=f"{name}@example.com", visitor_id=f"{name}-{i}"))


def found_persons(world: World, keys: set[str]) -> set[frozenset[str]]:
    rows = world.rows_of_run(
        "select asked.name as name, known.person as person "
        "from (select arrayJoin({keys:Array(String)}) as name) as asked "
        "inner join persons_of_run(run = {run:UInt32}) as known on sipHash64(asked.name) = known.key",
        keys=sorted(keys),
    )
    found = defaultdict(set)
    for row in rows:
        found[row["person"]].add(row["name"])
    return {frozenset(each) for each in found.values()}


def shuffled(events: Events, chance: random.Random) -> Events:
    return {family: chance.sample(items, len(items)) for family, items in events.items()}


@settings(
    max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a smaller example costs as much time
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    seed=st.integers(0, 2**32),
    chain=st.integers(50, 130),
    limit=st.integers(2, 6),
    undone=st.integers(0, 25),
)
def test_persons_are_the_connected_components(world: World, seed: int, chain: int, limit: int, undone: int) -> None:
    chance = random.Random(seed)
    events = no_events()
    for number in range(WORLDS):
        add_world(events, chance, number)
    add_chain(events, chain, "chain")
    add_chain(events, chain // 2, "shorter")
    add_star(events, limit, "star")
    add_star(events, limit + 1, "crowd")
    named = named_keys(events)
    pairs = [(one, other) for keys in named if len(keys) > 1 for one, other in [chance.sample(keys, 2)]]
    untied = chance.sample(pairs, min(undone, len(pairs)))
    world.clear()
    world.set(shared_key_limit=limit)
    for one, other in untied:
        untie(world.services.database, one, other, author="a", clock=world.services.clock)
    world.tell(shuffled(events, chance))
    world.attribute()
    assert found_persons(world, {key for keys in named for key in keys}) == persons(events, limit, untied)


def test_a_chain_of_hundreds_of_keys_is_one_person(world: World) -> None:
    events = no_events()
    add_chain(events, 400, "chain")
    world.tell(events)
    world.attribute()
    assert world.rows_of_run(
        "select uniqExact(person) as persons, count() as keys from persons_of_run(run = {run:UInt32})"
    ) == [{"persons": 1, "keys": 400 + 399}]


UNDONE = [
    ("phone", "visitor", "(no touch)"),
    ("visitor", "phone", "(no touch)"),
    ("phone of another", "visitor", "vk"),
]


def undone_keys(place: int) -> dict[str, str]:
    return {
        "phone": f"phone:{phone(100 + place)}",
        "visitor": f"visitor:u{place}",
        "phone of another": f"phone:{phone(99)}",
    }


def stories(world: World) -> None:
    """Each ends with a sale at a dealer of its own."""
    undone = range(len(UNDONE))
    for place, (one, other, _) in enumerate(UNDONE):
        keys = undone_keys(place)
        untie(world.services.database, keys[one], keys[other], author="a", clock=world.services.clock)
    world.tell({
        "touches": [
            *(visit(f"undone-{n}", f"u{n}", 1, "vk") for n in undone), visit("card", "v:", 1, "vk"),
            visit("signed", "v", 1, "vk"), visit("session", "s1", 1, "vk", session_id="s"),
            visit("other-session", "s2", 1, "yandex", session_id="s2"),
        ],
        "leads": [lead(f"undone-{n}", 2, visitor_id=f"u{n}", phone=phone(100 + n)) for n in undone],
        "profiles": [
            profile("p", 2, visitor_id="v", user_id="u"), profile("q", 2, user_id="new", previous_id="u"),
            profile("r", 2, user_id="new", email="a@example.com"),
        ],
        "calls": [call("c", 1, CALLED, caller=phone(50), session_id="s", dealer="session")],
        "deals": [
            *(stage(f"undone-{n}", "sale", 3, contact={"phone": phone(100 + n)}, dealer=f"undone-{n}") for n in undone),
            stage("card", "sale", 3, visitor_id="v:", dealer="card"),
            stage("signed", "sale", 3, contact={"email": "A@example.com"}, dealer="signed"),
            stage("session", "sale", 3, contact={"phone": phone(50)}, dealer="session"),
        ],
    })  # fmt: skip
    world.attribute()


def brought(world: World, dealer: str, name: str = "sales") -> dict[str, float]:
    return world.figures("source", name, where=(Condition("dealer", (dealer,)),))


@pytest.mark.parametrize("place", range(len(UNDONE)))
def test_an_undone_tie_holds_though_a_lead_named_both(shared: World, place: int) -> None:
    shared.hold(stories)
    assert brought(shared, f"undone-{place}") == {UNDONE[place][2]: 1}


def test_a_visitor_named_by_the_card_is_tied_to_the_sale(shared: World) -> None:
    shared.hold(stories)
    assert brought(shared, "card") == {"vk": 1}


def test_who_signs_in_later_is_the_visitor_of_before(shared: World) -> None:
    shared.hold(stories)
    assert brought(shared, "signed") == {"vk": 1}


def test_a_session_named_by_a_call_is_tied_to_its_visitor(shared: World) -> None:
    shared.hold(stories)
    assert brought(shared, "session") == {"vk": 1}
    assert brought(shared, "session", "leads") == {"vk": 1}


def test_a_phone_of_many_ties_nobody(world: World) -> None:
    world.set(shared_key_limit=2)
    shop = "+79000000001"
    world.tell({
        "touches": [visit(f"t{i}", f"v{i}", 1, f"s{i}") for i in range(3)],
        "leads": [lead(f"l{i}", 2, visitor_id=f"v{i}", phone=shop) for i in range(3)],
        "deals": [stage("d", "sale", 3, lead_id="l1", contact={"phone": shop})],
    })  # fmt: skip
    world.attribute()
    assert world.figures("source", "leads") == {"s0": 1, "s1": 1, "s2": 1}
    assert world.figures("source", "sales") == {"s1": 1}


def test_who_names_a_phone_of_many_after_others_did_moves_none_of_them(world: World) -> None:
    world.set(shared_key_limit=2)
    shop = "+79000000001"
    world.tell({
        "leads": [
            *(lead(f"l{i}", 2, visitor_id=f"v{i}", phone=shop) for i in range(4)),
            *(lead(f"m{i}", 3, visitor_id=f"v{i}", email=f"{i}@a.ru") for i in range(4)),
        ],
    })  # fmt: skip
    base = world.attribute().base
    world.tell({"leads": [lead("l9", 4, visitor_id="v9", phone=shop)]})
    assert world.attribute().base == base
    persons = "select key, person from persons_of_run(run = {run:UInt32}) order by key, person"
    went_on = world.rows_of_run(persons)
    world.attribute(full=True)
    assert went_on == world.rows_of_run(persons)
