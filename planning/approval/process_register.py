"""Versions of the process: the newest is in force for what is submitted from then on; none is ever changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, Engine, select

from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import Conflict
from planning.approval.default_process import DEFAULT_PROCESS
from planning.approval.process import Process
from planning.approval.tables import approval_processes

_its = approval_processes.c


@dataclass(frozen=True, slots=True)
class KeptProcess:
    """`number` counts from 1; 0 is the process that ships, which nobody wrote."""

    number: int
    process: Process
    at: datetime | None = None
    author: str = ""


def process_in(connection: Connection) -> KeptProcess:
    """What is in force."""
    newest = select(approval_processes).order_by(_its.number.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None:
        return KeptProcess(0, DEFAULT_PROCESS)
    return KeptProcess(row.number, Process.model_validate(row.document), row.at, row.author)


class ProcessRegister:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def newest(self) -> KeptProcess:
        with self._engine.connect() as connection:
            return process_in(connection)

    def history(self) -> Sequence[tuple[int, datetime, str]]:
        """Number, moment and author of each version, the newest first."""
        rows = select(_its.number, _its.at, _its.author).order_by(_its.number.desc())
        with self._engine.connect() as connection:
            return [(row.number, row.at, row.author) for row in connection.execute(rows)]

    def replace(self, process: Process, *, author: str, based_on: int) -> KeptProcess:
        """Plans that are under way go on as they began. Raises `Conflict` where `based_on` is not the newest."""
        with self._engine.begin() as connection:
            before = process_in(connection)
            row = {
                "number": based_on + 1,
                "at": self._clock.now(),
                "author": author,
                "document": process.as_dict(),
            }
            put = (
                insert_or_meet(connection, approval_processes)
                .values(row)
                .on_conflict_do_nothing()
                .returning(_its.number)
            )
            if before.number != based_on or connection.scalar(put) is None:
                raise self._overtaken(process_in(connection))
            note_change(
                connection,
                self._clock,
                who=author,
                what="process of plans",
                before=_told(before.process),
                after=_told(process),
            )
            return process_in(connection)

    def _overtaken(self, newest: KeptProcess) -> Conflict:
        return Conflict(
            f"{newest.author or 'Somebody'} has meanwhile put version {newest.number} of the process in force.",
            where="based_on",
            help="Load the page again, and make your change in what is in force now.",
        )


def _told(process: Process) -> str:
    return orjson.dumps(process.as_dict()).decode()
