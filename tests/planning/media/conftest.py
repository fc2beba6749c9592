"""A holding whose budgets of November 2026 are approved: north 100 000, south 50 000 roubles."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from infra.clock import FrozenClock
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.media.items import ToldItem
from planning.media.months import Month
from planning.media.plans import MediaPlan, MediaPlans, Step
from planning.plans import Plans, PlanVersion, State, move

NOVEMBER = Month(2026, 11)
BUDGETS = {"north": 100_000_00, "south": 50_000_00}


def item(channel: str, budget: int, first: int = 1, last: int = 30, **more: Any) -> ToldItem:
    """Of November; the budget is in whole roubles."""
    return ToldItem(channel, budget * 100, date(2026, 11, first), date(2026, 11, last), **more)


Approve = Callable[..., PlanVersion]


@pytest.fixture
def approve_budgets(holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor) -> Approve:
    """Approves a plan of the year, or of the month, with these budgets of November in kopecks."""

    def approved(budgets: Mapping[str, int], month: int | None = None, currency: str = "RUB") -> PlanVersion:
        version = plans.create("Plan", 2026, currency=currency, author="director", month=month)
        cells = [Cell(LineKey("budget", dealer, "new_car"), 11, value) for dealer, value in budgets.items()]
        editor.put(version.id, cells, author="director")
        approve_version(holding, clock, version.id)
        return plans.version(version.id)

    return approved


def approve_version(engine: Engine, clock: FrozenClock, version: int) -> None:
    with engine.begin() as connection:
        move(connection, version, State.SUBMITTED, clock, author="director")
        move(connection, version, State.APPROVED, clock, author="director")


@pytest.fixture
def budgets(approve_budgets: Approve) -> PlanVersion:
    return approve_budgets(BUDGETS)


@pytest.fixture
def media(holding: Engine, clock: FrozenClock, budgets: PlanVersion) -> MediaPlans:
    return MediaPlans(holding, clock)


@pytest.fixture
def draft(media: MediaPlans) -> MediaPlan:
    return media.open("north", NOVEMBER, author="anna", currency="RUB")


def approved_plan(media: MediaPlans, dealer: str, *items: ToldItem) -> MediaPlan:
    plan = media.open(dealer, NOVEMBER, author="anna", currency="RUB")
    plan = media.put(plan.id, items, based_on=plan.revision, author="anna")
    for step in (Step.SUBMIT, Step.APPROVE):
        plan = media.step(plan.id, step, based_on=plan.revision, author="director")
    return plan
