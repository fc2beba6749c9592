"""Writing what a file says: all of it as one edit of the draft, or nothing; once, however often it is asked for."""

from collections.abc import Mapping, Sequence

import numpy as np
import orjson
from sqlalchemy import Connection, Engine, select, update

from attribution.visibility import Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotPermitted
from planning.dimensions import known_network
from planning.file_facts import put_facts
from planning.grid import Grid, LineKey
from planning.importing.packed_lines import unpacked
from planning.importing.reader import facts_change, facts_subject
from planning.importing.register import Import, Step, import_with
from planning.importing.tables import plan_imports
from planning.lines import read_lines, write_lines
from planning.plans import hold_draft, note_edit, plan_with
from planning.tables import plan_edits

_its = plan_imports.c
_AGAIN = "Read the file again, look at what it would change now, and confirm that."


def confirm(engine: Engine, clock: Clock, found: Import, *, author: str, seen: Visibility) -> Import:
    """Who asks again gets the same answer. Raises `InvalidInput` where the file has errors or is not at this step.

    Raises `Conflict` where the draft has changed since the preview, or is one no more; `NotPermitted` for dealers that
    are not theirs.
    """
    with engine.begin() as connection:
        waiting = (_its.id == found.id, _its.state == Step.PREVIEW.value)
        told = {"state": Step.DONE.value, "changed_at": clock.now(), "changed_by": author}
        if connection.execute(update(plan_imports).where(*waiting).values(told)).rowcount == 0:
            return _confirmed_before(connection, found)
        now = import_with(connection, found.id)
        _check(now)
        lines = unpacked(connection.execute(select(_its.lines).where(_its.id == found.id)).scalar_one())
        _check_dealers(connection, lines, seen)
        edit = (
            _write_facts(connection, clock, now, lines, author)
            if now.version is None
            else _write_plan(connection, clock, now, now.version, lines, author)
        )
        kept = {"edit": edit, "lines": None, "revision": _its.revision + 1}
        connection.execute(update(plan_imports).where(_its.id == found.id).values(kept))
        return import_with(connection, found.id)


def _confirmed_before(connection: Connection, found: Import) -> Import:
    now = import_with(connection, found.id)
    if now.step is not Step.DONE:
        raise InvalidInput(
            f"This import is at the step “{now.step}”, and cannot be confirmed yet.",
            where="import",
            help="Answer what is asked there first.",
        )
    return now


def _check(found: Import) -> None:
    errors = found.found["count"]["errors"]
    if errors:
        raise InvalidInput(
            f"The file has {errors} errors, so nothing was written.",
            where="file",
            help="Correct the cells that the preview names, and send the file again.",
        )
    if not found.found["cells"]:
        raise InvalidInput(
            "The file has no figures that could be written.", where="file", help="Look at what was left out, and why."
        )


def _check_dealers(connection: Connection, lines: Mapping[LineKey, Sequence[int | None]], seen: Visibility) -> None:
    known = known_network(connection).by_id
    for dealer in {key.dealer for key in lines}:
        if dealer not in known:
            raise Conflict(f"There is no dealer {dealer!r} any more.", where="dealer", help=_AGAIN)
        if not seen.sees_dealer(dealer):
            raise NotPermitted("The file names dealers that are not yours.", where="dealer", help="Ask the holding.")


def _write_plan(
    connection: Connection,
    clock: Clock,
    found: Import,
    version: int,
    lines: Mapping[LineKey, Sequence[int | None]],
    author: str,
) -> int:
    held = hold_draft(connection, version)
    if held.newest_edit != found.seen_edit:
        who = connection.scalar(select(plan_edits.c.author).where(plan_edits.c.id == held.newest_edit))
        raise Conflict(f"{who} has changed the draft since this preview.", where="version", help=_AGAIN)
    before = read_lines(connection, version)
    after = with_lines(before, lines)
    if np.array_equal(before.with_keys(lines).values, after.values):
        return 0
    told = {"import": found.id, "file": found.name}
    edit = note_edit(connection, version, "import", clock, author=author, why=found.name, told=told)
    written = write_lines(connection, version, edit, before, after)
    _note(connection, clock, author, f"plan {found.plan}", found, written)
    return edit


def _write_facts(
    connection: Connection,
    clock: Clock,
    found: Import,
    lines: Mapping[LineKey, Sequence[int | None]],
    author: str,
) -> int:
    year = plan_with(connection, found.plan).year
    if facts_change(connection, year) != found.seen_edit:
        raise Conflict(f"Other facts of {year} have come since this preview.", where="facts", help=_AGAIN)
    written = put_facts(connection, year, lines, clock, author=author, file=found.name)
    _note(connection, clock, author, facts_subject(year), found, written)
    return facts_change(connection, year)


def with_lines(grid: Grid, lines: Mapping[LineKey, Sequence[int | None]]) -> Grid:
    """The lines with the months that these name, and lines for those that there were none of."""
    wide = grid.with_keys(lines)
    values = wide.values.copy()
    places = np.array([wide.places[key] for key in lines], dtype=np.intp)
    told = np.array([[-1 if value is None else value for value in each] for each in lines.values()], dtype=np.int64)
    if len(places):
        values[places] = np.where(told >= 0, told, values[places])
    return Grid(wide.keys, values, wide.locked, wide.edits)


def _note(connection: Connection, clock: Clock, author: str, what: str, found: Import, lines: int) -> None:
    told = orjson.dumps({"import": found.id, "file": found.name, "lines": lines, "sums": found.found["sums"]})
    note_change(connection, clock, who=author, what=what, after=told.decode())
