"""Who changes something, and on which revision of it they look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table, update

from infra.errors import Conflict
from planning.work.people import Worker


@dataclass(frozen=True, slots=True)
class Asked:
    worker: Worker
    based_on: int = 0
    comment: str = ""

    @property
    def author(self) -> str:
        return self.worker.name


def put_revised(
    connection: Connection, table: Table, key: int, asked: Asked, at: datetime, values: dict[str, Any]
) -> bool:
    """Whether it was still as the one who asks has seen it; only then anything changes."""
    mine = update(table).where(table.c.id == key, table.c.revision == asked.based_on)
    revised = {**values, "revision": asked.based_on + 1, "changed_by": asked.author, "changed_at": at}
    return connection.execute(mine.values(revised)).rowcount == 1


def changed_meanwhile(what: str, changed_by: str, stands: str) -> Conflict:
    return Conflict(
        f"{changed_by} has changed the {what} meanwhile: it is {stands} now.",
        where="revision",
        help="Load it again, and decide on what it says now.",
    )


def in_json(told: dict[str, Any]) -> str:
    """As the audit log keeps it."""
    return orjson.dumps(told).decode()
