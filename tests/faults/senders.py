"""Sources as they should be: each sends its events again until it is told that they are taken."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any

import httpx2 as httpx

from tests.api.test_collect import WRITE

Event = dict[str, Any]
STAGES = ("lead", "qualified", "appointment", "visit", "test_drive", "contract", "sale")
_BATCH = 100
_MOST_SECONDS = 300
_PAUSE = 0.2  # a sender that heeds Retry-After would spend a short test with waiting


def touches(name: str) -> Iterator[list[list[Event]]]:
    """A request at a time, without end."""
    numbers = count()
    while True:
        events = [
            {"id": f"{name}-{number}", "visitor_id": f"v{number % 997}", "occurred_at": "2026-01-31T09:00:00+03:00"}
            for number in islice(numbers, _BATCH)
        ]
        yield [events]


def deals(name: str, chance: random.Random) -> Iterator[list[list[Event]]]:
    """Two requests at a time, without end: all the events of some deals, a sale maybe before its lead."""
    for number in count():
        events = [
            {
                "id": f"{name}-{number}-{deal}-{stage}",
                "deal_id": f"{name}-{number}-{deal}",
                "occurred_at": f"2026-01-{day + 10}T12:00:00+03:00",
                "stage": stage,
                "kind": "new_car",
                "amount": 1000 + day,
            }
            for deal in range(10)
            for day, stage in enumerate(STAGES)
        ]
        chance.shuffle(events)
        half = len(events) // 2
        yield [events[:half], events[half:]]


@dataclass
class Sender:
    """One source's thread. `acknowledged` are the ids of requests that were answered with 202."""

    address: str
    family: str
    groups: Iterator[list[list[Event]]]
    acknowledged: set[str] = field(default_factory=set)
    refusals: int = 0
    wrong: list[str] = field(default_factory=list)

    def run(self, stopping: threading.Event) -> None:
        """Until `stopping` is set, and then until the group at hand is taken."""
        while not stopping.is_set() and not self.wrong:
            for batch in next(self.groups):
                self._send_until_taken(batch)

    def _send_until_taken(self, batch: Sequence[Event]) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while not self._send(batch) and not self.wrong:
            self.refusals += 1
            if time.monotonic() > deadline:
                self.wrong.append(f"refused for {_MOST_SECONDS} s")
            time.sleep(_PAUSE)

    def _send(self, batch: Sequence[Event]) -> bool:
        try:
            answer = httpx.post(f"{self.address}/collect/{self.family}", json=batch, headers=WRITE, timeout=60)
        except httpx.HTTPError:
            return False
        if answer.status_code == 202:
            told = answer.json()
            if told["accepted"] + told["duplicates"] != len(batch):
                self.wrong.append(answer.text)
            self.acknowledged |= {event["id"] for event in batch}
            return True
        if answer.status_code != 503 or int(answer.headers["Retry-After"]) < 1:
            self.wrong.append(f"{answer.status_code} {answer.text}")
        return False


@dataclass
class Sending:
    """Several senders at work; at the end of the block all that they sent is acknowledged."""

    senders: list[Sender]

    def __enter__(self) -> "Sending":
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=each.run, args=(self._stopping,)) for each in self.senders]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        wrong = [each.wrong for each in self.senders if each.wrong]
        assert not wrong, wrong

    def acknowledged(self, family: str) -> set[str]:
        return set[str]().union(*(each.acknowledged for each in self.senders if each.family == family))

    def count(self) -> int:
        return sum(len(each.acknowledged) for each in self.senders)

    def refusals(self) -> int:
        """How often something had to be sent again."""
        return sum(each.refusals for each in self.senders)
