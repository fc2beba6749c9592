"""A process that a test kills, or lets work beside others.

`python -m tests.infra.log.victim ROLE URL TOPIC GROUP …`
"""

import resource
import sys
import time
from collections.abc import Callable

from infra.errors import LogUnavailable
from infra.log.base import Claim, EventLog, NewRecord
from tests.infra.log.contract import claim_of, work
from tests.infra.log.stores import open_store, record


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def append(log: EventLog, topic: str, name: str, count: int) -> None:
    """Say each number once its record is durable."""
    for number in range(count):
        log.append(topic, [record(f"{name} {number}")])
        say(str(number))


def claim(log: EventLog, topic: str, group: str, count: int) -> None:
    """Claim the first `count` records, say so, and do nothing more."""
    reader = log.consumer(group, [topic])
    reader.assigned()
    records = reader.poll(10, count)
    reader.claim(Claim(records[0].partition, records[0].offset, records[-1].offset))
    say(f"{records[0].offset} {records[-1].offset}")
    time.sleep(60)


def fill(log: EventLog, topic: str) -> None:
    """Append until files may not grow any more, say why it ended, and go on once they may."""
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, most))
    count = 0
    try:
        while True:
            log.append(topic, [NewRecord(b"x" * 100_000, 1)])
            count += 1
    except LogUnavailable as error:
        say(f"{count} {error.message} {error.help}")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    log.append(topic, [record("after")])
    say("again")


def outlive(log: EventLog, topic: str, group: str) -> None:
    """Claim; fail in bounded time while the broker is down; finish everything once it is back."""
    log.append(topic, [record("before", 2)])
    reader = log.consumer(group, [topic])
    reader.assigned()
    claim = claim_of(reader.poll(10, 1))
    reader.claim(claim)
    say("claimed")
    sys.stdin.readline()
    for ask in (
        lambda: log.append(topic, [record("during")]),
        lambda: reader.commit(claim),
        lambda: log.backlog(group, topic),
    ):
        say(_outcome(ask))
    sys.stdin.readline()
    log.append(topic, [record("after", 3)])
    reader.rewind()
    finished: list[str] = []
    work(reader, finished, log.backlog(group, topic).records)
    say(" ".join(finished))
    say(str(log.backlog(group, topic).records))
    reader.close()


def _outcome(ask: Callable[[], object]) -> str:
    began = time.monotonic()
    try:
        ask()
    except LogUnavailable:
        return "told" if time.monotonic() - began < 15 else "told too late"
    return "nothing"


def main(role: str, url: str, topic: str, group: str, *rest: str) -> None:
    log = open_store(url)
    if role == "append":
        append(log, topic, rest[0], int(rest[1]))
    elif role == "claim":
        claim(log, topic, group, int(rest[0]))
    elif role == "outlive":
        outlive(log, topic, group)
    else:
        fill(log, topic)
    log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
