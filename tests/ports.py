"""Ports of this machine, for servers of tests that run side by side."""

import fcntl
import socket
from functools import cache
from io import BufferedWriter
from pathlib import Path
from tempfile import gettempdir

_PORTS = iter(range(20_000, 32_000))  # the kernel takes a client's own port from above


def free_port() -> int:
    """A port on which nobody listens, given to no other test process as long as this one lives, and only once."""
    for port in _PORTS:
        if _reserve(port) and not _is_taken(port):
            return port
    raise RuntimeError("No port from 20000 to 31999 is free.")


def _reserve(port: int) -> bool:
    """Each port is a byte of one file, locked by the process whose port it is; the lock ends with the process."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _reservations() -> BufferedWriter:
    return (Path(gettempdir()) / "closedloop-ports.lock").open("wb")


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return True
        return False
