"""A log that is ill for a while."""

import threading
from collections.abc import Collection, Sequence

from infra.errors import LogUnavailable
from infra.log.base import Backlog, Consumer, EventLog, NewRecord


class Ailing:
    """Refuses its first appends (to these topics, or any), before or after it has made them durable."""

    def __init__(self, log: EventLog, refusals: int, topics: Collection[str] = (), *, after: bool = False) -> None:
        self._log = log
        self._refusals = iter(range(refusals))
        self._topics = topics
        self._after = after
        self._lock = threading.Lock()
        self.refused = 0

    def append(self, topic: str, records: Sequence[NewRecord]) -> None:
        with self._lock:
            ill = (not self._topics or topic in self._topics) and next(self._refusals, None) is not None
            self.refused += ill
        if not ill or self._after:
            self._log.append(topic, records)
        if ill:
            raise LogUnavailable("The disk is full.", help="Send it again later.")

    def consumer(self, group: str, topics: Sequence[str]) -> Consumer:
        return self._log.consumer(group, topics)

    def backlog(self, group: str, topic: str) -> Backlog:
        return self._log.backlog(group, topic)

    def close(self) -> None:
        self._log.close()
