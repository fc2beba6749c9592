"""Conversions: what counts as a lead, a qualified lead, a showroom visit, a sale and a service visit, and when."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api.bootstrap import Services
from attribution.question import Condition
from tests.attribution.world import World, call, lead, moment, stage, visit

Request = tuple[int, str]
SECOND = 1 / 86400


def conversions(world: World, kind: str, story: str) -> dict[str, str]:
    """The ids of a story's conversions of a kind in the newest run, without the story's name, with their days."""
    sql = """
        select id, toString(toDate(at, 'UTC')) as day from conversions_of_run(run = {run:UInt32})
        where kind = {kind:String} and startsWith(id, {story:String}) order by at, id
    """
    return {row["id"].removeprefix(story): row["day"] for row in world.rows_of_run(sql, kind=kind, story=story)}


def counted(world: World, *dealers: str) -> dict[str, float]:
    """Of the conversions of some dealers, the totals that are not 0, without ratios."""
    totals = world.report("month", where=(Condition("dealer", dealers),)).totals
    names = ("leads", "qualified", "visits", "sales", "service_visits", "revenue", "margin")
    return {name: totals[name] for name in names if totals[name]}


def figures(world: World, by: str, name: str, dealer: str) -> dict[str, float]:
    return world.figures(by, name, where=(Condition("dealer", (dealer,)),))


def phone(number: int) -> str:
    return f"+7900000{number:04}"


def stories(world: World) -> None:
    """Each is of persons of its own; its ids begin with its name, and where figures are asked it has a dealer."""
    window = [lead(f"window-{day}", day, phone=phone(1), dealer="north") for day in (0, 20, 40, 75)]
    second = [lead(f"second-{n}", at, phone=phone(2)) for n, at in enumerate((0, 30, 30 + SECOND))]
    other = [
        lead("other-first", 1, phone=phone(3), dealer="north"),
        lead("other-again", 2, phone=phone(3), dealer="north"),
        lead("other-dealer", 2, phone=phone(3), dealer="south"),
        lead("other-direction", 2, phone=phone(3), dealer="north", properties={"direction": "service"}),
        lead("other-person", 2, phone=phone(4), dealer="north"),
    ]
    nameless = [
        lead(f"nameless-{name}", day, phone=phone(5), dealer=dealer)
        for name, day, dealer in (("l", 1, "north"), ("other", 40, "south"))
    ]
    junk = [lead("junk-1", 1, phone=phone(7), status="junk"), lead("junk-2", 2, phone=phone(7))]
    qualified = [lead("q-l1", 1, status="qualified"), lead("q-l2", 1, status="qualified"), lead("q-l3", 1)]
    buyer = {"contact": {"phone": phone(8)}, "dealer": "repeat"}
    world.tell({
        "calls": [
            call("call-c", 1, "100", caller=phone(6), dealer="north"),
            call("call-hidden1", 1, "100", caller="", dealer="north"),
            call("call-hidden2", 1, "100", caller="anonymous", dealer="north"),
        ],
        "leads": [
            *window, *second, *other, *nameless, *junk, *qualified,
            lead("call-l", 2, phone=phone(6), dealer="north"), lead("asked-l", 1),
        ],
        "deals": [
            *(stage("nameless-d", reached, 5, contact={"phone": phone(5)}) for reached in ("lead", "sale")),
            stage("asked-d1", "lead", 2, lead_id="asked-l"), stage("asked-d2", "lead", 2),
            stage("asked-d3", "qualified", 2), stage("asked-d4", "lead", 2, kind="service"),
            stage("q-d1", "qualified", 3, lead_id="q-l1"), stage("q-d1", "qualified", 5, lead_id="q-l1"),
            stage("q-d3", "qualified", 4, lead_id="q-l3"), stage("q-d4", "qualified", 4),
            stage("q-d5", "qualified", 4, kind="service"),
            stage("one-d", "visit", 3, amount=1000, dealer="one"), stage("one-d", "visit", 4),
            stage("one-d", "contract", 5, amount="1500.50", margin="-20.25"),
            stage("one-d", "sale", 6), stage("one-d", "sale", 9),
            *(
                each
                for kind in ("service", "parts")
                for each in (
                    stage(f"{kind}-d", "visit", 1, kind=kind, amount=70, dealer=kind),
                    stage(f"{kind}-d", "sale", 2, margin=30),
                    stage(f"{kind}-open", "visit", 1, kind=kind, dealer=kind),
                )
            ),
            stage("repeat-d2", "sale", 50, amount=20, **buyer), stage("repeat-d1", "sale", 5, amount=10, **buyer),
            stage("repeat-d3", "sale", 60, contact={"phone": phone(9)}, amount=30, dealer="repeat"),
            stage("repeat-s1", "sale", 60, kind="service", amount=40, **buyer),
        ],
    })  # fmt: skip
    world.attribute()


def test_requests_of_one_person_within_the_window_are_one_lead(shared: World) -> None:
    """The window begins at the request that was counted, not at the one before."""
    shared.hold(stories)
    assert list(conversions(shared, "lead", "window-")) == ["0", "40", "75"]


def test_the_window_ends_with_its_last_second(shared: World) -> None:
    shared.hold(stories)
    assert list(conversions(shared, "lead", "second-")) == ["0", "2"]


def test_another_dealer_direction_or_person_is_another_lead(shared: World) -> None:
    shared.hold(stories)
    assert set(conversions(shared, "lead", "other-")) == {"first", "dealer", "direction", "person"}


def test_what_names_no_dealer_is_of_the_persons_lead(shared: World) -> None:
    shared.hold(stories)
    assert set(conversions(shared, "lead", "nameless-")) == {"l", "other"}
    sold = "select id from lead_outcomes_of_run(run = {run:UInt32}) where is_sale and startsWith(id, 'nameless-')"
    assert shared.rows_of_run(sold) == [{"id": "nameless-l"}]
    opened = """
        select id, deals from opportunities_of_run(run = {run:UInt32}) where startsWith(id, 'nameless-') order by id
    """
    assert shared.rows_of_run(opened) == [{"id": "nameless-l", "deals": 1}, {"id": "nameless-other", "deals": 0}]


def test_a_call_and_a_form_of_one_person_are_one_lead(shared: World) -> None:
    shared.hold(stories)
    assert set(conversions(shared, "lead", "call-")) == {"c", "hidden1", "hidden2"}


def test_a_deal_counts_as_a_lead_only_where_it_names_none(shared: World) -> None:
    shared.hold(stories)
    assert set(conversions(shared, "lead", "asked-")) == {"l", "d2"}


def test_behind_a_junk_request_the_next_one_counts(shared: World) -> None:
    shared.hold(stories)
    assert conversions(shared, "lead", "junk-") == {"2": "2026-01-03"}


def test_a_lead_is_qualified_once_whoever_says_so(shared: World) -> None:
    shared.hold(stories)
    days = {"d1": "2026-01-04", "l2": "2026-01-02", "d3": "2026-01-05", "d4": "2026-01-05"}
    assert conversions(shared, "qualified", "q-") == days


def test_a_deal_is_one_visit_and_one_sale_of_what_was_known_last(shared: World) -> None:
    shared.hold(stories)
    assert counted(shared, "one") == {"visits": 1, "sales": 1, "revenue": 1500.5, "margin": -20.25}
    assert conversions(shared, "visit", "one-") == {"d": "2026-01-04"}
    assert conversions(shared, "sale", "one-") == {"d": "2026-01-07"}
    assert shared.figures("dealer", "revenue")["one"] == 1500.5


@pytest.mark.parametrize("kind", ["service", "parts"])
def test_a_service_deal_is_a_service_visit_when_it_is_paid(shared: World, kind: str) -> None:
    shared.hold(stories)
    assert counted(shared, kind) == {"service_visits": 1, "revenue": 70, "margin": 30}
    assert figures(shared, "kind", "service_visits", kind) == {kind: 1}


def test_the_first_sale_to_a_person_is_told_from_the_next_ones(shared: World) -> None:
    shared.hold(stories)
    assert figures(shared, "repeat", "revenue", "repeat") == {"first-time": 80, "repeat": 20}
    assert figures(shared, "repeat", "sales", "repeat") == {"first-time": 2, "repeat": 1}


@pytest.fixture(scope="module")
def told_on(services: Services) -> list[dict[str, Any]]:
    """Of each story what was counted before and after more was told of it, and which leads and sales that were."""
    world = World(services)
    world.clear()
    lost = {"dealer": "lost"}
    world.tell({
        "leads": [
            each
            for n, name in enumerate(("junk", "duplicate"))
            for each in (
                lead(f"{name}-1", 1, phone=phone(11 + 2 * n), dealer=name),
                lead(f"{name}-2", 1, phone=phone(12 + 2 * n), status="new", dealer=name),
            )
        ],
        "deals": [
            stage("lost-d", "sale", 5, amount=100, **lost), stage("lost-d", "lost", 7, **lost),
            stage("again-d", "sale", 5, amount=100, dealer="again"),
        ],
    })  # fmt: skip
    world.attribute()
    before = _of_each(world)
    world.wait()
    world.tell({
        "leads": [
            lead(f"{name}-1", 1, phone=phone(11 + 2 * n), status=name, dealer=name)
            for n, name in enumerate(("junk", "duplicate"))
        ],
        "deals": [stage("lost-d", "sale", 9, **lost), stage("again-d", "sale", 5, amount=90, dealer="again")],
    })  # fmt: skip
    assert (run := world.attribute()).base != run.number
    return [before, _of_each(world)]


def _of_each(world: World) -> dict[str, Any]:
    return {
        name: (counted(world, name), conversions(world, "lead", f"{name}-"), conversions(world, "sale", f"{name}-"))
        for name in ("junk", "duplicate", "lost", "again")
    }


@pytest.mark.parametrize("status", ["junk", "duplicate"])
def test_a_lead_that_turned_out_to_be_none_counts_no_more(told_on: list[dict[str, Any]], status: str) -> None:
    (totals, _, _), (_, leads, _) = (each[status] for each in told_on)
    assert totals == {"leads": 2}
    assert set(leads) == {"2"}


def test_a_sale_that_was_lost_is_none_until_it_is_won_again(told_on: list[dict[str, Any]]) -> None:
    (before, _, _), (after, _, sales) = (each["lost"] for each in told_on)
    assert before == {}
    assert sales == {"d": "2026-01-10"}
    assert after == {"sales": 1, "revenue": 100}


def test_a_stage_told_again_replaces_what_was_told_first(told_on: list[dict[str, Any]]) -> None:
    (before, _, _), (after, _, _) = (each["again"] for each in told_on)
    assert before == {"sales": 1, "revenue": 100}
    assert after == {"sales": 1, "revenue": 90}


def test_the_window_can_be_set(world: World) -> None:
    world.set(lead_window_days=1)
    world.tell({"leads": [lead(f"set-{day}", day, phone=phone(1)) for day in (0, 1, 2.5)]})
    world.attribute()
    assert list(conversions(world, "lead", "set-")) == ["0", "2.5"]


ASKED = st.tuples(st.integers(0, 100), st.sampled_from(["", "", "north", "south"]))


@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(persons=st.lists(st.lists(ASKED, max_size=6), min_size=10, max_size=20))
def test_a_request_that_names_no_dealer_is_of_the_nearest_ones(world: World, persons: list[list[Request]]) -> None:
    world.clear()
    told = {
        f"{person}-{place}": (person, day, dealer)
        for person, requests in enumerate(persons)
        for place, (day, dealer) in enumerate(sorted(requests))
    }
    world.tell({
        "leads": [
            lead(name, day, phone=f"+790000000{person:02}", dealer=dealer)
            for name, (person, day, dealer) in told.items()
        ],
    })  # fmt: skip
    world.attribute()
    sql = "select id, dealer from conversions_of_run(run = {run:UInt32})"
    found = sorted((row["id"], row["dealer"]) for row in world.rows_of_run(sql))
    assert found == sorted(
        (f"{person}-{place}", dealer)
        for person, requests in enumerate(persons)
        for place, dealer in leads_of(sorted(requests))
    )


def leads_of(requests: list[Request], window: int = 30) -> list[tuple[int, str]]:
    """Which of a person's requests, in order, are counted, and of which dealer."""
    counted: list[tuple[int, str]] = []
    for place, (day, dealer) in enumerate(requests):
        known = dealer or nearest(requests, place, window)
        if not any(whose == known and day - requests[other][0] <= window for other, whose in counted):
            counted.append((place, known))
    return counted


def nearest(requests: list[Request], place: int, window: int) -> str:
    """Of the dealers named before and after, the nearest within the window; of two as near, the earlier."""
    day = requests[place][0]
    before = [each for each in requests[:place] if each[1]][-1:]
    after = [each for each in requests[place:] if each[1]][:1]
    near = [each for each in before + after if abs(each[0] - day) <= window]
    return min(near, key=lambda each: abs(each[0] - day))[1] if near else ""


WHOLE = {
    "touches": [visit(f"t{n}", f"v{n % 4}", n, "yandex" if n % 3 else "vk") for n in range(12)],
    "calls": [call(f"c{n}", 3 * n, "100", caller=f"+7900000000{n % 4}", visitor_id=f"v{n % 4}") for n in range(8)],
    "leads": [lead(f"l{n}", 4 * n, phone=f"+7900000000{n % 4}", dealer="north") for n in range(8)],
    "deals": [
        stage(f"d{n}", reached, 5 * n + later, lead_id=f"l{n}", amount=100 * n + later)
        for n in range(6)
        for later, reached in enumerate(("lead", "qualified", "visit", "sale"))
    ],
    "spend": [{"date": moment(n)[:10], "cost": 10 * n, "source": "yandex", "medium": "cpc"} for n in range(5)],
}  # fmt: skip


@pytest.fixture
def told_once_in_order(world: World) -> list[dict[str, Any]]:
    world.tell(WHOLE)
    world.attribute()
    return figures_of(world)


@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10**6))
def test_the_order_of_arrival_and_redelivery_change_nothing(
    world: World, told_once_in_order: list[dict[str, Any]], seed: int
) -> None:
    """Events come in any order, in several requests, and some of them twice, at times when nobody remembers them."""
    chance = random.Random(seed)
    told: list[tuple[str, dict[str, Any]]] = [(family, event) for family, events in WHOLE.items() for event in events]
    told += chance.sample(told, 15)
    chance.shuffle(told)
    middle = chance.randrange(len(told))
    world.clear()
    for part in (told[:middle], told[middle:]):
        world.services.__dict__.pop("intake", None)
        for family in WHOLE:
            world.tell({family: [event for name, event in part if name == family]})
    world.attribute()
    assert figures_of(world) == told_once_in_order


def figures_of(world: World) -> list[dict[str, Any]]:
    reports = [world.report(by) for by in ("source", "dealer")]
    return [row for report in reports for row in (report.totals, *report.items())]
