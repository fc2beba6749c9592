"""Scenarios are kept, changed by one at a time, seen by whom they are for, and laid out within the approved budget."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from attribution.visibility import Visibility
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.calculator.laying_out import lay_out_scenario
from planning.calculator.question import CalculatorQuestion
from planning.calculator.scenarios import Scenario, Scenarios
from planning.media.plans import MediaPlans, Step
from tests.planning.media.conftest import approve_budgets, budgets, item, media

__all__ = ["approve_budgets", "budgets", "media"]

NORTH = Visibility(dealers=frozenset({"north"}))


@pytest.fixture
def scenarios(holding: Engine, clock: FrozenClock) -> Scenarios:
    return Scenarios(holding, clock)


def answer(*, maps: float = 30_000.0, search: float = 45_000.5, currency: str = "RUB") -> dict[str, Any]:
    rows = [
        {"channel": "maps", "budget": maps, "cpl": 1000.0, "held": []},
        {"channel": "search", "budget": search, "cpl": 2000.0, "held": ["cpl"]},
        {"channel": "organic", "budget": 0.0, "cpl": None, "held": []},
    ]
    return {"currency": currency, "channels": rows, "totals": {"sales": {"mean": 9.0, "low": 6.0, "high": 12.0}}}


def question(dealer: str = "north", month: str = "2026-11") -> CalculatorQuestion:
    return CalculatorQuestion(dealer=dealer, month=month, sales=9.0)


def save(scenarios: Scenarios, *, dealer: str = "north", author: str = "anna", **figures: Any) -> Scenario:
    return scenarios.save("  Nine   sales ", question(dealer), answer(**figures), author=author)


def test_they_are_kept_and_noted(scenarios: Scenarios, holding: Engine) -> None:
    made = save(scenarios)
    assert (made.name, made.revision, str(made.month)) == ("Nine sales", 1, "2026-11")
    assert scenarios.get(made.id, viewer="anna") == made
    assert made.question == question()
    changed = scenarios.change(made.id, "Ten", question(), answer(), based_on=1, author="oleg")
    assert (changed.name, changed.revision, changed.changed_by, changed.created_by) == ("Ten", 2, "oleg", "anna")
    with pytest.raises(Conflict, match="oleg has changed this scenario meanwhile; it is called 'Ten' now"):
        scenarios.change(made.id, "Eleven", question(), answer(), based_on=1, author="anna")
    with pytest.raises(Conflict):
        scenarios.remove(made.id, based_on=1, author="anna")
    scenarios.remove(made.id, based_on=2, author="anna")
    assert not scenarios.list(viewer="anna")
    with holding.connect() as connection:
        noted = connection.execute(select(audit_log.c.who).where(audit_log.c.what == f"calculator scenario {made.id}"))
        assert sorted(noted.scalars()) == ["anna", "anna", "oleg"]


def test_whom_they_are_shown_to(scenarios: Scenarios) -> None:
    north, south = save(scenarios), save(scenarios, dealer="south")
    whole, own = save(scenarios, dealer="", author="oleg"), save(scenarios, dealer="", author="anna")
    assert {each.id for each in scenarios.list(viewer="anna", seen=NORTH)} == {north.id, own.id}
    assert len(scenarios.list(viewer="oleg")) == 4
    for hidden in (south, whole):
        with pytest.raises(NotFound):
            scenarios.get(hidden.id, viewer="anna", seen=NORTH)
        with pytest.raises(NotFound):
            scenarios.remove(hidden.id, based_on=1, author="anna", seen=NORTH)


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_a_name_is_needed(scenarios: Scenarios, name: str) -> None:
    with pytest.raises(InvalidInput, match="needs a name"):
        scenarios.save(name, question(), answer(), author="anna")


def lay_out(holding: Engine, media: MediaPlans, scenario: Scenario, **more: Any) -> Any:
    return lay_out_scenario(holding, media, scenario, author="anna", currency="RUB", **more)


def test_one_is_laid_out_as_a_media_plan(scenarios: Scenarios, holding: Engine, media: MediaPlans) -> None:
    done = lay_out(holding, media, save(scenarios))
    items = media.items(done.plan.id)
    assert [(each.channel, each.budget, each.leads, each.cpl_of) for each in items] == [
        ("maps", 30_000_00, 30, "dealer"), ("search", 45_000_50, 23, ""),
    ]  # fmt: skip
    assert done.replaced == 0


def test_items_make_way_only_where_that_is_said(scenarios: Scenarios, holding: Engine, media: MediaPlans) -> None:
    scenario = save(scenarios)
    plan = lay_out(holding, media, scenario).plan
    media.put(plan.id, [item("vk", 100)], based_on=plan.revision, author="anna")
    with pytest.raises(Conflict, match="has 1 items already"):
        lay_out(holding, media, scenario)
    assert [each.channel for each in media.items(plan.id)] == ["vk"]
    assert lay_out(holding, media, scenario, replaces=True).replaced == 1
    assert [each.channel for each in media.items(plan.id)] == ["maps", "search"]
    media.step(plan.id, Step.SUBMIT, based_on=media.get(plan.id).revision, author="anna")
    with pytest.raises(Conflict, match="is submitted"):
        lay_out(holding, media, scenario, replaces=True)


def test_what_the_approved_budget_does_not_cover_is_told(
    scenarios: Scenarios, holding: Engine, media: MediaPlans
) -> None:
    with pytest.raises(InvalidInput, match=r"spends 130 000\.00 RUB, and 100 000\.00 RUB are approved") as caught:
        lay_out(holding, media, save(scenarios, maps=100_000.0, search=30_000.0))
    assert "30 000.00 RUB more approved in 'Plan'" in caught.value.help
    with pytest.raises(InvalidInput, match="No budget of east"):
        lay_out(holding, media, save(scenarios, dealer="east"))
    with pytest.raises(InvalidInput, match="in RUB, and the scenario in USD"):
        lay_out(holding, media, save(scenarios, currency="USD"))
    with pytest.raises(InvalidInput, match="several dealers"):
        lay_out(holding, media, save(scenarios, dealer=""))
    with pytest.raises(InvalidInput, match="spends nothing"):
        lay_out(holding, media, save(scenarios, maps=0.0, search=0.0))
    assert media.find("east", scenarios.list(viewer="anna")[0].month) is None
