"""Appending to Kafka."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from infra.errors import LogUnavailable
from infra.log.base import NewRecord
from infra.log.kafka_cluster import Cluster
from infra.log.kafka_record import to_headers


class Producing:
    """Safe to use from several threads.

    After an error the producer is given up: an idempotent one that lost a batch may refuse those that follow.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._changing = threading.Lock()
        self._farewells: list[threading.Thread] = []
        self._producer: Any = None
        self._producer = self._current()

    def append(self, topic: str, records: Sequence[NewRecord], timestamp: int) -> None:
        producer = self._current()
        deadline = time.monotonic() + self._cluster.timeout + 1
        try:
            futures = [
                producer.send(topic, value=record.value, headers=to_headers(record.events), timestamp_ms=timestamp)
                for record in records
            ]
            for future in futures:
                future.get(timeout=max(0.0, deadline - time.monotonic()))
        except KafkaError as error:
            self._give_up(producer)
            raise self._cluster.unavailable(error) from error
        except RuntimeError as error:  # so the client says that another thread has closed it meanwhile
            if producer is self._producer:
                raise
            raise self._cluster.unavailable(error) from error

    def close(self) -> None:
        with self._changing:
            producer, self._producer = self._producer, None
        if producer is not None:
            self._close(producer)
        for farewell in self._farewells:
            farewell.join()

    def _current(self) -> Any:
        producer = self._producer
        if producer is not None:
            return producer
        if not self._changing.acquire(timeout=self._cluster.timeout):
            raise LogUnavailable("The event log is being connected to.", help="Try again.")
        try:
            if self._producer is None:
                with self._cluster.in_plain_words():
                    self._producer = KafkaProducer(**self._cluster.producer_settings())
            return self._producer
        finally:
            self._changing.release()

    def _give_up(self, producer: Any) -> None:
        with self._changing:
            if self._producer is not producer:
                return
            self._producer = None
            self._farewells = [each for each in self._farewells if each.is_alive()]
            farewell = threading.Thread(target=self._close, args=(producer,), daemon=True)
            self._farewells.append(farewell)
            farewell.start()

    def _close(self, producer: Any) -> None:
        """The client closes only once its last batches have expired, which the caller must not wait for.

        Where they do not expire, its close fails and leaves its thread running: then they are dropped.
        """
        try:
            producer.close(timeout=2 * self._cluster.timeout)
        except KafkaError:
            producer._sender.force_close()
            with suppress(KafkaError):
                producer.close(timeout=self._cluster.timeout)
