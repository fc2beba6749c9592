"""Conversions: what counts as a lead, a qualified lead, a showroom visit, a sale and a service visit, and when."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.attribution.world import World, call, lead, moment, stage, visit

PHONE, OTHER_PHONE = "+79000000001", "+79000000002"
Request = tuple[int, str]
SECOND = 1 / 86400


def conversions(world: World, kind: str) -> dict[str, str]:
    """The ids of the newest run's conversions of a kind, with their days."""
    sql = """
        select id, toString(toDate(at, 'UTC')) as day from conversions_of_run(run = {run:UInt32})
        where kind = {kind:String} order by at, id
    """
    return {row["id"]: row["day"] for row in world.rows_of_run(sql, kind=kind)}


def counted(world: World) -> dict[str, float]:
    """The totals that are not 0, without ratios."""
    totals = world.report("month").totals
    names = ("leads", "qualified", "visits", "sales", "service_visits", "revenue", "margin")
    return {name: totals[name] for name in names if totals[name]}


def test_requests_of_one_person_within_the_window_are_one_lead(world: World) -> None:
    """The window begins at the request that was counted, not at the one before."""
    world.tell({"leads": [lead(f"l{day}", day, phone=PHONE, dealer="north") for day in (0, 20, 40, 75)]})
    world.attribute()
    assert list(conversions(world, "lead")) == ["l0", "l40", "l75"]


def test_the_window_ends_with_its_last_second(world: World) -> None:
    world.tell({"leads": [lead(f"{n}", at, phone=PHONE) for n, at in enumerate((0, 30, 30 + SECOND))]})
    world.attribute()
    assert list(conversions(world, "lead")) == ["0", "2"]


def test_the_window_can_be_set(world: World) -> None:
    world.set(lead_window_days=1)
    world.tell({"leads": [lead(f"{day}", day, phone=PHONE) for day in (0, 1, 2.5)]})
    world.attribute()
    assert list(conversions(world, "lead")) == ["0", "2.5"]


def test_another_dealer_direction_or_person_is_another_lead(world: World) -> None:
    world.tell({
        "leads": [
            lead("first", 1, phone=PHONE, dealer="north"),
            lead("again", 2, phone=PHONE, dealer="north"),
            lead("dealer", 2, phone=PHONE, dealer="south"),
            lead("direction", 2, phone=PHONE, dealer="north", properties={"direction": "service"}),
            lead("person", 2, phone=OTHER_PHONE, dealer="north"),
        ],
    })  # fmt: skip
    world.attribute()
    assert set(conversions(world, "lead")) == {"first", "dealer", "direction", "person"}


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


def test_what_names_no_dealer_is_of_the_persons_lead(world: World) -> None:
    world.tell({
        "leads": [lead("l", 1, phone=PHONE, dealer="north"), lead("other", 40, phone=PHONE, dealer="south")],
        "deals": [stage("d", reached, 5, contact={"phone": PHONE}) for reached in ("lead", "sale")],
    })  # fmt: skip
    world.attribute()
    assert set(conversions(world, "lead")) == {"l", "other"}
    sold = "select id from lead_outcomes_of_run(run = {run:UInt32}) where is_sale"
    assert world.rows_of_run(sold) == [{"id": "l"}]
    opened = "select id, deals from opportunities_of_run(run = {run:UInt32}) order by id"
    assert world.rows_of_run(opened) == [{"id": "l", "deals": 1}, {"id": "other", "deals": 0}]


def test_a_call_and_a_form_of_one_person_are_one_lead(world: World) -> None:
    world.tell({
        "calls": [
            call("c1", 1, "100", caller=PHONE, dealer="north"),
            call("hidden1", 1, "100", caller="", dealer="north"),
            call("hidden2", 1, "100", caller="anonymous", dealer="north"),
        ],
        "leads": [lead("l1", 2, phone=PHONE, dealer="north")],
    })  # fmt: skip
    world.attribute()
    assert set(conversions(world, "lead")) == {"c1", "hidden1", "hidden2"}


def test_a_deal_counts_as_a_lead_only_where_it_names_none(world: World) -> None:
    world.tell({
        "leads": [lead("l1", 1)],
        "deals": [
            stage("d1", "lead", 2, lead_id="l1"),
            stage("d2", "lead", 2),
            stage("d3", "qualified", 2),
            stage("d4", "lead", 2, kind="service"),
        ],
    })  # fmt: skip
    world.attribute()
    assert set(conversions(world, "lead")) == {"l1", "d2"}


@pytest.mark.parametrize("status", ["junk", "duplicate"])
def test_a_lead_that_turned_out_to_be_none_counts_no_more(world: World, status: str) -> None:
    world.tell({"leads": [lead("l1", 1, phone=PHONE), lead("l2", 1, phone=OTHER_PHONE, status="new")]})
    world.attribute()
    assert counted(world) == {"leads": 2}
    world.wait()
    world.tell({"leads": [lead("l1", 1, phone=PHONE, status=status)]})
    world.attribute()
    assert set(conversions(world, "lead")) == {"l2"}


def test_behind_a_junk_request_the_next_one_counts(world: World) -> None:
    world.tell({"leads": [lead("l1", 1, phone=PHONE, status="junk"), lead("l2", 2, phone=PHONE)]})
    world.attribute()
    assert conversions(world, "lead") == {"l2": "2026-01-03"}


def test_a_lead_is_qualified_once_whoever_says_so(world: World) -> None:
    world.tell({
        "leads": [lead("l1", 1, status="qualified"), lead("l2", 1, status="qualified"), lead("l3", 1)],
        "deals": [
            stage("d1", "qualified", 3, lead_id="l1"), stage("d1", "qualified", 5, lead_id="l1"),
            stage("d3", "qualified", 4, lead_id="l3"), stage("d4", "qualified", 4),
            stage("d5", "qualified", 4, kind="service"),
        ],
    })  # fmt: skip
    world.attribute()
    days = {"d1": "2026-01-04", "l2": "2026-01-02", "d3": "2026-01-05", "d4": "2026-01-05"}
    assert conversions(world, "qualified") == days


def test_a_deal_is_one_visit_and_one_sale_of_what_was_known_last(world: World) -> None:
    world.tell({
        "deals": [
            stage("d", "visit", 3, amount=1000, dealer="north"), stage("d", "visit", 4),
            stage("d", "contract", 5, amount="1500.50", margin="-20.25"), stage("d", "sale", 6), stage("d", "sale", 9),
        ],
    })  # fmt: skip
    world.attribute()
    assert counted(world) == {"visits": 1, "sales": 1, "revenue": 1500.5, "margin": -20.25}
    assert conversions(world, "visit") == {"d": "2026-01-04"}
    assert conversions(world, "sale") == {"d": "2026-01-07"}
    assert world.figures("dealer", "revenue") == {"north": 1500.5}


def test_a_sale_that_was_lost_is_none_until_it_is_won_again(world: World) -> None:
    world.tell({"deals": [stage("d", "sale", 5, amount=100), stage("d", "lost", 7)]})
    world.attribute()
    assert counted(world) == {}
    world.tell({"deals": [stage("d", "sale", 9)]})
    world.attribute()
    assert conversions(world, "sale") == {"d": "2026-01-10"}
    assert counted(world) == {"sales": 1, "revenue": 100}


@pytest.mark.parametrize("kind", ["service", "parts"])
def test_a_service_deal_is_a_service_visit_when_it_is_paid(world: World, kind: str) -> None:
    world.tell({
        "deals": [
            stage("d", "visit", 1, kind=kind, amount=70), stage("d", "sale", 2, margin=30),
            stage("open", "visit", 1, kind=kind),
        ],
    })  # fmt: skip
    world.attribute()
    assert counted(world) == {"service_visits": 1, "revenue": 70, "margin": 30}
    assert world.figures("kind", "service_visits") == {kind: 1}


def test_the_first_sale_to_a_person_is_told_from_the_next_ones(world: World) -> None:
    contact = {"phone": PHONE}
    world.tell({
        "deals": [
            stage("d2", "sale", 50, contact=contact, amount=20), stage("d1", "sale", 5, contact=contact, amount=10),
            stage("d3", "sale", 60, contact={"phone": OTHER_PHONE}, amount=30),
            stage("s1", "sale", 60, contact=contact, kind="service", amount=40),
        ],
    })  # fmt: skip
    world.attribute()
    assert world.figures("repeat", "revenue") == {"first-time": 80, "repeat": 20}
    assert world.figures("repeat", "sales") == {"first-time": 2, "repeat": 1}


def test_a_stage_told_again_replaces_what_was_told_first(world: World) -> None:
    world.tell({"deals": [stage("d", "sale", 5, amount=100)]})
    world.attribute()
    world.wait()
    world.tell({"deals": [stage("d", "sale", 5, amount=90)]})
    world.attribute()
    assert counted(world) == {"sales": 1, "revenue": 90}


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
