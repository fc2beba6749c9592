"""A service that is killed, by SIGKILL, while it hands a reminder over: the next one sends it."""

import signal
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import select, update

from api.views.ledger import MailState
from api.views.tables import mailings
from planning.approval.process import read_process
from planning.approval.tables import plan_approvals
from tests.api.cli.closedloop import serving
from tests.api.reminders.conftest import open_holding, tell
from tests.api.test_service import await_that
from tests.api.views.mail_gate import mail_gate
from tests.postfix_fixture import Postfix


def late_plan(folder: Path, port: int) -> None:
    """Whose dealers' deadline was yesterday, in a data folder that nobody has open; reminders go out at any hour."""
    services = open_holding(folder / "data", port)
    kept = services.processes.newest()
    told = {**kept.process.as_dict(), "reminders": {"before": [], "after": [0, 1, 2], "hour": 0}}
    services.processes.replace(read_process(told), author="t", based_on=0)
    tell(services)
    yesterday = datetime.now(UTC).astimezone(services.environment.zone).date() - timedelta(days=1)
    with services.database.begin() as connection:
        connection.execute(update(plan_approvals).values(due_on=yesterday))
    services.close()


def states(folder: Path, port: int) -> list[str]:
    services = open_holding(folder / "data", port)
    with services.database.connect() as connection:
        found = list(connection.scalars(select(mailings.c.state)))
    services.close()
    return found


@pytest.mark.parametrize(
    ("moment", "left", "letters"),
    [("recipient", MailState.PREPARING, 1), ("handed", MailState.HANDING, 2)],
)
def test_whoever_comes_next_sends_it(
    tmp_path: Path, postfix: Postfix, moment: str, left: MailState, letters: int
) -> None:
    """Once, unless the server had it and could not say so any more: then again, under the same id."""
    late_plan(tmp_path, postfix.port)
    with mail_gate(postfix.port) as gate:
        mail = {
            "CLOSEDLOOP_SMTP": f"smtp://127.0.0.1:{gate.port}", "CLOSEDLOOP_MAIL_FROM": "plans@holding.example",
            "CLOSEDLOOP_TIMEZONE": "Europe/Moscow",
        }  # fmt: skip
        known: Future[Popen[str]] = Future()
        setattr(gate, f"on_{moment}", lambda: known.result(timeout=60).kill())
        with serving(tmp_path, **mail) as (victim, _):
            known.set_result(victim)
            victim.wait(timeout=60)
            assert victim.returncode == -signal.SIGKILL
        assert len(postfix.letters("anna", letters - 1)) == letters - 1
        assert states(tmp_path, postfix.port) == [left]

        gate.on_recipient = gate.on_handed = lambda: None
        with serving(tmp_path, **mail):
            postfix.letters("anna", letters)
            await_that(lambda: states(tmp_path, postfix.port) == [MailState.SENT], "sent")
    found = postfix.letters("anna", letters)
    assert len(found) == letters
    assert len({letter["Message-ID"] for letter in found}) == 1
