"""What is ordered of contractors by media plans: money that a split cannot move."""

from collections.abc import Sequence

from sqlalchemy import Engine

from attribution.visibility import EVERYTHING, Visibility
from planning.media.commitments import read_commitments
from planning.media.item_rows import read_items
from planning.media.months import Month
from planning.media.plans import media_plans_of
from planning.recommend.scene import Orders
from planning.response.model import Cell


def orders_in(engine: Engine, months: Sequence[Month], *, seen: Visibility = EVERYTHING) -> Orders:
    """By month and cell, in minor units."""
    found: dict[tuple[Month, Cell], int] = {}
    with engine.connect() as connection:
        for month in months:
            dealers = {plan.id: plan.dealer for plan in media_plans_of(connection, month, seen)}
            channels = {item.id: item.channel for item in read_items(connection, list(dealers))}
            for order in read_commitments(connection, list(dealers)):
                for item, net in order.parts if order.is_binding else ():
                    key = month, Cell(dealers[order.plan], channels[item], order.contractor)
                    found[key] = found.get(key, 0) + net
    return found
