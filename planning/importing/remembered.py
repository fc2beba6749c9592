"""What was explained once is remembered: the columns of a header, and how people spell names."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON, Column, Connection, String, Table, select

from infra.clock import Clock
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from planning.importing.mapping import TableMapping
from planning.importing.words import Role, normal
from planning.tables import NAME

import_mappings = Table(
    "import_mappings",
    metadata,
    Column("shape", String(40), primary_key=True),
    Column("mapping", JSON, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
import_names = Table(
    "import_names",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("spelling", String(500), primary_key=True),
    Column("owner", NAME, primary_key=True),
    Column("meant", NAME, nullable=False),
    Column("changed_at", UtcMoment, nullable=False),
    Column("changed_by", NAME, nullable=False),
)
_LONGEST = 500


def remembered_mappings(connection: Connection) -> dict[str, TableMapping]:
    """By the shape of the header; without those that an older version of the product has kept otherwise."""
    found = {}
    for row in connection.execute(select(import_mappings.c.shape, import_mappings.c.mapping)):
        try:
            found[row.shape] = TableMapping.model_validate(row.mapping)
        except ValidationError:
            continue
    return found


def remembered_names(connection: Connection, reader: str = "") -> dict[Role, dict[str, str | None]]:
    """What spellings stand for, as somebody who sees the whole holding has said, or this reader."""
    found: dict[Role, dict[str, str | None]] = {}
    its = import_names.c
    rows = select(its.kind, its.spelling, its.meant).where(its.owner.in_(("", reader))).order_by(its.owner)
    for row in connection.execute(rows):
        found.setdefault(Role(row.kind), {})[row.spelling] = row.meant
    return found


def remember_mappings(connection: Connection, clock: Clock, author: str, mappings: Mapping[str, TableMapping]) -> None:
    """The newest explanation of a header holds. What is of one file alone, such as its dealer, is not remembered."""
    own = {"measure": "", "dealer": "", "direction": "", "sheet_is": Role.IGNORED}
    rows = [
        {
            "shape": shape,
            "mapping": each.model_copy(update=own).model_dump(mode="json"),
            "changed_at": clock.now(),
            "changed_by": author,
        }
        for shape, each in mappings.items()
    ]
    _keep(connection, import_mappings, ["shape"], rows)


def remember_names(
    connection: Connection,
    clock: Clock,
    author: str,
    names: Mapping[Role, Mapping[str, str | None]],
    *,
    for_everybody: bool,
) -> None:
    """Names that are left out are left out of one file alone. Who sees a part remembers for themselves."""
    owner = "" if for_everybody else author
    rows = [
        {
            "kind": role.value,
            "spelling": normal(spelling),
            "owner": owner,
            "meant": meant,
            "changed_at": clock.now(),
            "changed_by": author,
        }
        for role, each in names.items()
        for spelling, meant in each.items()
        if meant is not None and len(spelling) <= _LONGEST
    ]
    _keep(connection, import_names, ["kind", "spelling", "owner"], rows)


def _keep(connection: Connection, table: Table, key: list[str], rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = insert_or_meet(connection, table)
    told = {name: statement.excluded[name] for name in (each.name for each in table.c) if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=key, set_=told), rows)
