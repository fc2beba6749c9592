"""The warehouse: ClickHouse, in this process (chDB) or on a server, through clickhouse-connect alone."""

from infra.warehouse.client import Warehouse, open_scratch, open_warehouse

__all__ = ["Warehouse", "open_scratch", "open_warehouse"]
