"""Storing records in the local log's file, inside a transaction of its writer."""

import sqlite3
from collections.abc import Sequence
from itertools import accumulate

from infra.errors import LogUnavailable
from infra.log.base import NewRecord
from infra.log.local_file import SQL, place_of


def store(connection: sqlite3.Connection, topic: str, records: Sequence[NewRecord], stamp: int) -> None:
    """Offsets are taken inside the transaction: several processes may write, and none leaves a gap."""
    amount = {"topic": topic, "records": len(records), "events": sum(record.events for record in records)}
    reserved = connection.execute(SQL["reserve_offsets"], amount).fetchall()
    if not reserved:
        connection.execute(SQL["add_topic"], {"topic": topic})
        reserved = connection.execute(SQL["reserve_offsets"], amount).fetchall()
    number, next_offset, total = reserved[0]
    first = place_of(number, next_offset - len(records))
    stamp = max(stamp, _stamp_before(connection, first))
    totals = accumulate((record.events for record in records), initial=total - amount["events"])
    next(totals)
    rows = (
        (first + index, stamp, record.events, so_far, record.value)
        for index, (record, so_far) in enumerate(zip(records, totals, strict=True))
    )
    connection.executemany(SQL["add_record"], rows)


def check_room(connection: sqlite3.Connection, size: int, max_bytes: int) -> None:
    """Raises `LogUnavailable` where `size` more bytes would make the file larger than it may be."""
    (used,) = connection.execute(SQL["used_bytes"]).fetchone()
    if used + size > max_bytes:
        raise LogUnavailable(
            f"The event log has come to its limit of {max_bytes >> 20} MiB.",
            where="CLOSEDLOOP_LOG_MAX_MB",
            help="Raise CLOSEDLOOP_LOG_MAX_MB, or let CLOSEDLOOP_LOG_RETENTION_DAYS remove what is old and loaded.",
        )


def _stamp_before(connection: sqlite3.Connection, place: int) -> int:
    """Times of a topic never run backwards, whatever the clocks of its writers do: a replay looks for one."""
    row = connection.execute(SQL["stamp_at"], {"place": place - 1}).fetchone()
    return row[0] if row else 0
