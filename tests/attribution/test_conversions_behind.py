"""Which conversions stand behind a group, and one conversion's journey: they add up to the report."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from attribution.answer import Answer
from attribution.conversion_journey import conversion_journey
from attribution.conversions_behind import conversions_behind
from attribution.models import Model
from attribution.models_beside import models_beside
from attribution.question import Calendar, Condition, Order, Question
from attribution.reports import romi_report
from attribution.visibility import Visibility
from infra.errors import InvalidInput, NotFound
from tests.attribution.conftest import OpenServices
from tests.attribution.world import World, lead, spend, stage, visit

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
SUM_OF = {"lead": "leads", "sale": "sales"}


@pytest.fixture(scope="module", params=["chdb", "server"])
def told(request: pytest.FixtureRequest, open_services: OpenServices) -> Iterator[World]:
    """Two sales: one of three touches of three sources, one of a single touch; a lead that nothing led to."""
    with open_services(request.param) as services:
        yield _tell(World(services))


def _tell(world: World) -> World:
    world.clear()
    world.refer(
        dealers=[{"id": name, "name": name, "brand": "Lada", "city": name.upper()} for name in ("north", "south")],
        contractors=[{"id": "agency", "name": "Agency", "campaigns": [{"source": "vk"}]}],
    )
    world.tell({
        "touches": [
            visit("a", "v1", 0, "yandex", campaign="spring"), visit("b", "v1", 7, "vk", campaign="lookalike"),
            visit("c", "v1", 14, "avito"), visit("d", "v2", 20, "yandex", campaign="spring"),
        ],
        "leads": [
            lead("l1", 14.5, visitor_id="v1", dealer="north"), lead("l2", 20.5, visitor_id="v2", dealer="south"),
            lead("l3", 25, phone="+79160000001", dealer="north"),
        ],
        "deals": [
            stage("d1", "sale", 21, lead_id="l1", dealer="north", amount=1000, margin=301, product="Vesta"),
            stage("d2", "sale", 30, lead_id="l2", dealer="south", amount=500, margin=100),
        ],
        "spend": [spend("2026-01-01", "2026-01-31", 310, "yandex")],
    })  # fmt: skip
    world.attribute()
    return world


def behind(world: World, *where: Condition, kind: str = "", **more: Any) -> Answer:
    question = Question(("channel",), *YEAR, where=where, **more)
    return conversions_behind(world.services.warehouse, question, "UTC", kind=kind)


def journey(world: World, kind: str, conversion: str, **more: Any) -> Answer:
    return conversion_journey(world.services.warehouse, kind, conversion, world.services.settings, **more)


def test_the_newest_come_first_with_the_part_that_lies_here(told: World) -> None:
    found = behind(told, Condition("source", ("yandex",)), kind="sale", model=Model.LINEAR)
    assert found.rows["id"].tolist() == ["d2", "d1"]
    assert found.rows["day"].tolist() == ["2026-01-31", "2026-01-22"]
    assert found.rows["dealer"].tolist() == ["south", "north"]
    assert found.rows["product"].tolist() == ["(none)", "Vesta"]
    assert found.rows["amount"].tolist() == [500, 1000]
    assert found.rows["credit"].tolist() == pytest.approx([1, 1 / 3])
    assert found.rows["revenue"].tolist() == pytest.approx([500, 333.33])
    assert found.totals["credit"] == pytest.approx(4 / 3)


@pytest.mark.parametrize(("model", "calendar", "dimension"), [
    (Model.LAST_NON_DIRECT, Calendar.CONVERSION, "dealer"), (Model.LINEAR, Calendar.CONVERSION, "city"),
    (Model.LAST, Calendar.CONVERSION, "hour"), (Model.POSITION, Calendar.TOUCH, "month"),
    (Model.POSITION, Calendar.TOUCH, "contractor"), (Model.MARKOV, Calendar.CONVERSION, "channel"),
])  # fmt: skip
def test_what_is_behind_a_group_adds_up_to_its_figures(
    told: World, model: Model, calendar: Calendar, dimension: str
) -> None:
    question = Question((dimension,), *YEAR, model=model, calendar=calendar)
    for row in romi_report(told.services.warehouse, question, "UTC").items():
        where = Condition(dimension, (row[dimension],))
        for kind, name in SUM_OF.items():
            found = behind(told, where, kind=kind, model=model, calendar=calendar)
            assert found.totals["credit"] == pytest.approx(row[name], abs=1e-9)
        everything = behind(told, where, model=model, calendar=calendar).totals
        assert everything["revenue"] == pytest.approx(row["revenue"], abs=1e-9)
        assert everything["margin"] == pytest.approx(row["margin"], abs=1e-9)


def test_each_measure_keeps_a_model_of_its_own(told: World) -> None:
    where = Condition("source", ("vk",))
    assert behind(told, where, kind="sale").rows.empty
    found = behind(told, where, kind="sale", models=(("sales", Model.LINEAR),))
    assert found.rows["credit"].tolist() == pytest.approx([1 / 3])
    assert found.rows["revenue"].tolist() == [0]


def test_pages_and_wrong_questions(told: World) -> None:
    first = behind(told, limit=2)
    assert (len(first.rows), first.groups, first.next) == (2, 5, "2")
    rest = behind(told, limit=2, offset=4)
    assert (len(rest.rows), rest.next, rest.totals) == (1, None, first.totals)
    with pytest.raises(InvalidInput, match="no kind of conversion"):
        behind(told, kind="click")
    with pytest.raises(InvalidInput, match="by a property"):
        behind(told, Condition("properties.form", ("call",)))


def test_a_journey_tells_its_touches_and_what_each_model_gives_them(told: World) -> None:
    found = journey(told, "sale", "d1")
    assert found.rows["source"].tolist() == ["yandex", "vk", "avito"]
    assert found.rows["at"].tolist()[0] == "2026-01-01T00:00:00+00:00"
    assert found.rows["days_before"].tolist() == [21, 14, 7]
    assert found.rows["first"].tolist() == [1, 0, 0]
    assert found.rows["position"].tolist() == pytest.approx([0.4, 0.2, 0.4])
    for model in Model:
        assert found.rows[model.value].sum() == pytest.approx(1)
    told_of = found.about["conversion"]
    assert (told_of["dealer"], told_of["revenue"], told_of["at"]) == ("north", 1000, "2026-01-22T00:00:00+00:00")


def test_a_conversion_that_nothing_led_to_has_one_row(told: World) -> None:
    rows = journey(told, "lead", "l3").rows
    assert rows["channel"].tolist() == ["(no touch)"]
    assert rows["linear"].tolist() == [1]


def test_who_sees_a_part_sees_no_others_conversion_and_no_name_of_others_touches(told: World) -> None:
    agency = Visibility(contractors=frozenset({"agency"}))
    assert journey(told, "sale", "d1", seen=agency).rows["source"].tolist() == ["", "vk", ""]
    assert journey(told, "sale", "d1", seen=agency).rows["channel"].tolist()[::2] == ["(hidden)"] * 2
    for seen in (agency, Visibility(dealers=frozenset({"north"}))):
        with pytest.raises(NotFound):
            journey(told, "sale", "d2", seen=seen)
    with pytest.raises(NotFound):
        journey(told, "sale", "unheard-of")


def test_models_beside_each_other_are_the_reports_figures(told: World) -> None:
    question = Question(("source",), *YEAR)
    models = (Model.FIRST, Model.LAST, Model.LINEAR)
    found = models_beside(told.services.warehouse, question, models, "revenue", "UTC")
    rows = found.rows.set_index("source")
    assert found.rows["source"].tolist()[0] == "yandex"
    assert rows.loc["yandex"].to_dict() == pytest.approx(
        {"first": 1500, "last": 500, "last_difference": -1000, "linear": 833.33, "linear_difference": -666.67}
    )
    assert rows["first"]["avito"] == 0
    for model in models:
        total = told.report("source", model=model).totals["revenue"]
        assert found.totals[model.value] == pytest.approx(total)
        assert rows[model.value].sum() == pytest.approx(total)


def test_models_beside_each_other_in_another_order_and_in_pages(told: World) -> None:
    question, models, order = Question(("source",), *YEAR, limit=1), (Model.FIRST, Model.LAST), Order("last", True)
    found = models_beside(told.services.warehouse, question, models, "sales", "UTC", order=order)
    assert (found.rows["source"].tolist(), found.next) == (["avito"], "1")


@pytest.mark.parametrize(("models", "measure"), [
    ((Model.FIRST,), "sales"), ((Model.FIRST, Model.FIRST), "sales"), (tuple(Model)[:6], "sales"),
    ((Model.FIRST, Model.LAST), "cost"),
])  # fmt: skip
def test_models_that_cannot_stand_beside_each_other(told: World, models: tuple[Model, ...], measure: str) -> None:
    with pytest.raises(InvalidInput):
        models_beside(told.services.warehouse, Question(("source",), *YEAR), models, measure, "UTC")
