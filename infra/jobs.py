"""Work that one role asks for and another does, each job by one taker at a time."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from sqlalchemy import Column, Engine, Integer, String, Table, Text, func, insert, or_, select, update

from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import DatabaseUnavailable

jobs = Table(
    "jobs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(40), nullable=False, index=True),
    Column("requested_at", UtcMoment, nullable=False),
    Column("taken_at", UtcMoment),
    Column("taken_by", String(100)),
    Column("finished_at", UtcMoment),
    Column("error", Text),
)

ABANDONED_AFTER = timedelta(minutes=2)


class Jobs:
    """A taker gives a sign of life every `sign_seconds`, which have to be far fewer than those of `ABANDONED_AFTER`."""

    def __init__(self, engine: Engine, clock: Clock, *, sign_seconds: float = 20.0) -> None:
        self._engine = engine
        self._clock = clock
        self._sign_seconds = sign_seconds
        self._me = f"{socket.gethostname()}:{os.getpid()}"

    def ask(self, kind: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(jobs), {"kind": kind, "requested_at": self._clock.now()})

    def is_waiting(self, kind: str) -> bool:
        """Whether a job of the kind has been asked for and is not finished."""
        query = select(func.count()).where(jobs.c.kind == kind, jobs.c.finished_at.is_(None))
        with self._engine.connect() as connection:
            return bool(connection.scalar(query))

    def was_asked(self, kind: str, since: datetime) -> bool:
        """Whether a job of the kind was asked for since then, finished or not."""
        query = select(func.count()).where(jobs.c.kind == kind, jobs.c.requested_at >= since)
        with self._engine.connect() as connection:
            return bool(connection.scalar(query))

    @contextmanager
    def take(self, kind: str) -> Iterator[bool]:
        """Take the oldest free job of the kind; the block does it. A job whose taker died is free again in minutes."""
        job = self._claim(kind)
        if job is None:
            yield False
            return
        error = None
        try:
            with self._signs_of_life(job):
                yield True
        except BaseException as raised:
            error = str(raised)[:500].encode(errors="replace").decode().replace("\0", "")  # PostgreSQL takes no NUL
            raise
        finally:
            self._note(job, finished_at=self._clock.now(), error=error)

    @contextmanager
    def _signs_of_life(self, job: int) -> Iterator[None]:
        done = threading.Event()
        signing = threading.Thread(target=self._sign, args=(job, done), name="job")
        signing.start()
        try:
            yield
        finally:
            done.set()
            signing.join()

    def _sign(self, job: int, done: threading.Event) -> None:
        while not done.wait(self._sign_seconds):
            with suppress(DatabaseUnavailable):
                self._note(job, taken_at=self._clock.now())

    def _note(self, job: int, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(jobs).where(jobs.c.id == job, jobs.c.taken_by == self._me).values(values))

    def _claim(self, kind: str) -> int | None:
        now = self._clock.now()
        free = (jobs.c.kind == kind) & jobs.c.finished_at.is_(None)
        free &= or_(jobs.c.taken_at.is_(None), jobs.c.taken_at < now - ABANDONED_AFTER)
        with self._engine.begin() as connection:
            job = connection.scalar(select(jobs.c.id).where(free).order_by(jobs.c.id).limit(1))
            if job is None:
                return None
            claim = update(jobs).where(jobs.c.id == job, free).values(taken_at=now, taken_by=self._me)
            return job if connection.execute(claim).rowcount == 1 else None

    def free_all_of_this_host(self) -> None:
        """Jobs that a process of this host took and did not finish: it is gone, where only one may run."""
        mine = jobs.c.taken_by.startswith(f"{socket.gethostname()}:", autoescape=True)
        with self._engine.begin() as connection:
            unfinished = update(jobs).where(mine, jobs.c.finished_at.is_(None))
            connection.execute(unfinished.values(taken_at=None, taken_by=None))
