"""Several processes behind one port: each does the same work, and one that is killed is started again."""

import logging
import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess

import typer

_log = logging.getLogger(__name__)
_spawn = multiprocessing.get_context("spawn")
Work = Callable[[socket.socket], None]


def run_workers(count: int, work: Work, door: socket.socket) -> None:
    """Until interrupted. Raises `typer.Exit` where a worker gives up by itself: it has said why."""
    workers = [_start(work, door) for _ in range(count)]
    try:
        while True:
            wait([worker.sentinel for worker in workers])
            workers = [_replaced(worker, work, door) for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


def _start(work: Work, door: socket.socket) -> SpawnProcess:
    worker = _spawn.Process(target=_run, args=(work, door), daemon=True)
    worker.start()
    return worker


def _replaced(worker: SpawnProcess, work: Work, door: socket.socket) -> SpawnProcess:
    if worker.is_alive():
        return worker
    if worker.exitcode and worker.exitcode > 0:
        raise typer.Exit(worker.exitcode)
    _log.warning("a worker has ended (%s) and is started again", worker.exitcode)
    return _start(work, door)


def _run(work: Work, door: socket.socket) -> None:
    threading.Thread(target=_follow_parent, daemon=True).start()
    try:
        work(door)
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from None


def _follow_parent() -> None:
    """Nobody would stop a worker whose parent was killed, and the port would stay taken."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
