"""What is ordered by media plans is the least of a split's cells."""

from datetime import date

from sqlalchemy import Engine

from attribution.visibility import Visibility
from infra.clock import FrozenClock
from planning.media.commitments import Commitments, Order
from planning.media.plans import MediaPlans
from planning.recommend.orders import orders_in
from planning.response.model import Cell
from tests.planning.media.conftest import NOVEMBER, approved_plan, item


def test_orders_are_told_by_cell_until_they_are_cancelled(
    holding: Engine, clock: FrozenClock, media: MediaPlans
) -> None:
    plan = approved_plan(media, "north", item("vk", 20_000, contractor="agency"))
    kept = media.items(plan.id)[0]
    commitments = Commitments(holding, clock)
    told = Order(
        "17/11", NOVEMBER.first, "agency", 10_000_00, "RUB", NOVEMBER.first, NOVEMBER.last, {kept.id: None}
    )  # fmt: skip
    order = commitments.order(plan.id, told, author="anna")
    assert orders_in(holding, (NOVEMBER, NOVEMBER.after)) == {(NOVEMBER, Cell("north", "vk", "agency")): 10_000_00}
    assert orders_in(holding, (NOVEMBER,), seen=Visibility(dealers=frozenset({"south"}))) == {}
    commitments.cancel(order.id, author="anna", why="too dear", today=date(2026, 11, 3))
    assert orders_in(holding, (NOVEMBER,)) == {}
