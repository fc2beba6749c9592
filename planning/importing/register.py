"""The register of imports: which file is at which step, so that the wizard goes on after whatever restart.

    reading ──► columns ──► reading ──► names ──► reading ──► preview ──► done
       └──► failed        what a user says brings it back to `reading`; `discard` ends it at every step but the last

A file is read by the process that took it, in the background. A reader whose process died is known by its lease, and
the next one who asks for the import takes the reading up anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, delete, insert, or_, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import BodyTooLarge, Conflict, InvalidInput, NotFound
from planning.importing.mapping import Choices
from planning.importing.tables import plan_imports
from planning.plans import State, plan_with
from planning.tables import plan_versions

MOST_BYTES = 32 * 1024**2
LEASE = timedelta(seconds=15)
_its = plan_imports.c
_TOLD = [each for each in plan_imports.c if each.name not in ("file", "lines")]


class Step(StrEnum):
    READING = "reading"
    COLUMNS = "columns"
    NAMES = "names"
    PREVIEW = "preview"
    DONE = "done"
    FAILED = "failed"


class ImportKind(StrEnum):
    PLAN = "plan"
    FACTS = "facts"


_OPEN = (Step.COLUMNS.value, Step.NAMES.value, Step.PREVIEW.value, Step.FAILED.value)


@dataclass(frozen=True, slots=True)
class Import:
    """`version` is the draft that it changes, none where it brings facts. `progress` is in percent.

    `found` is what was read, as `summary` tells it. `edit` is the edit that it became; 0 where nothing was other than
    before. Moments are in UTC.
    """

    id: int
    plan: int
    version: int | None
    kind: ImportKind
    name: str
    step: Step
    progress: int
    choices: Choices
    found: dict[str, Any]
    seen_edit: int
    revision: int
    edit: int | None
    seen: Visibility
    created_at: datetime
    created_by: str

    @property
    def is_being_read(self) -> bool:
        return self.step is Step.READING

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "plan": self.plan,
            "version": self.version,
            "kind": self.kind.value,
            "name": self.name,
            "step": self.step.value,
            "progress": self.progress,
            "revision": self.revision,
            "edit": self.edit,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "choices": self.choices.model_dump(mode="json"),
            "found": self.found,
        }


class Imports:
    """Safe to use from several threads and processes. Who sees a part of the holding finds their own imports alone."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def take(
        self, plan: int, kind: ImportKind, name: str, data: bytes, *, author: str, seen: Visibility = EVERYTHING
    ) -> Import:
        """Keep a file, to be read. Raises `NotFound`, `BodyTooLarge`, and `Conflict` where the plan has no draft."""
        if len(data) > MOST_BYTES:
            raise BodyTooLarge(
                f"The file has more than {MOST_BYTES // 1024**2} MiB.", where="file", help="Send it in parts."
            )
        now = self._clock.now()
        with self._engine.begin() as connection:
            plan_with(connection, plan)
            row: dict[str, Any] = {
                "plan": plan,
                "version": open_draft(connection, plan) if kind is ImportKind.PLAN else None,
                "kind": kind.value,
                "name": _name(name),
                "file": data,
                "state": Step.READING.value,
                "progress": 0,
                "choices": {},
                "found": {},
                "seen_edit": 0,
                "revision": 1,
                "dealers": None if seen.dealers is None else sorted(seen.dealers),
                "created_at": now,
                "created_by": author,
                "changed_at": now,
                "changed_by": author,
            }
            key = connection.execute(insert(plan_imports).returning(_its.id), row).scalar_one()
            return import_with(connection, key)

    def list(self, plan: int, *, viewer: str, seen: Visibility = EVERYTHING) -> Sequence[Import]:
        """Of a plan, the newest first."""
        rows = select(*_TOLD).where(_its.plan == plan, _found_by(viewer, seen)).order_by(_its.id.desc()).limit(50)
        with self._engine.connect() as connection:
            return [_import(row) for row in connection.execute(rows)]

    def get(self, plan: int, key: int, *, viewer: str, seen: Visibility = EVERYTHING) -> Import:
        """Raises `NotFound`, for somebody else's that is not seen, too."""
        rows = select(*_TOLD).where(_its.plan == plan, _its.id == key, _found_by(viewer, seen))
        with self._engine.connect() as connection:
            row = connection.execute(rows).one_or_none()
        if row is None:
            raise missing(key)
        return _import(row)

    def choose(self, found: Import, choices: Choices, *, author: str) -> None:
        """What a user says about the file, which is read anew. Raises `Conflict` where somebody was faster."""
        changed = {
            "choices": choices.model_dump(mode="json"),
            "state": Step.READING.value,
            "progress": 0,
            "worker": None,
            "revision": found.revision + 1,
            "changed_at": self._clock.now(),
            "changed_by": author,
        }
        still = (_its.id == found.id, _its.revision == found.revision, _its.state.in_(_OPEN))
        with self._engine.begin() as connection:
            if connection.execute(update(plan_imports).where(*still).values(changed)).rowcount == 0:
                raise self._overtaken(connection, found.id)

    def discard(self, found: Import, *, author: str) -> None:
        """The file goes, and nothing of it was written. Raises `Conflict` where it was written already."""
        with self._engine.begin() as connection:
            gone = delete(plan_imports).where(_its.id == found.id, _its.state != Step.DONE.value)
            if connection.execute(gone).rowcount == 0:
                raise self._overtaken(connection, found.id)
            told = f"import {found.id} discarded"
            note_change(connection, self._clock, who=author, what=f"plan {found.plan}", before=told)

    def claim(self, key: int, worker: str) -> bool:
        """Whether it waits to be read, and nobody else reads it from now on."""
        now = self._clock.now()
        free = or_(_its.worker.is_(None), _its.worker_until < now)
        claimed = update(plan_imports).where(_its.id == key, _its.state == Step.READING.value, free)
        with self._engine.begin() as connection:
            done = connection.execute(claimed.values(worker=worker, worker_until=now + LEASE))
        return done.rowcount == 1

    def to_read(self, key: int) -> tuple[Import, bytes]:
        """What was said, and the file. Raises `NotFound`."""
        with self._engine.connect() as connection:
            data = connection.scalar(select(_its.file).where(_its.id == key))
            return import_with(connection, key), data or b""

    def go_on(self, key: int, worker: str, percent: int) -> bool:
        """A sign of life of its reader; whether it is theirs to read still."""
        told = {"progress": percent, "worker_until": self._clock.now() + LEASE}
        return self._put(key, worker, told)

    def finish(
        self, key: int, worker: str, step: Step, found: dict[str, Any], lines: bytes | None, seen_edit: int
    ) -> bool:
        """What was read; nothing is kept where it is read by somebody else by now."""
        told = {"state": step.value, "found": found, "lines": lines, "seen_edit": seen_edit, "progress": 100}
        return self._put(key, worker, told | {"worker": None, "revision": _its.revision + 1})

    def let_go(self, key: int, worker: str) -> None:
        """Whoever asks for it next reads it."""
        self._put(key, worker, {"worker": None})

    def _put(self, key: int, worker: str, told: dict[str, Any]) -> bool:
        mine = (_its.id == key, _its.worker == worker, _its.state == Step.READING.value)
        with self._engine.begin() as connection:
            return connection.execute(update(plan_imports).where(*mine).values(told)).rowcount == 1

    def _overtaken(self, connection: Connection, key: int) -> Conflict:
        row = connection.execute(select(_its.changed_by, _its.state).where(_its.id == key)).one_or_none()
        if row is None:
            raise missing(key)
        return Conflict(
            f"{row.changed_by} has meanwhile brought this import to the step “{row.state}”.",
            where="revision",
            help="Load the page again, and go on from there.",
        )


def import_with(connection: Connection, key: int) -> Import:
    """Raises `NotFound`."""
    row = connection.execute(select(*_TOLD).where(_its.id == key)).one_or_none()
    if row is None:
        raise missing(key)
    return _import(row)


def open_draft(connection: Connection, plan: int) -> int:
    """The version of a plan whose lines may change. Raises `Conflict` where there is none."""
    its = plan_versions.c
    rows = select(its.id).where(its.plan == plan, its.state == State.DRAFT.value).order_by(its.number.desc()).limit(1)
    found = connection.scalar(rows)
    if found is None:
        raise Conflict(
            "This plan has no draft that could be changed.",
            where="plan",
            help="Make a new version of the plan, and import into that.",
        )
    return int(found)


def missing(key: int) -> NotFound:
    return NotFound(
        f"There is no import {key} of this plan.", where="import", help="The plan's page lists its imports."
    )


def _found_by(viewer: str, seen: Visibility) -> ColumnElement[bool]:
    return _its.id > 0 if seen.is_everything else _its.created_by == viewer


def _name(told: str) -> str:
    name = " ".join(told.replace("\\", "/").rpartition("/")[2].split())[:200]
    if not name.isprintable():
        raise InvalidInput("The file's name holds characters that cannot be shown.", where="file", help="Rename it.")
    return name or "file"


def _import(row: Row[Any]) -> Import:
    return Import(
        row.id,
        row.plan,
        row.version,
        ImportKind(row.kind),
        row.name,
        Step(row.state),
        row.progress,
        Choices.model_validate(row.choices),
        row.found,
        row.seen_edit,
        row.revision,
        row.edit,
        EVERYTHING if row.dealers is None else Visibility(frozenset(row.dealers)),
        row.created_at,
        row.created_by,
    )
