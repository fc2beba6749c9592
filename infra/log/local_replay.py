"""Setting a group back in the local log."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from os import close
from pathlib import Path
from sqlite3 import Connection

from infra.errors import LogHeld
from infra.log.local_file import NO_END, SQL, offset_at, place_of, to_stamp
from infra.log.local_owner import check_name, lock_reading
from infra.log.local_writer import Writer


def replay(path: Path, writer: Writer, group: str, topics: Sequence[str], since: datetime | None) -> int:
    """See `EventLog.replay`."""
    stamp = to_stamp(since) if since else 0
    with _no_reader(path, group, topics):
        return writer.run(lambda connection: sum(_set_back(connection, group, topic, stamp) for topic in topics))


@contextmanager
def _no_reader(path: Path, group: str, topics: Sequence[str]) -> Iterator[None]:
    """Keep every reader of the group away from the topics. Raises `LogHeld` where one is at work."""
    check_name(group)
    with ExitStack() as locks:
        for topic in topics:
            lock = lock_reading(path, group, check_name(topic))
            if lock is None:
                raise LogHeld(
                    f"Another process is reading {topic} from the event log for {group}.",
                    where="CLOSEDLOOP_LOG",
                    help="Stop every loader (`closedloop serve`, `closedloop load`), and run this again.",
                )
            locks.callback(close, lock)
        yield


def _set_back(connection: Connection, group: str, topic: str, stamp: int) -> int:
    """How many records of the topic come again."""
    found = connection.execute(SQL["topic"], {"topic": topic}).fetchone()
    if found is None:
        return 0
    number, end = found
    place = {"group": group, "topic": number}
    row = connection.execute(SQL["position"], place).fetchone()
    position = _first_since(connection, number, end, stamp)
    if row is None or row[0] <= position:
        return 0
    connection.execute(SQL["set_back"], place | {"position": position})
    return int(row[0]) - position


def _first_since(connection: Connection, topic: int, end: int, stamp: int) -> int:
    """The offset of the first record that is kept and not older, or `end`. Times of a topic never run backwards."""
    low, high = 0, end
    while low < high:
        middle = (low + high) // 2
        offset, appended_at = _kept_from(connection, topic, middle) or (end, stamp)
        if appended_at < stamp:
            low = offset + 1
        else:
            high = middle
    offset, _ = _kept_from(connection, topic, low) or (end, stamp)
    return offset


def _kept_from(connection: Connection, topic: int, offset: int) -> tuple[int, int] | None:
    """Offset and time of the first record that is kept from `offset` on."""
    places = {"first": place_of(topic, offset), "last": place_of(topic, NO_END)}
    row = connection.execute(SQL["first_from"], places).fetchone()
    return (offset_at(row[0]), row[1]) if row else None
