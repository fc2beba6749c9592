"""Whatever is done to media plans in whatever order: money is neither made nor lost, and what is ordered stays.

And the same where many do it at once.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Engine

from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.clock import FrozenClock
from infra.database import open_database
from infra.errors import ClosedLoopError, InvalidInput
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.media.budget import approved_budgets
from planning.media.commitments import Commitments, Order
from planning.media.item_rows import committed_by_item, read_items
from planning.media.layout import as_told
from planning.media.plans import MediaPlans, MediaState, Step
from planning.media.reallocation import Reallocations, pending_reallocations
from planning.plans import Plans, State, move
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS, NOW
from tests.planning.media.conftest import BUDGETS, NOVEMBER, approved_plan, item

TODAY = date(2026, 11, 2)
whole = st.integers(1, 40_000_00)


class MoneyMoves(RuleBasedStateMachine):
    """Two dealers, three items each; everybody tries everything."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="closedloop-money-"))
        lay_database(self.folder / "operational.db")
        self.engine = open_database(f"sqlite:///{self.folder / 'operational.db'}")
        clock = FrozenClock(NOW)
        replace_reference(self.engine, ReferenceDocument(dealers=DEALERS), author="boss", clock=clock)
        version = Plans(self.engine, clock).create("Plan", 2026, currency="RUB", author="boss")
        cells = [Cell(LineKey("budget", dealer), 11, value) for dealer, value in BUDGETS.items()]
        Editor(self.engine, clock).put(version.id, cells, author="boss")
        with self.engine.begin() as connection:
            for state in (State.SUBMITTED, State.APPROVED):
                move(connection, version.id, state, clock, author="boss")
        self.media, self.clock = MediaPlans(self.engine, clock), clock
        self.orders, self.moves = Commitments(self.engine, clock), Reallocations(self.engine, clock)
        self.plans = [
            approved_plan(self.media, dealer, item("radio", most // 2), item("search", most // 4), item("tv", 0)).id
            for dealer, most in (("north", 90_000), ("south", 45_000))
        ]
        self.number = 0

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    def items(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(read_items(connection, self.plans))

    def tried(self, act: Any) -> None:
        with suppress(ClosedLoopError):
            act()

    @rule(one=st.integers(0, 5), other=st.integers(0, 5), amount=whole)
    def ask_to_move(self, one: int, other: int, amount: int) -> None:
        giver, taker = self.items()[one].id, self.items()[other].id
        self.tried(lambda: self.moves.ask({giver: -amount, taker: amount}, author="anna", why="x"))

    @rule(is_approved=st.booleans())
    def decide(self, is_approved: bool) -> None:
        with self.engine.connect() as connection:
            waiting = pending_reallocations(connection)
        if waiting:
            key = waiting[-1].id
            self.tried(
                lambda: self.moves.decide(key, is_approved=is_approved, author="b", comment="no", may_decide=True)
            )

    @rule(plan=st.integers(0, 1), first=st.integers(0, 2), amount=whole)
    def order(self, plan: int, first: int, amount: int) -> None:
        self.number += 1
        key = self.plans[plan]
        items = [each.id for each in self.items() if each.plan == key][first:]
        told = Order(str(self.number), TODAY, "wave", amount, "RUB", TODAY, NOVEMBER.last, dict.fromkeys(items))
        self.tried(lambda: self.orders.order(key, told, author="anna"))

    @rule(key=st.integers(1, 5))
    def cancel(self, key: int) -> None:
        self.tried(lambda: self.orders.cancel(key, author="anna", why="x", today=TODAY))

    @rule(plan=st.integers(0, 1), amounts=st.lists(st.integers(0, 60_000_00), min_size=3, max_size=3))
    def reopen_and_change(self, plan: int, amounts: list[int]) -> None:
        key = self.plans[plan]
        found = self.media.get(key)
        if found.state is MediaState.APPROVED:
            found = self.media.step(key, Step.REOPEN, based_on=found.revision, author="anna", why="x")
        told = [
            as_told(each) if each.budget == amount else _with(as_told(each), amount)
            for each, amount in zip(self.media.items(key), amounts, strict=True)
        ]
        self.tried(lambda: self.media.put(key, told, based_on=found.revision, author="anna"))
        found = self.media.get(key)
        for step in (Step.SUBMIT, Step.APPROVE):
            found = self.media.step(key, step, based_on=found.revision, author="b") if self.ready(key) else found

    def ready(self, key: int) -> bool:
        dealer = self.media.get(key).dealer
        with self.engine.connect() as connection:
            budget = approved_budgets(connection, NOVEMBER)[dealer].amount
        return 0 < sum(each.budget for each in self.media.items(key)) <= budget

    @precondition(lambda self: self.plans)
    @invariant()
    def ordered_money_stays_and_budgets_hold(self) -> None:
        with self.engine.connect() as connection:
            budgets = approved_budgets(connection, NOVEMBER)
            committed = committed_by_item(connection, self.plans)
        assert sum(each.amount for each in budgets.values()) == sum(BUDGETS.values())
        items = self.items()
        assert all(committed.get(each.id, 0) <= each.budget for each in items)
        for key in self.plans:
            dealer = self.media.get(key).dealer
            assert sum(each.budget for each in items if each.plan == key) <= budgets[dealer].amount


def _with(told: Any, budget: int) -> Any:
    return replace(told, budget=budget)


TestMoneyMoves = MoneyMoves.TestCase
TestMoneyMoves.settings = settings(max_examples=6, stateful_step_count=10, deadline=None)


def test_many_who_order_at_once_do_not_order_more_than_there_is(
    holding: Engine, clock: FrozenClock, media: MediaPlans
) -> None:
    plan = approved_plan(media, "north", item("radio", 1_000), item("search", 1_000))
    radio, search = (each.id for each in media.items(plan.id))
    orders, moves = Commitments(holding, clock), Reallocations(holding, clock)

    def order(number: int) -> int:
        told = Order(f"{number}", TODAY, "wave", 70_00, "RUB", TODAY, TODAY, {radio: None})
        try:
            return orders.order(plan.id, told, author=f"a{number}").net
        except InvalidInput:
            return 0

    def take_away(number: int) -> int:
        try:
            moves.ask({radio: -20_00, search: 20_00}, author=f"b{number}", why="x")
        except InvalidInput:
            return 0
        return 20_00

    with ThreadPoolExecutor(8) as pool:
        ordered = pool.map(order, range(20))
        moved = pool.map(take_away, range(20))
        assert sum(ordered) + sum(moved) <= 1_000_00
    with holding.connect() as connection:
        committed = committed_by_item(connection, [plan.id])
        left = {each.id: each.budget for each in read_items(connection, [plan.id])}
    assert committed[radio] <= left[radio]
    assert sum(left.values()) == 2_000_00
    assert len(media.changes(plan.id)) == media.get(plan.id).revision


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_order(media: MediaPlans, holding: Engine, clock: FrozenClock, amount: int) -> None:
    plan = approved_plan(media, "north", item("radio", 1_000))
    told = Order("1", TODAY, "wave", amount, "RUB", TODAY, TODAY, {media.items(plan.id)[0].id: None})
    with pytest.raises(InvalidInput, match="has an amount"):
        Commitments(holding, clock).order(plan.id, told, author="a")
