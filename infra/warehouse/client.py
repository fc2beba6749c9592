"""One way to ask the warehouse, whatever engine stands behind it."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import clickhouse_connect
import pandas as pd
import pyarrow as pa
from clickhouse_connect.driver import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError, OperationalError

from infra.errors import InvalidSettings, MisfitRows, WarehouseError, WarehouseUnavailable
from infra.settings import Settings
from infra.warehouse.hold import FolderHold

Parameters = Mapping[str, Any]

# An insert is one block and so one part: it is in the table as a whole, or not at all.
_ONE_BLOCK = {
    "max_insert_block_size": 10_000_000,
    "min_insert_block_size_rows": 10_000_000,
    "min_insert_block_size_bytes": 0,
    "optimize_on_insert": 0,  # versions of one event are told apart when read; here that would cost a third
}
_JSON_INPUT = {
    "date_time_input_format": "best_effort",
    "input_format_skip_unknown_fields": 1,
    "input_format_json_read_objects_as_strings": 1,
}

# Errors of the engine that speak of the rows and not of itself: CANNOT_PARSE_…, TYPE_MISMATCH, INCORRECT_DATA …
_MISFIT_CODES = frozenset({6, 25, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 407, 441, 467})


class Warehouse:
    """Safe to use from several threads: each has a client of its own."""

    def __init__(self, dsn: str, *, query_memory_mb: int, cluster: str = "", hold: FolderHold | None = None) -> None:
        self.dsn = dsn
        self.cluster = cluster
        self._hold = hold
        self._settings = {
            "max_memory_usage": query_memory_mb * 1024**2,
            "max_bytes_before_external_group_by": query_memory_mb * 1024**2 // 2,
            "max_bytes_before_external_sort": query_memory_mb * 1024**2 // 2,
            "max_bytes_before_external_join": query_memory_mb * 1024**2 // 4,
        }
        self._local = threading.local()
        self._clients: list[Client] = []
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(thread_name_prefix="warehouse")

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run a statement that answers nothing."""
        with _in_our_words():
            self._client.command(sql, parameters=dict(parameters or {}))

    def rows(self, sql: str, parameters: Parameters | None = None) -> list[dict[str, Any]]:
        with _in_our_words():
            return list(self._client.query(sql, parameters=dict(parameters or {})).named_results())

    def value(self, sql: str, parameters: Parameters | None = None) -> Any:
        """The first column of the first row, or None where there is no row."""
        with _in_our_words():
            found = self._client.query(sql, parameters=dict(parameters or {})).result_rows
        return found[0][0] if found else None

    def frame(self, sql: str, parameters: Parameters | None = None) -> pd.DataFrame:
        with _in_our_words():
            return self._client.query_df(sql, parameters=dict(parameters or {}))

    def table(self, sql: str, parameters: Parameters | None = None) -> pa.Table:
        with _in_our_words():
            return self._client.query_arrow(sql, parameters=dict(parameters or {}))

    def insert_json(self, table: str, lines: bytes | BinaryIO, *, token: str = "") -> None:
        """Insert NDJSON as one block. The same `token` a second time inserts nothing.

        Raises `MisfitRows` where a line does not fit the table; then nothing of it is inserted.
        """
        settings: dict[str, Any] = _ONE_BLOCK | _JSON_INPUT
        if token:
            settings["insert_deduplication_token"] = token
        with _in_our_words():
            self._client.raw_insert(table, insert_block=lines, fmt="JSONEachRow", settings=settings)

    def insert_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            with _in_our_words():
                self._client.insert(table, rows, column_names=list(columns))

    def together(self, *works: Callable[[], None]) -> None:
        """Do these at once, each in a thread of its own; when all have ended, raise what the first of them raised."""
        begun = [self._pool.submit(work) for work in works]
        wait(begun)
        for each in begun:
            each.result()

    def close(self) -> None:
        """Close every client and let go of the embedded folder."""
        self._pool.shutdown()
        with self._lock:
            for client in self._clients:
                client.close()
            self._clients.clear()
        if self._hold:
            self._hold.release()

    @property
    def _client(self) -> Client:
        client = getattr(self._local, "client", None)
        if client is None:
            client = clickhouse_connect.get_client(dsn=self.dsn, **self._client_options())
            self._local.client = client
            with self._lock:
                self._clients.append(client)
        return cast(Client, client)

    def _client_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"settings": self._settings}
        if not self.dsn.startswith("chdb"):
            options |= {"autogenerate_session_id": False, "connect_timeout": 5, "send_receive_timeout": 600}
        return options


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise WarehouseUnavailable(
            f"The warehouse does not answer: {_first_line(error)}",
            where="CLOSEDLOOP_WAREHOUSE",
            help="Start ClickHouse, or correct CLOSEDLOOP_WAREHOUSE; `closedloop doctor` checks the connection.",
        ) from error
    except DatabaseError as error:
        kind = MisfitRows if error.code in _MISFIT_CODES else WarehouseError
        raise kind(_first_line(error), where=f"warehouse error {error.code}") from error
    except ClickHouseError as error:
        raise WarehouseError(_first_line(error)) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:500] if str(error) else type(error).__name__


def open_warehouse(settings: Settings) -> Warehouse:
    """Open the warehouse that the settings name; an embedded one is held until `close`.

    Raises `DataHeld` where another process holds the embedded folder, `WarehouseUnavailable`, and `InvalidSettings`.
    """
    _check_address(settings.warehouse)
    folder = settings.embedded_warehouse
    hold = FolderHold.take(folder, address=f"http://{settings.host}:{settings.port}") if folder else None
    warehouse = Warehouse(
        settings.warehouse,
        query_memory_mb=settings.max_query_memory_mb,
        cluster=settings.warehouse_cluster,
        hold=hold,
    )
    try:
        warehouse.value("select 1")
    except Exception:
        warehouse.close()
        raise
    return warehouse


def _check_address(dsn: str) -> None:
    try:
        parts = urlsplit(dsn)
        known = parts.path.startswith("/") if parts.scheme == "chdb" else bool(parts.hostname and parts.port != 0)
    except ValueError:
        known = False
    if not known or parts.scheme not in ("chdb", "clickhouse"):
        raise InvalidSettings(
            f"CLOSEDLOOP_WAREHOUSE: {dsn.rpartition('@')[2]!r} names no warehouse.",
            where="CLOSEDLOOP_WAREHOUSE",
            help="Write chdb:///absolute/path or clickhouse://user:password@host:8123/database.",
        )


def open_scratch(settings: Settings) -> Warehouse:
    """An empty warehouse in memory. Raises `WarehouseError` in a process that has an embedded one open already."""
    return Warehouse("chdb://", query_memory_mb=settings.max_query_memory_mb)
