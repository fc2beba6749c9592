"""Reading and writing the lines of a version. Whoever writes holds the version's row, and has an edit."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy import ColumnElement, Connection, insert, literal, select

from attribution.visibility import EVERYTHING, Visibility
from infra.database import insert_or_meet
from planning.grid import Flags, Grid, grid_of_rows, masks_of
from planning.tables import KEY, MONTHS, edited_lines, plan_lines

_its = plan_lines.c
_READ = [*(_its[name] for name in KEY), *(_its[name] for name in MONTHS), _its.locked, _its.edit]


def read_lines(
    connection: Connection,
    version: int,
    *,
    measure: str = "",
    dealers: Sequence[str] = (),
    seen: Visibility = EVERYTHING,
) -> Grid:
    """Those of a measure and of dealers, all where none is named, as far as they are seen; by their keys."""
    wanted: list[ColumnElement[bool]] = [_its.version == version]
    if measure:
        wanted.append(_its.measure == measure)
    if dealers:
        wanted.append(_its.dealer.in_(dealers))
    if seen.dealers is not None:
        wanted.append(_its.dealer.in_(sorted(seen.dealers)))
    rows = connection.execute(select(*_READ).where(*wanted).order_by(*(_its[name] for name in KEY)))
    return grid_of_rows(rows.all())


def changed_cells(before: Grid, after: Grid) -> Flags:
    """Of the lines of `after`, which has those of `before` in the same order, and may have more behind them."""
    wide = before.with_keys(after.keys)
    changed: Flags = (after.values != wide.values) | (after.locked != wide.locked)
    return changed


def write_lines(connection: Connection, version: int, edit: int, before: Grid, after: Grid) -> int:
    """Keep what is not as it was, under the number of an edit; how many lines that is.

    `after` has the lines of `before` in the same order, and may have more behind them.
    """
    changed = changed_cells(before, after)
    before = before.with_keys(after.keys)
    places = np.flatnonzero(changed.any(axis=1))
    if not len(places):
        return 0
    masks, locks = masks_of(changed[places]), masks_of(after.locked[places])
    rows, notes = [], []
    for place, mask, locked in zip(places.tolist(), masks.tolist(), locks.tolist(), strict=True):
        key = after.keys[place]._asdict()
        months = dict(zip(MONTHS, after.values[place].tolist(), strict=True))
        rows.append({"version": version, **key, **months, "locked": locked, "edit": edit})
        notes.append({"edit": edit, **key, "months": mask, "before": _told(before.values[place].tolist())})
    statement = insert_or_meet(connection, plan_lines)
    names = [*MONTHS, "locked", "edit"]
    told = {name: statement.excluded[name] for name in names}
    connection.execute(statement.on_conflict_do_update(index_elements=["version", *KEY], set_=told), rows)
    connection.execute(insert(edited_lines), notes)
    return len(rows)


def copy_lines(connection: Connection, source: int, target: int, edit: int, months: Sequence[int]) -> None:
    """All lines of a version into another that has none: these months, 1 to 12, and 0 in the others; no locks."""
    kept = [_its[name] if number in months else literal(0).label(name) for number, name in enumerate(MONTHS, 1)]
    copied = select(*(_its[name] for name in KEY), *kept, literal(0), literal(target), literal(edit))
    names = [*KEY, *MONTHS, "locked", "version", "edit"]
    connection.execute(insert(plan_lines).from_select(names, copied.where(_its.version == source)))


def _told(values: Sequence[int]) -> str:
    return ",".join(map(str, values))
