"""Who reads a topic of the local log for a group: one reader at a time, in whatever thread or process.

A lock of the operating system says who is alive: it is gone with its process, however that ends. A token in
the log's file says whose claims and commits count: it holds even where somebody deletes the lock's file.
"""

import fcntl
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from infra.log.base import Claim, Partition
from infra.log.local_file import SQL, in_plain_words
from infra.log.local_writer import Writer

Row = tuple[int, int, int | None, int | None, int]
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(slots=True)
class Owned:
    """A topic of ours. `position` is the next offset to hand out; `held` a left claim not yet dealt with.

    What lies before `again_until` had been handed out before the group was set back.
    """

    partition: Partition
    topic: int
    position: int
    owner: str
    lock: int
    again_until: int
    held: Claim | None = None

    def release(self) -> None:
        os.close(self.lock)


def check_name(name: str) -> str:
    """Topics and groups name files, so they must be plain words. Raises `ValueError`."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a topic or a group: use letters, digits, - and _")
    return name


def take(path: Path, writer: Writer, group: str, topic: str) -> Owned | None:
    """Become the topic's reader, or None while another one is alive. Raises `LogUnavailable`."""
    lock = lock_reading(path, group, topic)
    if lock is None:
        return None
    try:
        return _enter(writer, group, topic, lock)
    except BaseException:
        os.close(lock)
        raise


def _enter(writer: Writer, group: str, topic: str, lock: int) -> Owned:
    owner = secrets.token_hex(8)
    names = {"group": group, "topic": topic, "owner": owner}

    def enter(connection: Connection) -> Row:
        connection.execute(SQL["add_topic"], names)
        connection.execute(SQL["add_reading"], names)
        row: Row = connection.execute(SQL["own_reading"], names).fetchone()
        return row

    number, position, first, last, again_until = writer.run(enter)
    partition = Partition(topic, 0)
    return Owned(partition, number, position, owner, lock, again_until, left_claim(partition, first, last))


def left_claim(partition: Partition, first: int | None, last: int | None) -> Claim | None:
    return None if first is None or last is None else Claim(partition, first, last)


def lock_reading(path: Path, group: str, topic: str) -> int | None:
    """The open, locked file, or None where a reader has locked it. Raises `LogUnavailable`."""
    folder = Path(f"{path}-readers")
    with in_plain_words(path):
        folder.mkdir(mode=0o700, exist_ok=True)
        file = os.open(folder / f"{group}.{topic}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
    return file
