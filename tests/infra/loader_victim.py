"""Loaders that a test kills.

`python -m tests.infra.loader_victim DATA_FOLDER LOG`, where LOG is `local:///path` or `kafka://servers/topic_prefix`.
For each line that it reads it starts one, in a process of its own, and tells when that is at work, and how it ended.
"""

import os
import sys
import threading
from pathlib import Path

import chdb  # noqa: F401  # loaded once, for all victims

from infra.clock import SystemClock
from infra.loader import Loader
from infra.log import open_log
from infra.log.base import EventLog
from infra.log.kafka import KafkaLog
from infra.settings import read_settings
from infra.warehouse import open_warehouse
from infra.warehouse.migrate import migrate

ROOT = Path(__file__).parents[2]


def open_shared(address: str) -> EventLog:
    """On Kafka: topics of their own on a broker that others use too, and readers that are given up soon."""
    scheme, _, rest = address.partition("://")
    if scheme == "local":
        return open_log(address, SystemClock())
    servers, _, prefix = rest.partition("/")
    return KafkaLog(servers, SystemClock(), topic_prefix=prefix, partitions=2, session_timeout=1.5)


def load(folder: str, address: str) -> None:
    log = open_shared(address)
    warehouse = open_warehouse(read_settings(data=Path(folder), _env_file=None))
    migrate(warehouse, ["infra", "collectors"])
    loader = Loader(log, warehouse, ["touches"], lambda *_: None, batch_events=1, interval_ms=10)
    loader.step(timeout=0)
    say(f"ready {os.getpid()}")
    loader.run(threading.Event())


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(folder: str, address: str) -> None:
    for _ in sys.stdin:
        victim = os.fork()  # before anything is opened: what there is to import is imported once
        if victim == 0:
            load(folder, address)
        _, status = os.waitpid(victim, 0)
        say(f"gone {os.WTERMSIG(status)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
