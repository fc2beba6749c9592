"""The warehouse's own clock: on a server, not this machine's."""

from datetime import UTC, datetime

from infra.sql import Statements
from infra.warehouse.client import Warehouse

_SQL = Statements("infra", "clock")


def warehouse_time(warehouse: Warehouse) -> datetime:
    """Its present moment, in UTC."""
    return in_utc(warehouse.value(_SQL["warehouse_time"]))


def in_utc(moment: datetime) -> datetime:
    """A moment as the warehouse hands it out: in UTC, whether or not it says so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
