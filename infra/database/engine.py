"""The engine, and the one collection of tables that all packages declare theirs in."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from infra.errors import InvalidSettings

metadata = MetaData()


def open_database(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL. Raises `InvalidSettings` for an address of anything else."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise _unknown(url) from error
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise _unknown(url)
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _unknown(url: str) -> InvalidSettings:
    return InvalidSettings(
        f"{url.partition(':')[0]!r} is no operational database that is known here.",
        where="CLOSEDLOOP_DATABASE",
        help="Write sqlite:////path/to/file or postgresql+psycopg://user:password@host/database.",
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so, DDL included
    for pragma in ("busy_timeout = 30000", "journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: one that reads first and writes then could not wait for its turn."""
    connection.exec_driver_sql("begin immediate")
