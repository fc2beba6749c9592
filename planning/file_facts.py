"""Facts that come by file, for dealers whose CRM is not connected. They stand beside the CRM's, and replace nothing."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.database import insert_or_meet
from planning.grid import LineKey
from planning.tables import KEY, MONTHS, fact_lines

_its = fact_lines.c


def facts_by_file(connection: Connection, year: int, seen: Visibility = EVERYTHING) -> dict[LineKey, list[int | None]]:
    """Of each line its twelve months, January first, in smallest units; None where no file has said anything."""
    rows = select(*(_its[name] for name in (*KEY, *MONTHS))).where(_its.year == year)
    if seen.dealers is not None:
        rows = rows.where(_its.dealer.in_(sorted(seen.dealers)))
    width = len(KEY)
    return {LineKey(*row[:width]): list(row[width:]) for row in connection.execute(rows)}


def put_facts(
    connection: Connection,
    year: int,
    lines: Mapping[LineKey, Sequence[int | None]],
    clock: Clock,
    *,
    author: str,
    file: str,
) -> int:
    """The months that are named take the place of what earlier files said of them; how many lines there are."""
    stamp = {"year": year, "taken_at": clock.now(), "taken_by": author, "file": file[:200]}
    rows = [{**stamp, **key._asdict(), **dict(zip(MONTHS, values, strict=True))} for key, values in lines.items()]
    if rows:
        statement = insert_or_meet(connection, fact_lines)
        told = {name: func.coalesce(statement.excluded[name], _its[name]) for name in MONTHS}
        stamped = {name: statement.excluded[name] for name in ("taken_at", "taken_by", "file")}
        connection.execute(statement.on_conflict_do_update(index_elements=["year", *KEY], set_=told | stamped), rows)
    return len(rows)
