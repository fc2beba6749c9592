"""A service that is killed, by SIGKILL, while it sends a mail."""

import signal
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.views.ledger import MailState
from api.views.moments import EVERY_WORKDAY, Rhythm
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.api.test_service import await_that
from tests.api.views.conftest import ANNA, OWNER, mails, tell
from tests.api.views.mail_gate import mail_gate
from tests.attribution.world import World
from tests.migrated import lay_warehouse
from tests.postfix_fixture import Postfix


def opened(folder: Path) -> Services:
    return Services(read_settings(data=folder / "data", timezone="UTC", load_interval_ms=1, _env_file=None))


def asked_for(folder: Path) -> None:
    """A view whose mail is to be sent now, in a data folder that nobody has open."""
    lay_warehouse(folder / "data")
    services = opened(folder)
    tell(World(services))
    view = services.saved_views.save("January", "/channels?from=2026-01-01&to=2026-01-31", viewer=OWNER)
    schedule = services.schedules.add(view.id, "xlsx", Rhythm(EVERY_WORKDAY, 0, 9), [ANNA], viewer=OWNER, paused=True)
    services.mail_ledger.ask(schedule)
    services.close()


def state(folder: Path) -> MailState:
    services = opened(folder)
    ((found,),) = (mails(services),)
    services.close()
    return found.state


@pytest.mark.parametrize(
    ("moment", "left", "letters"),
    [("recipient", MailState.PREPARING, 1), ("handed", MailState.HANDING, 2)],
)
def test_whoever_comes_next_sends_it(
    tmp_path: Path, postfix: Postfix, moment: str, left: MailState, letters: int
) -> None:
    """Once, unless the server had it and could not say so any more: then again, under the same id."""
    asked_for(tmp_path)
    with mail_gate(postfix.port) as gate:
        mail = {"CLOSEDLOOP_SMTP": f"smtp://127.0.0.1:{gate.port}", "CLOSEDLOOP_MAIL_FROM": "reports@holding.example"}
        with serving(tmp_path, CLOSEDLOOP_TIMEZONE="UTC", **mail) as (victim, _):
            setattr(gate, f"on_{moment}", victim.kill)
            victim.wait(timeout=60)
            assert victim.returncode == -signal.SIGKILL
        assert len(postfix.letters("anna", letters - 1)) == letters - 1
        assert state(tmp_path) == left

        gate.on_recipient = gate.on_handed = lambda: None
        with serving(tmp_path, CLOSEDLOOP_TIMEZONE="UTC", **mail):
            postfix.letters("anna", letters)
            await_that(lambda: state(tmp_path) == MailState.SENT, "sent")
    found = postfix.letters("anna", letters)
    assert len(found) == letters
    assert len({letter["Message-ID"] for letter in found}) == 1
