"""Facts add up to the report; what a predicate lets through is the same in the warehouse and here."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from attribution.feed.entities import ENTITY_SETS, FACTS, EntitySet, Property
from attribution.feed.narrowing import span_of, values_of
from attribution.feed.pages import PageQuestion, Row, SortKey
from attribution.feed.predicate import And, Atom, Not, Or, Part, Predicate, Relation, holds
from attribution.feed.reading import read_page
from attribution.measures import SUMS
from attribution.models import Model
from attribution.reports import Calendar
from attribution.sharing import DealerShare
from tests.attribution.conftest import OpenServices
from tests.attribution.feed.holding import CAMPAIGNS, DEALERS, tell_holding
from tests.attribution.world import World

ORDERED = (Relation.LESS, Relation.AT_MOST, Relation.MORE, Relation.AT_LEAST, Relation.IN)
SEARCHED = (Relation.CONTAINS, Relation.STARTS, Relation.ENDS)
MONEY = ("cost", "revenue", "margin")


@pytest.fixture(scope="module", params=["chdb", "server"])
def told(request: pytest.FixtureRequest, open_services: OpenServices) -> Iterator[World]:
    with open_services(request.param) as services:
        world = World(services)
        tell_holding(world)
        yield world


@pytest.fixture(scope="module")
def every(told: World) -> list[Row]:
    """All facts, in the order of their keys."""
    return rows_of(told)


def rows_of(world: World, entity_set: EntitySet = FACTS, **asked: Any) -> list[Row]:
    question = PageQuestion(entity_set, most=100_000, **asked)
    return list(read_page(world.services.warehouse, world.services.database, question).rows)


@pytest.mark.parametrize("calendar", Calendar)
@pytest.mark.parametrize("model", Model)
def test_facts_add_up_to_the_report(told: World, model: Model, calendar: Calendar) -> None:
    """To the last unit that is stored."""
    facts = rows_of(told, model=model, calendar=calendar)
    totals = told.report(
        "channel", model=model, calendar=calendar, share=DealerShare.NONE, first=date(2020, 1, 1)
    ).totals
    assert len({tuple(row[key.name] for key in FACTS.key) for row in facts}) == len(facts) > 200
    for slug in SUMS:
        column = FACTS.property("".join(word.capitalize() for word in slug.split("_")), "")
        assert round(sum(int(row[column.name]) for row in facts) / 10**column.scale, 9) == totals[slug], slug


@pytest.mark.parametrize("grouping", ["day", "channel", "campaign", "dealer", "contractor"])
def test_facts_add_up_in_each_grouping(told: World, grouping: str) -> None:
    """Cost that names no dealer is shared out in neither."""
    asked = told.report(grouping, share=DealerShare.NONE, first=date(2020, 1, 1))
    column = FACTS.property(grouping.capitalize(), "")
    found: dict[str, int] = {}
    for row in rows_of(told):
        name = str(column.value(row[column.name]))
        found[name] = found.get(name, 0) + int(row["Revenue"])
    wanted = {str(row[grouping]): round(row["revenue"] * 10_000) for _, row in asked.rows.iterrows()}
    assert {name: each for name, each in found.items() if each} == {name: each for name, each in wanted.items() if each}


@pytest.mark.parametrize("name", ["Channel", "Campaign", "Dealer", "Contractor", "Day"])
def test_every_name_of_a_fact_is_in_its_table(told: World, name: str) -> None:
    known = [row[name] for row in rows_of(told, ENTITY_SETS[f"{name}s"])]
    assert len(known) == len(set(known))
    assert {row[name] for row in rows_of(told)} <= set(known)


def test_reference_data_name_dealers_and_contractors_that_nothing_happened_to(told: World) -> None:
    dealers = {row["Dealer"]: dict(row) for row in rows_of(told, ENTITY_SETS["Dealers"])}
    assert dealers["sleepy"] == {"Dealer": "sleepy", "Name": "Сонный", "Brand": "Lada", "City": "Тверь"}
    assert dealers["Юг «O'K»"] == {"Dealer": "Юг «O'K»", "Name": "Юг «O'K»", "Brand": "", "City": ""}
    contractors = {row["Contractor"]: row["Name"] for row in rows_of(told, ENTITY_SETS["Contractors"])}
    assert (contractors["agency"], contractors["idle"], contractors["(none)"]) == ("Агентство", "Без дела", "(none)")


def test_the_calendar_has_whole_years_without_a_gap(told: World) -> None:
    entity_set = ENTITY_SETS["Days"]
    days = [
        {each.name: each.value(row[each.name]) for each in entity_set.properties} for row in rows_of(told, entity_set)
    ]
    found = [each["Day"] for each in days]
    assert (found[0], found[-1], len(found)) == (date(2025, 1, 1), date(2026, 12, 31), 730)
    assert next(each for each in days if each["Day"] == date(2026, 5, 20)) == {
        "Day": date(2026, 5, 20), "Year": 2026, "Quarter": 2, "Month": 5, "Week": 21, "Weekday": 3,
        "QuarterStart": date(2026, 4, 1), "MonthStart": date(2026, 5, 1), "WeekStart": date(2026, 5, 18),
    }  # fmt: skip


def _texts(column: Property) -> some.SearchStrategy[Atom]:
    words = some.sampled_from(
        [*CAMPAIGNS, *DEALERS, "(none)", "(no touch)", "spring", "1+1", "O'", "\\", "%", "direct", "yandex", "\n", "😀"]
    )
    parts = some.sampled_from([Part.WHOLE, Part.LOWER, Part.UPPER])
    listed = some.lists(words, min_size=1, max_size=4).map(tuple)
    one = words.filter(bool).map(lambda word: (word,))
    return some.one_of(
        some.builds(Atom, some.just(column), parts, some.just(Relation.IN), listed),
        some.builds(Atom, some.just(column), parts, some.sampled_from((*SEARCHED, *ORDERED)), one),
    )


def _numbers(column: Property, parts: dict[Part, some.SearchStrategy[int]]) -> some.SearchStrategy[Atom]:
    each = [
        some.builds(
            Atom, some.just(column), some.just(part), some.sampled_from(ORDERED), numbers.map(lambda number: (number,))
        )
        for part, numbers in parts.items()
    ]
    return some.one_of(each)


ATOMS = some.one_of(
    *(_texts(FACTS.property(name, "")) for name in ("Channel", "Campaign", "Dealer", "Contractor", "Model")),
    _numbers(
        FACTS.property("Day", ""),
        {
            Part.WHOLE: some.integers(20_100, 20_650) | some.sampled_from([-1, 0, 65_535, 10**6]),
            Part.YEAR: some.integers(2024, 2027) | some.sampled_from([0, 1969, 1970, 2149, 9999]),
            Part.MONTH: some.integers(0, 13),
            Part.DAY: some.integers(0, 32),
        },
    ),
    *(
        _numbers(
            FACTS.property(name, ""),
            {Part.WHOLE: some.integers(-10, 10**10) | some.sampled_from([-(2**63), 2**63 - 1])},
        )
        for name in ("Cost", "Clicks", "Leads", "Revenue")
    ),
)
PREDICATES: some.SearchStrategy[Predicate] = some.recursive(
    ATOMS,
    lambda parts: some.one_of(
        some.builds(And, some.lists(parts, max_size=3).map(tuple)),
        some.builds(Or, some.lists(parts, max_size=3).map(tuple)),
        some.builds(Not, parts),
    ),
    max_leaves=6,
)


@settings(max_examples=50)
@given(predicate=PREDICATES)
def test_the_warehouse_lets_the_same_rows_through(told: World, every: list[Row], predicate: Predicate) -> None:
    wanted = [row for row in every if holds(predicate, row)]
    assert rows_of(told, predicate=predicate) == wanted
    first, last = span_of(predicate, FACTS.property("Day", ""))
    assert all(first <= int(row["Day"]) <= last for row in wanted)
    dealers = values_of(predicate, FACTS.property("Dealer", ""))
    assert dealers is None or {row["Dealer"] for row in wanted} <= dealers


@settings(max_examples=15)
@given(
    sort=some.lists(some.sampled_from(FACTS.properties), unique=True, max_size=3),
    descending=some.lists(some.booleans(), min_size=3, max_size=3),
    size=some.integers(40, 400),
)
def test_pages_hold_each_row_once_in_any_order(
    told: World, every: list[Row], sort: list[Property], descending: list[bool], size: int
) -> None:
    order = tuple(SortKey(*each) for each in zip(sort, descending, strict=False))
    wanted = every
    for key in reversed(order):
        wanted = sorted(wanted, key=lambda row, key=key: _bytes(row[key.property.name]), reverse=key.descending)  # type: ignore[misc]
    found: list[Row] = []
    after = None
    while True:
        question = PageQuestion(FACTS, sort=order, after=after, most=size)
        page = read_page(told.services.warehouse, told.services.database, question)
        found += page.rows
        after = page.last
        if after is None:
            break
    assert found == wanted


def _bytes(value: str | int) -> bytes | int:
    return value.encode() if isinstance(value, str) else value
