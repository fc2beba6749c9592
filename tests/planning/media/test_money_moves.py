"""Orders and reallocations: money that is promised stays, and what leaves one item comes to another."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.lines import read_lines
from planning.media.budget import budget_of
from planning.media.commitments import Commitments, Order
from planning.media.layout import as_told
from planning.media.plans import MediaPlan, MediaPlans, Step
from planning.media.reallocation import Reallocation, Reallocations, ReallocationState
from planning.media.rules import MediaRules, put_rules, read_rules
from planning.plans import Plans, PlanVersion, State, move
from tests.planning.media.conftest import BUDGETS, NOVEMBER, approve_version, approved_plan, item

TODAY = date(2026, 11, 2)


@pytest.fixture
def commitments(holding: Engine, clock: FrozenClock) -> Commitments:
    return Commitments(holding, clock)


@pytest.fixture
def moving(holding: Engine, clock: FrozenClock) -> Reallocations:
    return Reallocations(holding, clock)


@pytest.fixture
def north(media: MediaPlans) -> MediaPlan:
    return approved_plan(
        media, "north", item("radio", 60_000, contractor="wave"), item("paid_search", 40_000), item("tv", 0)
    )


@pytest.fixture
def south(media: MediaPlans) -> MediaPlan:
    return approved_plan(media, "south", item("radio", 50_000))


def order(items: dict[int, int | None], roubles: int, **more: Any) -> Order:
    told = {"number": "17/11", "ordered_on": TODAY, "contractor": "wave", "currency": "RUB"}
    return Order(**{**told, "amount": roubles * 100, "first": TODAY, "last": NOVEMBER.last, "items": items, **more})


def ids(media: MediaPlans, plan: MediaPlan) -> list[int]:
    return [each.id for each in media.items(plan.id)]


def budgets_of(media: MediaPlans, plan: MediaPlan) -> list[int]:
    return [each.budget // 100 for each in media.items(plan.id)]


def test_an_order_is_net_of_vat_and_covers_items(media: MediaPlans, north: MediaPlan, commitments: Commitments) -> None:
    radio, search, _tv = ids(media, north)
    told = order({radio: None, search: None}, 60_000, vat_percent=Decimal(20), is_vat_included=True)
    made = commitments.order(north.id, told, author="anna")
    assert made.net == 50_000_00
    assert made.items == {radio: 30_000_00, search: 20_000_00}
    exact = commitments.order(north.id, order({radio: 100_00}, 100, number="18"), author="anna")
    assert exact.items == {radio: 100_00}
    assert [each.number for each in commitments.of_plan(north.id)] == ["18", "17/11"]
    assert media.changes(north.id)[0].after["number"] == "18"


@pytest.mark.parametrize(("change", "said"), [
    ({"roubles": 60_001}, "60 001.00 RUB of radio / wave, of which 60 000.00 RUB are left: it is 1.00 RUB too much"),
    ({"currency": "USD"}, "The order is in USD"),
    ({"contractor": "studio"}, "is of wave, and the order goes to studio"),
    ({"number": " "}, "needs a number"),
    ({"vat_percent": Decimal(101)}, "VAT is from 0"),
    ({"roubles": 0}, "has an amount"),
    ({"items": {}}, "which items"),
    ({"items": {999: None}}, "no item 999"),
    ({"last": date(2026, 11, 1)}, "ends before it begins"),
])  # fmt: skip
def test_an_order_that_cannot_be_is_refused(
    media: MediaPlans, north: MediaPlan, commitments: Commitments, change: dict[str, Any], said: str
) -> None:
    told = {"items": {ids(media, north)[0]: None}, "roubles": 100, **change}
    with pytest.raises(InvalidInput, match=said):
        commitments.order(north.id, order(**told), author="anna")
    assert commitments.of_plan(north.id) == []


def test_the_same_order_is_entered_once(media: MediaPlans, north: MediaPlan, commitments: Commitments) -> None:
    told = order({ids(media, north)[0]: None}, 100)
    commitments.order(north.id, told, author="anna")
    with pytest.raises(Conflict, match="is entered already"):
        commitments.order(north.id, told, author="boris")
    assert len(commitments.of_plan(north.id)) == 1


def test_nothing_is_ordered_by_a_draft(media: MediaPlans, commitments: Commitments) -> None:
    plan = media.open("south", NOVEMBER, author="anna", currency="RUB")
    plan = media.put(plan.id, [item("radio", 5)], based_on=1, author="anna")
    with pytest.raises(Conflict, match="nothing is ordered by it yet"):
        commitments.order(plan.id, order({ids(media, plan)[0]: None}, 1), author="anna")


def test_an_order_is_cancelled_until_its_day(media: MediaPlans, north: MediaPlan, commitments: Commitments) -> None:
    made = commitments.order(
        north.id, order({ids(media, north)[0]: None}, 100, cancel_by=date(2026, 11, 10)), author="anna"
    )
    late: dict[str, Any] = {"author": "anna", "why": "not needed", "today": date(2026, 11, 11)}
    with pytest.raises(InvalidInput, match="could be cancelled until 2026-11-10"):
        commitments.cancel(made.id, **late)
    assert not commitments.cancel(made.id, is_agreed=True, **late).is_binding
    with pytest.raises(Conflict, match="anna has cancelled order 17/11 already"):
        commitments.cancel(made.id, is_agreed=True, **late)


def test_ordered_money_does_not_move(
    media: MediaPlans, north: MediaPlan, commitments: Commitments, moving: Reallocations
) -> None:
    radio, search, _tv = ids(media, north)
    made = commitments.order(north.id, order({radio: None}, 55_000), author="anna")
    with pytest.raises(InvalidInput, match=r"can give 5 000.00 RUB: 55 000.00 RUB of its 60 000.00 RUB are ordered"):
        moving.ask({radio: -6_000_00, search: 6_000_00}, author="anna", why="more search")
    moving.ask({radio: -5_000_00, search: 5_000_00}, author="anna", why="more search")
    assert budgets_of(media, north) == [55_000, 45_000, 0]
    plan = media.get(north.id)
    plan = media.step(plan.id, Step.REOPEN, based_on=plan.revision, author="anna", why="less radio")
    held, *others = [as_told(each) for each in media.items(plan.id)]
    with pytest.raises(InvalidInput, match=r"55,000.00 of it are ordered"):
        media.put(plan.id, [item("radio", 1, contractor="wave", id=radio), *others], based_on=plan.revision, author="a")
    commitments.cancel(made.id, author="anna", why="x", today=TODAY)
    with pytest.raises(InvalidInput, match="orders or reallocations name it"):
        media.put(plan.id, others, based_on=media.get(plan.id).revision, author="a")
    assert held.budget == 55_000_00


def test_up_to_a_fifth_of_an_item_moves_without_approval_and_no_more_in_pieces(
    media: MediaPlans, north: MediaPlan, moving: Reallocations
) -> None:
    radio, search, _tv = ids(media, north)
    done = moving.ask({radio: -7_000_00, search: 7_000_00}, author="anna", why="more search")
    assert (done.state, done.is_free, done.rule) == (
        ReallocationState.DONE, True, "within a dealer up to 20 % of an item: without approval",
    )  # fmt: skip
    asked = moving.ask({radio: -5_001_00, search: 5_001_00}, author="anna", why="still more")
    assert (asked.state, asked.rule) == (ReallocationState.PENDING, "within a dealer or across: by the director")
    assert budgets_of(media, north) == [53_000, 47_000, 0]
    with pytest.raises(NotPermitted, match="director decides"):
        moving.decide(asked.id, is_approved=True, author="anna", may_decide=False)
    moving.decide(asked.id, is_approved=True, author="director", may_decide=True)
    assert budgets_of(media, north) == [47_999, 52_001, 0]
    with pytest.raises(Conflict, match="director has decided on this already: it is done"):
        moving.decide(asked.id, is_approved=False, comment="no", author="other", may_decide=True)
    assert [each.kind for each in media.changes(north.id)][:3] == ["reallocation", "ask_reallocation", "reallocation"]


def test_what_is_refused_moves_nothing(media: MediaPlans, north: MediaPlan, moving: Reallocations) -> None:
    radio, search, _tv = ids(media, north)
    asked = moving.ask({radio: -50_000_00, search: 50_000_00}, author="anna", why="much")
    with pytest.raises(InvalidInput, match="Say why it is refused"):
        moving.decide(asked.id, is_approved=False, author="director", may_decide=True)
    refused = moving.decide(asked.id, is_approved=False, comment="too much", author="director", may_decide=True)
    assert (refused.state, refused.comment) == (ReallocationState.REFUSED, "too much")
    assert budgets_of(media, north) == [60_000, 40_000, 0]


@pytest.mark.parametrize(("changes", "said"), [
    (lambda radio, search: {radio: -100, search: 99}, r"differ by 0.01"),
    (lambda radio, search: {radio: 0, search: 0}, "Money leaves some items"),
    (lambda radio, search: {radio: -60_000_01, search: 60_000_01}, "can give 60 000.00 RUB"),
])  # fmt: skip
def test_money_is_neither_made_nor_lost(
    media: MediaPlans,
    north: MediaPlan,
    moving: Reallocations,
    changes: Callable[[int, int], dict[int, int]],
    said: str,
) -> None:
    radio, search, _tv = ids(media, north)
    with pytest.raises(InvalidInput, match=said):
        moving.ask(changes(radio, search), author="anna", why="x")
    assert moving.of_month(NOVEMBER) == []


def test_between_dealers_the_director_decides_and_the_plan_follows_by_an_amendment(
    holding: Engine,
    clock: FrozenClock,
    plans: Plans,
    budgets: PlanVersion,
    media: MediaPlans,
    north: MediaPlan,
    south: MediaPlan,
    moving: Reallocations,
) -> None:
    giving, taking = ids(media, north)[0], ids(media, south)[0]
    asked = moving.ask({giving: -10_000_00, taking: 10_000_00}, author="anna", why="south sells more")
    assert asked.state is ReallocationState.PENDING
    done = moving.decide(asked.id, is_approved=True, author="director", may_decide=True)
    assert budgets_of(media, north) == [50_000, 40_000, 0]
    assert budgets_of(media, south) == [60_000]
    assert done.amendment is not None
    amendment = plans.version(done.amendment)
    assert (amendment.number, amendment.is_amendment, amendment.why) == (2, True, "south sells more")
    assert approved(holding) == {"north": (BUDGETS["north"], -10_000_00), "south": (BUDGETS["south"], 10_000_00)}
    with holding.connect() as connection:
        grid = read_lines(connection, amendment.id, measure="budget")
    assert dict(zip(grid.column("dealer"), grid.values[:, 10].tolist(), strict=True)) == {
        "north": 90_000_00, "south": 60_000_00,
    }  # fmt: skip
    approve_version(holding, clock, amendment.id)
    assert approved(holding) == {"north": (90_000_00, 0), "south": (60_000_00, 0)}
    assert budgets.number == 1


def approved(engine: Engine) -> dict[str, tuple[int, int]]:
    with engine.connect() as connection:
        found = {dealer: budget_of(connection, dealer, NOVEMBER) for dealer in BUDGETS}
    return {dealer: (each.approved, each.moved) for dealer, each in found.items() if each}


def test_while_an_amendment_waits_nothing_moves_between_dealers(
    holding: Engine, clock: FrozenClock, media: MediaPlans, north: MediaPlan, south: MediaPlan,
    moving: Reallocations, plans: Plans, budgets: PlanVersion,
) -> None:  # fmt: skip
    draft = plans.new_version(budgets.plan, author="director", why="other")
    giving, taking = ids(media, north)[0], ids(media, south)[0]
    first = moving.ask({giving: -1_00, taking: 1_00}, author="anna", why="x")
    done = moving.decide(first.id, is_approved=True, author="director", may_decide=True)
    assert done.amendment == draft.id
    with holding.begin() as connection:
        move(connection, draft.id, State.SUBMITTED, clock, author="director")
    second = moving.ask({giving: -1_00, taking: 1_00}, author="anna", why="x")
    with pytest.raises(Conflict, match="Version 2 of this plan is submitted"):
        moving.decide(second.id, is_approved=True, author="director", may_decide=True)
    assert budgets_of(media, south) == [50_001]
    assert state_of(moving, second) is ReallocationState.PENDING


def state_of(moving: Reallocations, asked: Reallocation) -> ReallocationState:
    return next(each.state for each in moving.of_month(NOVEMBER) if each.id == asked.id)


def test_a_dealers_marketer_moves_only_their_own_money(
    media: MediaPlans, north: MediaPlan, south: MediaPlan, moving: Reallocations
) -> None:
    giving, taking = ids(media, north)[0], ids(media, south)[0]
    with pytest.raises(NotFound):
        moving.ask({giving: -1_00, taking: 1_00}, author="anna", why="x", seen=Visibility(dealers=frozenset({"north"})))


def test_rules_are_data(
    holding: Engine, clock: FrozenClock, media: MediaPlans, north: MediaPlan, moving: Reallocations
) -> None:
    told = read_rules({"reallocation": [{"scope": "within", "up_to_amount": 1000, "approver": "nobody"}]})
    number = put_rules(holding, told, clock, based_on=0, author="director")
    with pytest.raises(Conflict, match="director has changed these rules meanwhile"):
        put_rules(holding, MediaRules(), clock, based_on=0, author="other")
    assert put_rules(holding, told, clock, based_on=number, author="director") == number + 1
    radio, search, _tv = ids(media, north)
    assert moving.ask({radio: -1000_00, search: 1000_00}, author="a", why="x").is_free
    assert not moving.ask({radio: -1000_01, search: 1000_01}, author="a", why="x").is_free
    with pytest.raises(InvalidInput, match="over_percent"):
        read_rules({"over_percent": -1})
