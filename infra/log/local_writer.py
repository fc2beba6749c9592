"""The one writer of a local log: what many threads wait for becomes durable in one transaction."""

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from infra.errors import LogUnavailable
from infra.log.local_file import BUSY_SECONDS, SQL, open_file, unavailable

T = TypeVar("T")
_BYTES_PER_COMMIT = 16 << 20
_LOOK_SECONDS = 0.001


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    work: Callable[[sqlite3.Connection], Any]
    size: int
    answer: Future[Any] = field(default_factory=Future)


class Writer:
    """Safe to use from several threads. Other processes may have a writer of their own on the same file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = _open(path)
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name=f"log {path.name}", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[sqlite3.Connection], T], size: int = 0) -> T:
        """Run `work` inside a write transaction, and return its result once that is durable.

        `work` shares its transaction with others: it must not fail halfway. It may refuse with `LogUnavailable`
        where it has written nothing yet; the others go on. `size` is about how many bytes it writes.
        Raises `LogUnavailable`; then the work may or may not have been done.
        """
        job = _Job(work, size)
        with self._changed:
            if self._closing:
                raise LogUnavailable("The event log is closed.", help="Start the service again.")
            self._waiting.append(job)
            self._changed.notify()
        return job.answer.result()  # type: ignore[no-any-return]

    def close(self) -> None:
        """Finish what is waiting, and let go of the file."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while jobs := self._gather():
            self._do(jobs)
        if self._connection is not None:
            self._connection.close()

    def _gather(self) -> list[_Job]:
        """All that waits, up to a size; empty when the writer is to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            jobs: list[_Job] = []
            size = 0
            while self._waiting and size < _BYTES_PER_COMMIT:
                jobs.append(self._waiting.popleft())
                size += jobs[-1].size
            return jobs

    def _do(self, jobs: list[_Job]) -> None:
        try:
            answers = self._transact(jobs)
        except (sqlite3.Error, OSError) as error:
            self._start_afresh()
            for job in jobs:
                job.answer.set_exception(unavailable(self._path, error))
        except Exception as error:
            self._start_afresh()
            for job in jobs:
                job.answer.set_exception(error)
        else:
            for job, answer in zip(jobs, answers, strict=True):
                if isinstance(answer, LogUnavailable):
                    job.answer.set_exception(answer)
                else:
                    job.answer.set_result(answer)

    def _transact(self, jobs: list[_Job]) -> list[Any]:
        if self._connection is None:
            self._connection = _open(self._path)
        _begin(self._connection)
        answers = [_outcome(job, self._connection) for job in jobs]
        self._connection.execute("commit")
        return answers

    def _start_afresh(self) -> None:
        """Nobody knows what the connection holds after an error: closing it rolls back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _outcome(job: _Job, connection: sqlite3.Connection) -> Any:
    try:
        return job.work(connection)
    except LogUnavailable as refused:
        return refused


def _open(path: Path) -> sqlite3.Connection:
    connection = open_file(path)
    connection.execute(SQL["wait_not"])
    return connection


def _begin(connection: sqlite3.Connection) -> None:
    """Wait for writers of other processes in short steps: SQLite's own grow to a tenth of a second."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("begin immediate")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
        time.sleep(_LOOK_SECONDS)
