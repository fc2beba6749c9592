"""A process that approves and cancels until it is killed: `python -m tests.planning.funds.victim DATABASE FOLDER`."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from infra.clock import FrozenClock
from infra.database import open_database
from planning.desk import Desk
from planning.files import FileFolder, FileStore
from planning.funds.states import Act
from tests.planning.funds.work import BEGIN, asked, claimed, decided


def desk_at(address: str, folder: str) -> Desk:
    engine, clock = open_database(address), FrozenClock(BEGIN)
    files = FileStore(engine, FileFolder(Path(folder), 10**6), clock)
    return Desk(engine, clock, ZoneInfo("Europe/Moscow"), "RUB", files)


def work_for_ever(desk: Desk) -> None:
    """Say each step once it is acknowledged."""
    while True:
        wish = asked(desk, 1)
        say(f"{wish.id} {wish.state}")
        approved = decided(desk, wish, Act.APPROVE)
        say(f"{wish.id} {approved.state}")
        sent = claimed(desk, approved)
        say(f"{wish.id} {sent.state}")
        refused = decided(desk, sent, Act.REFUSE_CLAIM, comment="to go on for ever")
        say(f"{wish.id} {refused.state}")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work_for_ever(desk_at(*sys.argv[1:]))
