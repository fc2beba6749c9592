"""The local log's file: opening it, and telling in plain words what is wrong with it.

A file that lacks our mark is never written to: a path typed wrongly must not cost somebody else's database.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.errors import InvalidSettings, LogUnavailable
from infra.sql import Statements

SQL = Statements("infra.log", "local")
BUSY_SECONDS = 10.0
_MARK = 0x434C4C47  # "CLLG" in the header's application id
_VERSION = 2
_TABLES = ("create_topics", "create_records", "create_readings", "set_mark", "set_version")
_SIGNS = ("read_mark", "read_version", "count_tables")
_TRIES = 200
_PLACES = 1 << 40
NO_END = _PLACES - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_HELP = {
    sqlite3.SQLITE_FULL: "Free space on its disk.",
    sqlite3.SQLITE_IOERR: "Check the disk for free space, quotas and errors.",
    sqlite3.SQLITE_BUSY: "Find out which program holds the file for so long.",
    sqlite3.SQLITE_READONLY: "Let this user write to the file and to its folder.",
    sqlite3.SQLITE_CANTOPEN: "Let this user write to the file and to its folder.",
    sqlite3.SQLITE_CORRUPT: "Restore it from a backup, or save what is left: `sqlite3 FILE .recover`.",
    sqlite3.SQLITE_NOTADB: "Let CLOSEDLOOP_LOG name another file, or restore this one from a backup.",
}


def place_of(topic: int, offset: int) -> int:
    return topic * _PLACES + offset


def offset_at(place: int) -> int:
    return place % _PLACES


def to_stamp(moment: datetime) -> int:
    """A moment as the file keeps it: whole microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def from_stamp(stamp: int) -> datetime:
    return _EPOCH + stamp * _MICROSECOND


def open_file(path: Path) -> sqlite3.Connection:
    """A connection to the log at `path`, which is made where nothing is yet.

    Raises `InvalidSettings` for a file that is something else, `LogUnavailable` where it cannot be opened.
    """
    with in_plain_words(path):
        _make(path)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def in_plain_words(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the file system into `LogUnavailable`."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise unavailable(path, error) from error


def unavailable(path: Path, error: sqlite3.Error | OSError) -> LogUnavailable:
    if isinstance(error, OSError):
        return LogUnavailable(
            f"The event log {path} cannot be used: {error.strerror or error}.",
            where="CLOSEDLOOP_LOG",
            help="Let this user write to the file and to its folder.",
        )
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    problem = "is damaged" if code in _DAMAGED else "cannot be used"
    return LogUnavailable(
        f"The event log {path} {problem}: {error}.",
        where="CLOSEDLOOP_LOG",
        help=_HELP.get(code, "Check the file and its disk."),
    )


def _make(path: Path) -> None:
    """An empty file that only its user may read, and whose name outlives a power cut.

    An existing one is not even opened here: closing it would drop the locks that SQLite holds on it in
    this process.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection, path)
    if version == 0:
        _set_up(connection)
    elif version < _VERSION:
        _renew(connection)
    connection.execute(SQL["sync_each_commit"])
    connection.execute(SQL["limit_cache"])


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """0 for a file that is still empty. Raises `InvalidSettings` for somebody else's, and for a newer one."""
    connection.execute("begin")
    mark, version, tables = (connection.execute(SQL[name]).fetchone()[0] for name in _SIGNS)
    connection.execute("rollback")
    if mark == _MARK and version <= _VERSION:
        return int(version)
    if mark == _MARK:
        raise InvalidSettings(
            f"The event log {path} was written by a newer version of Closed Loop.",
            where="CLOSEDLOOP_LOG",
            help="Install that version or a later one.",
        )
    if tables:
        raise InvalidSettings(
            f"{path} is a database, but not an event log of Closed Loop.",
            where="CLOSEDLOOP_LOG",
            help="Let CLOSEDLOOP_LOG name a file of its own.",
        )
    return 0


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute(SQL["set_page_size"])
    _use_wal(connection)
    connection.execute("begin immediate")
    for name in _TABLES:
        connection.execute(SQL[name])
    connection.execute("commit")


def _renew(connection: sqlite3.Connection) -> None:
    """Bring the tables of version 1 up to ours, unless another process was faster."""
    connection.execute("begin immediate")
    if connection.execute(SQL["read_version"]).fetchone()[0] < _VERSION:
        connection.execute(SQL["add_again_until"])
        connection.execute(SQL["set_version"])
    connection.execute("commit")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Change the journal mode; SQLite does not wait by itself where several processes do that at once."""
    for _ in range(_TRIES):
        try:
            connection.execute(SQL["use_wal"])
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        time.sleep(BUSY_SECONDS / _TRIES)
    connection.execute(SQL["use_wal"])
