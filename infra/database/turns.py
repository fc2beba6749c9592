"""Turns that the processes of one installation take."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from sqlalchemy import Connection, Engine, func, select


class Turn(IntEnum):
    """What one process at a time does: any numbers that no other program on the server uses."""

    MIGRATE_DATABASE = 0x636C6F70
    MIGRATE_WAREHOUSE = 0x636C6F77


@contextmanager
def taking_turns(engine: Engine, turn: Turn) -> Iterator[Connection]:
    """A transaction in which no other process of the same PostgreSQL database is; a file has one process."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(int(turn))))
        yield connection
