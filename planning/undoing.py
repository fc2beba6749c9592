"""Taking the newest edit of a draft back: its lines are again as they were before it."""

from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, Row, select

from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.editing import Edited
from planning.grid import Grid, LineKey
from planning.lines import read_lines, write_lines
from planning.plans import hold_draft, note_edit
from planning.tables import KEY, edited_lines, plan_edits

_UNDOABLE = ("cells", "split", "import", "service_visits", "undo")


def undo(engine: Engine, clock: Clock, version: int, edit: int, *, author: str) -> Edited:
    """As an edit of its own, so that it can be taken back as well; locks stay as they are.

    Raises `InvalidInput`, and `Conflict` where it is the newest one no more.
    """
    with engine.begin() as connection:
        held = hold_draft(connection, version)
        found = connection.execute(select(plan_edits).where(plan_edits.c.id == held.newest_edit)).one_or_none()
        if found is None or found.kind not in _UNDOABLE:
            raise InvalidInput("There is nothing to take back.", where="edit", help="Change single cells instead.")
        if found.id != edit:
            raise Conflict(
                f"{found.author} has changed this version meanwhile.",
                where="edit",
                help="Load it again: only the newest change can be taken back.",
            )
        before = read_lines(connection, version)
        after = _as_before(before, _edited(connection, edit))
        told = {"of": edit}
        number = note_edit(connection, version, "undo", clock, author=author, told=told)
        return Edited(number, write_lines(connection, version, number, before, after))


def _edited(connection: Connection, edit: int) -> list[Row[Any]]:
    return list(connection.execute(select(edited_lines).where(edited_lines.c.edit == edit)))


def _as_before(grid: Grid, edited: list[Row[Any]]) -> Grid:
    values = grid.values.copy()
    for row in edited:
        key = LineKey(*(getattr(row, name) for name in KEY))
        values[grid.places[key]] = np.array(row.before.split(","), dtype=np.int64)
    return Grid(grid.keys, values, grid.locked, grid.edits)
