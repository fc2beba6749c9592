"""Benchmarks that ship, those that are entered, and our own beside them."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine

from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.benchmarks.beside import benchmark_answer, verdict_of
from planning.benchmarks.figures import Benchmark, BusinessModel, ToldFigure, published
from planning.benchmarks.own import Own, funnels_of, own_figures, own_span
from planning.benchmarks.register import add_figure, change_figure, known_figures, remove_figure
from tests.attribution.world import World, lead, spend, stage, visit
from tests.told import OpenTold

TODAY = date(2026, 11, 2)
CLOCK = FrozenClock(datetime(2026, 11, 2, tzinfo=UTC))
TOLD = ToldFigure("Rolf", BusinessModel.NEW_PHONE, "contact", "Interview", "2026-05", share=0.8)


def test_those_that_ship_are_as_published() -> None:
    told = {(each.told.model.value, each.told.figure): each.told for each in published()}
    shares = {model: [told[model, figure].share for figure in ("contact", "appointment", "show", "close")] for model in
              ("new_internet", "new_phone", "used_internet", "used_phone")}  # fmt: skip
    assert shares == {
        "new_internet": [0.60, 0.32, 0.56, 0.42], "new_phone": [0.73, 0.73, 0.62, 0.40],
        "used_internet": [0.64, 0.41, 0.50, 0.40], "used_phone": [0.79, 0.81, 0.63, 0.42],
    }  # fmt: skip
    assert told["new_internet", "lead_sale"].share == pytest.approx(0.0452, abs=1e-4)
    advertising = told["all", "advertising_per_new"]
    assert (advertising.amount, advertising.amount_to, advertising.currency) == (574_00, 624_00, "USD")
    grosses = [told["all", each].amount for each in ("gross_per_new", "gross_per_used", "fi_per_unit")]
    assert grosses == [1840_00, 1306_00, 1666_00]
    assert all(each.source and each.dated for each in told.values())


def test_a_verdict_needs_to_lie_beyond_the_interval() -> None:
    def said(low: float, high: float) -> str:
        return verdict_of(Benchmark(TOLD), Own((low + high) / 2, low, high, 100), "RUB")

    assert [said(0.81, 0.9), said(0.6, 0.79), said(0.7, 0.9)] == ["better", "worse", "alike"]
    amounts = (None, 500_00, 600_00, "RUB")
    cheap = Benchmark(ToldFigure("x", BusinessModel.ALL, "advertising_per_new", "y", "2025", *amounts))
    told = [verdict_of(cheap, Own(value, None, None, 9), "RUB") for value in (400, 550, 700)]
    assert told == ["better", "alike", "worse"]
    assert verdict_of(cheap, Own(400, None, None, 9), "USD") == "unknown"
    assert verdict_of(cheap, Own(None, None, None, 0), "RUB") == "unknown"


def test_a_funnel_is_each_stage_of_the_one_before() -> None:
    columns = ["way", "leads", "contacted", "appointed", "shown", "visited", "sold"]
    found = funnels_of(pd.DataFrame([["phone", 100, 80, 40, 20, 30, 15]], columns=columns))
    values = [found[BusinessModel.USED_PHONE, figure].value for figure in ("contact", "appointment", "show", "close")]
    assert values == [0.8, 0.5, 0.5, 0.5]
    close = found[BusinessModel.NEW_PHONE, "close"]
    assert close.low is not None
    assert close.high is not None
    assert close.low < 0.5 < close.high
    assert funnels_of(pd.DataFrame([["phone", 0, 0, 0, 0, 0, 0]], columns=columns))[
        BusinessModel.NEW_PHONE, "contact"
    ].value is None  # fmt: skip


def tell(world: World) -> None:
    """Of four leads by form three were qualified, and one bought; a call that is a lead bought, too."""
    world.refer(dealers=[{"id": "north"}])
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "vk") for n in range(4)],
        "leads": [
            *(lead(f"l{n}", n + 0.1, visitor_id=f"v{n}", dealer="north", phone=f"+7999000000{n}") for n in range(4)),
            lead("c1", 5, kind="call", dealer="north", phone="+79990000009"),
        ],
        "deals": [
            *(stage(f"d{n}", "qualified", n + 1, lead_id=f"l{n}", dealer="north", kind="new_car") for n in range(3)),
            stage("d0", "appointment", 2, lead_id="l0", kind="new_car"), stage("d0", "visit", 3, kind="new_car"),
            stage("d0", "sale", 4, kind="new_car", amount=1000, margin=100),
            stage("d9", "sale", 9, lead_id="c1", dealer="north", kind="used_car", amount=500, margin=40),
        ],
        "spend": [spend("2026-01-01", "2026-01-31", 300, "vk", dealer="north")],
    })  # fmt: skip
    world.attribute()


def test_our_own_are_those_of_the_warehouse(open_told: OpenTold) -> None:
    services = open_told(tell).services
    found = own_figures(services.warehouse, TODAY, "UTC")
    contact = found[BusinessModel.NEW_INTERNET, "contact"]
    assert (contact.value, contact.count) == (0.75, 4)
    assert found[BusinessModel.NEW_INTERNET, "lead_sale"].value == 0.25
    assert found[BusinessModel.USED_PHONE, "lead_sale"].value == 1
    assert found[BusinessModel.ALL, "gross_per_used"].value == 40
    assert found[BusinessModel.ALL, "advertising_per_new"].value == 300
    rows = benchmark_answer(published(), found, None, "RUB", {}).items()
    assert {row["verdict"] for row in rows if row["figure"] == "contact"} == {"alike"}


def test_own_leads_had_three_months_to_buy() -> None:
    assert str(own_span(TODAY).last) == "2026-07"
    assert len(own_span(TODAY).months) == 12


def test_figures_are_kept_and_changes_noted(database: Engine) -> None:
    made = add_figure(database, CLOCK, TOLD, TODAY, author="anna")
    change_figure(database, CLOCK, made.id, TOLD, TODAY, based_on=1, author="oleg")
    with pytest.raises(Conflict, match="oleg has changed"):
        change_figure(database, CLOCK, made.id, TOLD, TODAY, based_on=1, author="anna")
    with pytest.raises(Conflict):
        remove_figure(database, CLOCK, made.id, based_on=1, author="anna")
    remove_figure(database, CLOCK, made.id, based_on=2, author="anna")
    with pytest.raises(NotFound):
        remove_figure(database, CLOCK, made.id, based_on=2, author="anna")
    assert known_figures(database) == []
    assert find_changes(database, what="benchmark")[1] == 3


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ({"who": " "}, "who"), ({"source": ""}, "source"), ({"dated": "last year"}, "dated"),
        ({"dated": "2031"}, "dated"),
        ({"share": 60.0}, "share"), ({"share": float("nan")}, "share"), ({"share": None}, "share"),
        ({"figure": "luck"}, "figure"), ({"model": BusinessModel.ALL}, "model"),
        ({"figure": "gross_per_new"}, "amount"),
        ({"figure": "gross_per_new", "amount": 5, "currency": "XXQ"}, "currency"),
        ({"figure": "gross_per_new", "amount": 5, "amount_to": 4, "currency": "USD"}, "amount_to"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(database: Engine, wrong: dict[str, object], where: str) -> None:
    values = {name: getattr(TOLD, name) for name in ToldFigure.__slots__} | wrong
    with pytest.raises(InvalidInput) as error:
        add_figure(database, CLOCK, ToldFigure(**values), TODAY, author="anna")
    assert error.value.where == where
