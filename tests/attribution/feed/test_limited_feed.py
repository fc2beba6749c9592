"""What the feed may be asked for holds what is seen alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from attribution.feed.entities import ENTITY_SETS, FACTS
from attribution.feed.pages import PageQuestion, Row
from attribution.feed.predicate import EVERY, Atom, Part, Predicate, Relation
from attribution.feed.reading import count_rows, read_page
from attribution.measures import SUMS
from attribution.models import Model
from attribution.question import Condition, Question
from attribution.reports import romi_report
from attribution.visibility import EVERYTHING, Visibility
from tests.attribution.conftest import OpenServices
from tests.attribution.feed.holding import tell_holding
from tests.attribution.world import FIRST_DAY, LAST_DAY, World

ODD = "Юг «O'K»"
AGENCY = Visibility(contractors=frozenset({"agency"}))


def of_dealers(*names: str) -> Visibility:
    return Visibility(dealers=frozenset(names))


@pytest.fixture(scope="module", params=["chdb", "server"])
def holding(request: pytest.FixtureRequest, open_services: OpenServices) -> Iterator[World]:
    with open_services(request.param) as services:
        world = World(services)
        world.clear()
        tell_holding(world)
        yield world


def rows(world: World, entities: str, seen: Visibility, predicate: Predicate = EVERY) -> list[Row]:
    question = PageQuestion(ENTITY_SETS[entities], predicate)
    return list(read_page(world.services.warehouse, world.services.database, question, seen=seen).rows)


def names(world: World, entities: str, seen: Visibility) -> set[Any]:
    return {row[ENTITY_SETS[entities].key[0].name] for row in rows(world, entities, seen)}


def test_dealers_of_the_feed_are_those_of_the_facts(holding: World) -> None:
    assert names(holding, "Dealers", EVERYTHING) == {"(none)", "north", "south", "sleepy", ODD}
    assert names(holding, "Dealers", of_dealers("north", "sleepy")) == {"(none)", "north", "sleepy"}
    assert names(holding, "Dealers", of_dealers()) == {"(none)"}
    of_agency = names(holding, "Dealers", AGENCY)
    assert {row["Dealer"] for row in rows(holding, "Facts", AGENCY)} <= of_agency
    assert "sleepy" not in of_agency
    assert names(holding, "Dealers", Visibility(contractors=frozenset({"idle"}))) == {"(none)"}
    both = Visibility(frozenset({"north"}), frozenset({"agency"}))
    assert names(holding, "Dealers", both) == {"(none)", "north"}


def test_contractors_of_the_feed_are_those_who_work_for_the_dealers(holding: World) -> None:
    nobody = {"(none)", "(no touch)"}
    assert names(holding, "Contractors", EVERYTHING) == nobody | {"agency", "idle"}
    assert names(holding, "Contractors", of_dealers("north")) == nobody | {"agency"}
    assert names(holding, "Contractors", of_dealers("sleepy")) == nobody
    assert names(holding, "Contractors", AGENCY) == nobody | {"agency"}


def test_campaigns_and_channels_of_the_feed_are_those_of_the_facts(holding: World) -> None:
    nobody = {"(none)", "(no touch)"}
    assert names(holding, "Campaigns", of_dealers("sleepy")) <= nobody
    assert names(holding, "Channels", of_dealers("sleepy")) == nobody
    assert {row["Source"] for row in rows(holding, "Campaigns", AGENCY)} <= {"yandex", "(several)", *nobody}


@pytest.mark.parametrize("dealer", ["south", ODD, "(none)"])
def test_a_filter_of_the_feed_opens_nothing(holding: World, dealer: str) -> None:
    foreign = Atom(FACTS.property("Dealer", ""), Part.WHOLE, Relation.IN, (dealer,))
    assert rows(holding, "Facts", EVERYTHING, foreign)
    question = PageQuestion(FACTS, foreign)
    page = read_page(holding.services.warehouse, holding.services.database, question, seen=of_dealers("north"))
    assert (page.rows, page.last) == ([], None)
    counted = count_rows(holding.services.warehouse, holding.services.database, question, seen=of_dealers("north"))
    assert counted == 0


def test_a_page_counts_what_is_seen(holding: World) -> None:
    question = PageQuestion(FACTS, most=3)
    page = read_page(holding.services.warehouse, holding.services.database, question, seen=of_dealers(ODD))
    counted = count_rows(holding.services.warehouse, holding.services.database, question, seen=of_dealers(ODD))
    assert counted == len(rows(holding, "Facts", of_dealers(ODD))) > 3
    assert {row["Dealer"] for row in page.rows} == {ODD}


@pytest.mark.parametrize("model", [Model.LINEAR, Model.FIRST, Model.LAST_NON_DIRECT])
def test_what_contractors_see_and_what_nobody_sees_is_the_whole(holding: World, model: Model) -> None:
    question = Question(("dealer",), FIRST_DAY, LAST_DAY, model, measures=SUMS)
    warehouse = holding.services.warehouse
    parts = [
        romi_report(warehouse, question, "UTC", seen=AGENCY).totals,
        romi_report(warehouse, question, "UTC", seen=Visibility(contractors=frozenset({"idle"}))).totals,
        holding.report(
            "dealer", model=model, measures=SUMS, where=(Condition("contractor", ("(none)", "(no touch)")),)
        ).totals,
    ]
    whole = romi_report(warehouse, question, "UTC").totals
    assert parts[0]["cost"] > 0
    for slug in SUMS:
        assert sum(part[slug] for part in parts) == pytest.approx(whole[slug], abs=1e-6)
