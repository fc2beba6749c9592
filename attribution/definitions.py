"""What users define for their reports, in versions: nothing is ever changed or lost, and the newest version holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import JSON, Column, Connection, Integer, String, Table, func, insert, select

from infra.audit import note_change
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import InvalidInput, NotFound

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Kind(StrEnum):
    MEASURE = "measure"
    DIMENSION = "dimension"


report_definitions = Table(
    "report_definitions",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("body", JSON(none_as_null=True)),
)
_its = report_definitions.c


@dataclass(frozen=True, slots=True)
class Definition:
    """One version. `at` is in UTC; an empty `body` means that it was removed."""

    name: str
    version: int
    at: datetime
    author: str
    body: Mapping[str, Any]


def check_name(name: str) -> None:
    """Raises `InvalidInput`."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} cannot be a name.",
            where="name",
            help="Write up to 60 small Latin letters, digits and _, a letter first, such as margin_per_sale.",
        )


def definitions_in_force(connection: Connection, kind: Kind) -> list[Definition]:
    """The newest version of each that was not removed, in order of names."""
    newest = (
        select(_its.name, func.max(_its.version).label("version"))
        .where(_its.kind == kind.value)
        .group_by(_its.name)
        .subquery()
    )
    held = (_its.name == newest.c.name) & (_its.version == newest.c.version) & (_its.kind == kind.value)
    rows = connection.execute(select(report_definitions).join(newest, held).order_by(_its.name))
    return [found for found in map(_definition, rows) if found.body]


def versions_of(connection: Connection, kind: Kind, name: str) -> list[Definition]:
    """Every version, the newest first."""
    its = (_its.kind == kind.value) & (_its.name == name)
    rows = connection.execute(select(report_definitions).where(its).order_by(_its.version.desc()))
    return [_definition(row) for row in rows]


def keep_definition(
    connection: Connection, kind: Kind, name: str, body: Mapping[str, Any], *, author: str, clock: Clock
) -> int:
    """Keep a new version where it says something new; an empty body removes. The version that holds now."""
    newest = next(iter(versions_of(connection, kind, name)), None)
    if not (newest and newest.body) and not body:
        raise NotFound(f"There is no {kind} {name!r}.", where="name", help=f"`closedloop {kind}s list` shows all.")
    if newest and newest.body == body:
        return newest.version
    version = newest.version + 1 if newest else 1
    row = {
        "kind": kind.value,
        "name": name,
        "version": version,
        "at": clock.now(),
        "author": author,
        "body": body or None,
    }
    connection.execute(insert(report_definitions), row)
    before = _told(newest.body) if newest else ""
    note_change(connection, clock, who=author, what=f"{kind} {name}", before=before, after=_told(body))
    return version


def _definition(row: Any) -> Definition:
    return Definition(row.name, row.version, row.at, row.author, row.body or {})


def _told(body: Mapping[str, Any]) -> str:
    return orjson.dumps(body).decode() if body else ""
