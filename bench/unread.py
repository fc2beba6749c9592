"""The collector without its work: `python -m bench.unread [kept]` receives each request and looks into no body.

It answers 202 at once; or, `kept`, once the body as it came is durable in the log, which no collector can do without.
"""

import socket
import sys
from typing import Any

from api.cli.serve import bind, collect_at
from api.cli.workers import run_workers
from api.routes import collect
from bench.load import BATCH
from collectors.intake import Intake, Outcome
from infra.log.base import NewRecord
from infra.settings import read_settings


def answer_at(door: socket.socket) -> None:
    collect.__dict__["_read"] = lambda *_: None
    Intake.keep = lambda *_: Outcome()  # type: ignore[method-assign]
    collect_at(door)


def keep_at(door: socket.socket) -> None:
    collect.__dict__["_read"] = lambda _services, _family, body, *_: body
    Intake.keep = _keep  # type: ignore[method-assign, assignment]
    collect_at(door)


def _keep(intake: Any, body: Any) -> Outcome:
    intake._log.append("touches", [NewRecord(body, BATCH)])
    return Outcome(accepted=BATCH)


if __name__ == "__main__":
    settings = read_settings()
    run_workers(settings.collector_workers, keep_at if "kept" in sys.argv else answer_at, bind(settings))
