"""Reads files in the background of the process that took them, one after another, and says how far it is."""

import logging
import secrets
import threading
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine

from infra.audit import newest_change
from infra.errors import ClosedLoopError, NotFound
from planning.dimensions import known_network
from planning.file_facts import facts_by_file
from planning.grid import LineKey
from planning.importing.comparison import Comparison, compare
from planning.importing.guessing import Wanted
from planning.importing.known import known_names
from planning.importing.packed_lines import packed
from planning.importing.reading import FileRead, World, read_file
from planning.importing.register import Import, ImportKind, Imports, Step
from planning.importing.remembered import remembered_mappings
from planning.importing.summary import failure, step_of, summary
from planning.lines import read_lines
from planning.plans import plan_with, version_with

_log = logging.getLogger(__name__)
_PERCENT = 100
_PAUSE = 0.5


class Overtaken(ClosedLoopError):
    """Somebody else reads this file by now, or it was discarded."""


class ImportReader:
    """Safe to use from several threads and processes. `close` lets go of what it is reading: another takes it up."""

    def __init__(self, engine: Engine, imports: Imports) -> None:
        self._engine = engine
        self._imports = imports
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="imports")
        self._reading: dict[int, Future[None]] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def take_up(self, key: int) -> None:
        """Begin to read it, unless it is read, or somebody does already."""
        worker = secrets.token_hex(8)
        if self._imports.claim(key, worker):
            with self._lock:
                self._reading = {each: future for each, future in self._reading.items() if not future.done()}
                self._reading[key] = self._threads.submit(self._read, key, worker)

    def wait(self, key: int, seconds: float) -> None:
        """Until it is read, at most so long; at once where another process reads it."""
        with self._lock:
            future = self._reading.get(key)
        if future is not None:
            futures.wait([future], seconds)

    def close(self) -> None:
        self._stopping.set()
        self._threads.shutdown(cancel_futures=True)

    def _read(self, key: int, worker: str) -> None:
        try:
            signs = _Signs(self._imports, key, worker, self._stopping)
            signs.begin()
            found, data = self._imports.to_read(key)
            self._imports.finish(key, worker, *self._read_file(found, data, signs))
        except (Overtaken, NotFound):
            self._imports.let_go(key, worker)
        except Exception:
            _log.exception("import %d could not be read", key)
            told = failure("The file could not be read, by a fault of ours.", help="Discard it, and send it as .csv.")
            self._imports.finish(key, worker, Step.FAILED, told, None, 0)

    def _read_file(self, found: Import, data: bytes, signs: "_Signs") -> tuple[Step, dict[str, Any], bytes | None, int]:
        with self._engine.connect() as connection:
            world = _world(connection, found)
        try:
            read = read_file(data, found.choices, world, signs.tell)
        except ClosedLoopError as error:
            if isinstance(error, Overtaken):
                raise
            return Step.FAILED, failure(error.message, help=error.help), None, 0
        if all(sheet.header is None for sheet in read.sheets):
            told = failure("No table of figures was found in the file.", help="It needs a row of headings.")
            return Step.FAILED, told, None, 0
        with self._engine.connect() as connection:
            compared, seen_edit = _compared(connection, found, read)
        return step_of(read), summary(read, world.known, compared), packed(read.lines.lines), seen_edit


class _Signs:
    """Tells the register how far the reading is, not more often than anybody looks."""

    def __init__(self, imports: Imports, key: int, worker: str, stopping: threading.Event) -> None:
        self._told = (imports, key, worker)
        self._stopping = stopping
        self._next = monotonic() + _PAUSE

    def begin(self) -> None:
        """Raises `Overtaken`, as `tell` does."""
        imports, key, worker = self._told
        if self._stopping.is_set() or not imports.go_on(key, worker, 0):
            raise Overtaken("Somebody else reads it, or this process ends.")

    def tell(self, part: float) -> None:
        """Raises `Overtaken` where nobody wants it read here any more."""
        now = monotonic()
        if self._stopping.is_set():
            raise Overtaken("This process ends.")
        if now < self._next:
            return
        self._next = now + _PAUSE
        imports, key, worker = self._told
        if not imports.go_on(key, worker, min(int(part * _PERCENT), 99)):
            raise Overtaken("Somebody else reads it.")


def _world(connection: Connection, found: Import) -> World:
    plan = plan_with(connection, found.plan)
    return World(
        known_names(connection, found.seen, reader=found.created_by, version=found.version),
        known_network(connection, found.seen).by_id,
        Wanted(plan.year, plan.month, found.kind is ImportKind.FACTS),
        plan.currency,
        remembered_mappings(connection),
    )


def _compared(connection: Connection, found: Import, read: FileRead) -> tuple[Comparison, int]:
    """With what stands in the draft, or in the facts, and the number of its newest change."""
    after = read.lines.lines
    if found.version is None:
        year = plan_with(connection, found.plan).year
        return compare(facts_by_file(connection, year, found.seen), after, {}), facts_change(connection, year)
    grid = read_lines(connection, found.version, seen=found.seen)
    before: dict[LineKey, list[int | None]] = dict(zip(grid.keys, grid.values.tolist(), strict=True))
    locks = dict(zip(grid.keys, grid.locked.tolist(), strict=True))
    return compare(before, after, locks), version_with(connection, found.version).newest_edit


def facts_change(connection: Connection, year: int) -> int:
    """A number that grows with every file of facts of a year."""
    return newest_change(connection, facts_subject(year))


def facts_subject(year: int) -> str:
    return f"facts of {year}"
