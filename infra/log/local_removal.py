"""Removing from the local log what is old and done with. Its room in the file is taken by later records."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from sqlite3 import Connection

from infra.log.local_file import SQL, place_of, to_stamp
from infra.log.local_writer import Writer

_STEP_RECORDS = 500
_STEP_BYTES = 16 << 20
_MOST_STEPS = 100


def remove(writer: Writer, topics: Sequence[str], before: datetime) -> int:
    """See `EventLog.remove`. Small steps: an append waits for one of them, not for all."""
    stamp = to_stamp(before)
    return sum(sum(islice(_steps(writer, topic, stamp), _MOST_STEPS)) for topic in topics)


def _steps(writer: Writer, topic: str, stamp: int) -> Iterator[int]:
    while removed := writer.run(lambda connection: _remove_some(connection, topic, stamp)):
        yield removed


def _remove_some(connection: Connection, topic: str, stamp: int) -> int:
    found = connection.execute(SQL["topic"], {"topic": topic}).fetchone()
    if found is None:
        return 0
    number = found[0]
    (done,) = connection.execute(SQL["committed_by_all"], {"topic": number}).fetchone()
    if not done:
        return 0
    places = {"first": place_of(number, 0), "last": place_of(number, done - 1)}
    oldest = connection.execute(SQL["oldest"], places | {"most": _STEP_RECORDS})
    step = list(_too_old(oldest, stamp))
    if step:
        connection.execute(SQL["remove"], {"first": step[0], "last": step[-1]})
    return len(step)


def _too_old(records: Iterator[tuple[int, int, int]], stamp: int) -> Iterator[int]:
    """The places of a step's records."""
    size = 0
    for place, appended_at, length in records:
        size += length
        if appended_at >= stamp:
            return
        yield place
        if size > _STEP_BYTES:
            return
