"""The collector without its work: it receives each request, and answers 202 without having looked into the body."""

import socket

from api.cli.serve import bind, collect_at
from api.cli.workers import run_workers
from api.routes import collect
from collectors.intake import Intake, Outcome
from infra.settings import read_settings


def answer_at(door: socket.socket) -> None:
    collect.__dict__["_read"] = lambda *_: None
    Intake.keep = lambda *_: Outcome()  # type: ignore[method-assign]
    collect_at(door)


if __name__ == "__main__":
    settings = read_settings()
    run_workers(settings.collector_workers, answer_at, bind(settings))
