"""Back-pressure: how much may wait to become durable at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from infra.errors import LogUnavailable


class Waiting:
    """Safe to use from several threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._bytes = 0

    @contextmanager
    def room_for(self, size: int) -> Iterator[None]:
        """Be counted while the block waits. What comes alone is let in whatever its size.

        Raises `LogUnavailable` at once where so much waits already that this does not fit.
        """
        with self._lock:
            if self._bytes and self._bytes + size > self._most:
                raise LogUnavailable(
                    f"The event log has {self._bytes >> 20} MiB to write, and takes no more at once.",
                    where="CLOSEDLOOP_LOG_WAITING_MB",
                    help="Send it again after the seconds of Retry-After.",
                )
            self._bytes += size
        try:
            yield
        finally:
            with self._lock:
                self._bytes -= size
