"""When events came in."""

from datetime import datetime

from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.clock import in_utc

_SQL = Statements("collectors", "arrivals")


def newest_arrival(warehouse: Warehouse) -> datetime | None:
    """The moment of the newest event in the warehouse, in UTC by the collectors' clock; None where it is empty."""
    newest = in_utc(warehouse.value(_SQL["newest_arrival"]))
    return newest if newest.timestamp() else None
