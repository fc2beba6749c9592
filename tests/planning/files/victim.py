"""A process that keeps files until it is killed: `python -m tests.planning.files.victim DATABASE FOLDER`."""

import io
import sys
from pathlib import Path

from infra.clock import SystemClock
from infra.database import open_database
from planning.files import FileFolder, FileStore, Subject


def content_of(number: int) -> bytes:
    return f"file {number} ".encode() * 20_000


def keep_for_ever(address: str, folder: str) -> None:
    """Say each number once its file is kept."""
    store = FileStore(open_database(address), FileFolder(Path(folder), 10**9), SystemClock())
    number = 0
    while True:
        store.add(Subject("thing", 1), io.BytesIO(content_of(number)), f"{number}.txt", author="t")
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


if __name__ == "__main__":
    keep_for_ever(*sys.argv[1:])
