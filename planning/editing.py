"""Changing single cells of a draft. Two people who change different cells do not get into each other's way; of two who

change the same one, the second is told what the first one wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, select

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.dimensions import Network, known_network
from planning.directions import directions_in
from planning.grid import Grid, LineKey
from planning.lines import changed_cells, read_lines, write_lines
from planning.measures import planned_measure
from planning.plans import Plan, hold_draft, note_edit, plan_with, version_with
from planning.tables import KEY, edited_lines, plan_edits


@dataclass(frozen=True, slots=True)
class Cell:
    """`month` is 1 to 12. `value` is in smallest units; None leaves it, as `locked` None does.

    `based_on` is the edit of the line that its writer saw, 0 for a line that was not there; None asks for no check.
    """

    key: LineKey
    month: int
    value: int | None = None
    locked: bool | None = None
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """`edit` is 0 where nothing was other than before."""

    edit: int
    lines: int


class Editor:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def put(
        self,
        version: int,
        cells: Sequence[Cell],
        *,
        author: str,
        why: str = "",
        kind: str = "cells",
        seen: Visibility = EVERYTHING,
    ) -> Edited:
        """All of them or none. Raises `InvalidInput`, `NotFound`, and `Conflict`."""
        with self._engine.begin() as connection:
            return put_cells(connection, version, cells, self._clock, author=author, why=why, kind=kind, seen=seen)


def put_cells(
    connection: Connection,
    version: int,
    cells: Sequence[Cell],
    clock: Clock,
    *,
    author: str,
    why: str = "",
    kind: str = "cells",
    seen: Visibility = EVERYTHING,
    told: Any = None,
) -> Edited:
    """As one edit, in the transaction of whoever calls; nothing is noted where all is as it was.

    Raises `InvalidInput`, `NotFound`, and `Conflict` where somebody changed one of the cells meanwhile.
    """
    plan = plan_with(connection, version_with(connection, version).plan)
    check_cells(connection, plan, cells, known_network(connection, seen))
    hold_draft(connection, version)
    before = _lines_of(connection, version, cells)
    _check_not_changed(connection, version, before, cells)
    after = with_cells(before, cells)
    if not changed_cells(before, after).any():
        return Edited(0, 0)
    edit = note_edit(connection, version, kind, clock, author=author, why=why, told=told)
    return Edited(edit, write_lines(connection, version, edit, before, after))


def with_cells(grid: Grid, cells: Iterable[Cell]) -> Grid:
    """The lines with these cells, and lines for those that had none."""
    told = list(cells)
    wide = grid.with_keys(cell.key for cell in told)
    values, locked = wide.values.copy(), wide.locked.copy()
    for cell in told:
        place = wide.places[cell.key], cell.month - 1
        if cell.value is not None:
            values[place] = cell.value
        if cell.locked is not None:
            locked[place] = cell.locked
    return Grid(wide.keys, values, locked, wide.edits)


def check_cells(connection: Connection, plan: Plan, cells: Sequence[Cell], network: Network) -> None:
    """Raises `InvalidInput`, and `NotFound` for dealers that are not known, or not seen."""
    known = {each.id for each in directions_in(connection)} | {""}
    for cell in cells:
        planned_measure(cell.key.measure)
        if cell.key.direction not in known:
            raise InvalidInput(
                f"There is no direction {cell.key.direction!r}.",
                where="direction",
                help=f"Choose one of {', '.join(sorted(known - {''}))}, or enter it on the page of directions.",
            )
        if cell.month not in plan.months:
            raise InvalidInput(
                f"This plan has no month {cell.month}.",
                where="month",
                help=f"It is of month {plan.month}." if plan.month else "Months are 1 to 12.",
            )
        if cell.value is not None and cell.value < 0:
            raise InvalidInput("A plan is not negative.", where="value", help="Write 0 or more.")
        dealer = network.dealer(cell.key.dealer)
        if cell.value and not dealer.is_open(plan.year, cell.month):
            raise InvalidInput(
                f"{dealer.why_closed(plan.year, cell.month)}: {plan.year}-{cell.month:02} cannot have a plan.",
                where="month",
                help="Leave the cell empty, or correct the dealer's days on the settings' page of dealers.",
            )


def _lines_of(connection: Connection, version: int, cells: Sequence[Cell]) -> Grid:
    """Only the lines that are named, where they are few."""
    measures = {cell.key.measure for cell in cells}
    dealers = sorted({cell.key.dealer for cell in cells})
    return read_lines(
        connection,
        version,
        measure=measures.pop() if len(measures) == 1 else "",
        dealers=dealers if len(dealers) <= 500 else (),
    )


def _check_not_changed(connection: Connection, version: int, grid: Grid, cells: Sequence[Cell]) -> None:
    for cell in cells:
        place = grid.places.get(cell.key)
        edit = 0 if place is None else int(grid.edits[place])
        if cell.based_on is None or cell.based_on == edit or place is None:
            continue
        changed = _newest_change(connection, version, cell)
        if changed is not None:
            measure = planned_measure(cell.key.measure)
            value = measure.shown(int(grid.values[place, cell.month - 1]))
            raise Conflict(
                f"{changed.author} has meanwhile changed {measure.title.lower()} of {cell.key.dealer} for month"
                f" {cell.month} to {value:,}.",
                where="value",
                help="Look at the new number, and write yours again if it still holds.",
            )


def _newest_change(connection: Connection, version: int, cell: Cell) -> Any:
    """Of the cell, after what its writer saw."""
    its = edited_lines.c
    bit = 1 << (cell.month - 1)
    rows = (
        select(plan_edits.c.author, plan_edits.c.at)
        .join(edited_lines, its.edit == plan_edits.c.id)
        .where(plan_edits.c.version == version, plan_edits.c.id > cell.based_on, its.months.op("&")(bit) > 0)
        .where(*(its[name] == part for name, part in zip(KEY, cell.key, strict=True)))
    )
    return connection.execute(rows.order_by(plan_edits.c.id.desc()).limit(1)).one_or_none()
