"""The engine, and the one collection of tables that all packages declare theirs in."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, ExceptionContext, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, NoSuchModuleError, OperationalError

from infra.errors import DatabaseUnavailable, InvalidSettings
from infra.folders import make_folder

metadata = MetaData()


def open_database(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL, whose statements raise `DatabaseUnavailable` where it cannot be reached.

    Raises `InvalidSettings` for an address of anything else.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _unknown(url) from error
    backend = parsed.get_backend_name()
    if backend not in ("postgresql", "sqlite") or not parsed.database:
        raise _unknown(url)
    engine = _postgres(parsed) if backend == "postgresql" else _sqlite(parsed, parsed.database)
    event.listen(engine, "handle_error", _say_unavailable)
    return engine


def is_there(url: str) -> bool:
    """False for an SQLite file that nobody made yet; whether a server answers is for `open_database` to find out."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return True
    return parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).exists()


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        raise InvalidSettings(
            f"CLOSEDLOOP_DATABASE: there is no driver for {url.drivername}.",
            where="CLOSEDLOOP_DATABASE",
            help="Install closedloop[postgres], and write postgresql+psycopg://user:password@host/database.",
        ) from error


def _sqlite(url: URL, path: str) -> Engine:
    make_folder(Path(path).parent, "CLOSEDLOOP_DATABASE")
    try:
        engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        raise _unknown(url.drivername) from error
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _unknown(url: str) -> InvalidSettings:
    return InvalidSettings(
        f"CLOSEDLOOP_DATABASE: {url.partition(':')[0]!r} is no operational database that is known here.",
        where="CLOSEDLOOP_DATABASE",
        help="Write sqlite:////path/to/file or postgresql+psycopg://user:password@host/database.",
    )


def _say_unavailable(context: ExceptionContext) -> None:
    if isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError) and not context.is_pre_ping:
        raise DatabaseUnavailable(
            f"The operational database cannot be used: {str(context.original_exception).splitlines()[0]}.",
            where="CLOSEDLOOP_DATABASE",
            help="Start it, or correct CLOSEDLOOP_DATABASE; `closedloop doctor` checks the connection.",
        ) from context.original_exception


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so, DDL included
    for pragma in ("busy_timeout = 30000", "journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: one that reads first and writes then could not wait for its turn."""
    connection.exec_driver_sql("begin immediate")
