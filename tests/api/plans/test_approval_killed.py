"""A service that is killed while many agree: what was acknowledged is kept, and every decision has its note."""

import random
import signal
import threading
from pathlib import Path

import httpx2 as httpx
import orjson
from sqlalchemy import select

from api.bootstrap import Services
from api.credentials import COOKIE
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from infra.audit import audit_log
from infra.settings import read_settings
from planning.approval.people import Person
from planning.approval.states import ApprovalState
from planning.editing import Cell
from planning.grid import LineKey
from tests.api.cli.closedloop import serving
from tests.migrated import lay_warehouse

_DEALERS = 60


def test_nothing_that_was_acknowledged_is_lost_and_nothing_is_half_done(tmp_path: Path) -> None:
    services = _opened(tmp_path)
    plan, asked, session = _submitted(services)
    services.close()
    acknowledged: list[int] = []
    with serving(tmp_path, CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (victim, address):
        enough = threading.Event()
        threads = [
            threading.Thread(target=_agree, args=(address, session, plan, asked[part::4], acknowledged, enough))
            for part in range(4)
        ]
        for thread in threads:
            thread.start()
        assert enough.wait(timeout=60)
        victim.kill()
        for thread in threads:
            thread.join()
        victim.wait(timeout=60)
        assert victim.returncode == -signal.SIGKILL

    services = _opened(tmp_path)
    version = services.plans.version_of(plan, 1)
    found = services.approvals.of_version(version.id, person=Person("admin link"))
    agreed = {each.scope: each.id for each in found if each.state is ApprovalState.AGREED}
    with services.database.connect() as connection:
        notes = [row.after for row in connection.execute(select(audit_log.c.after)) if '"state":"agreed"' in row.after]
    services.close()
    assert 0 < len(acknowledged) <= len(agreed) < _DEALERS
    assert set(acknowledged) <= set(agreed.values())
    assert sorted(orjson.loads(each)["scope"] for each in notes) == sorted(agreed)
    assert {each.state for each in found if each.stage == "brands"} == {ApprovalState.WAITING}


def _opened(folder: Path) -> Services:
    lay_warehouse(folder / "data")
    return Services(read_settings(data=folder / "data", _env_file=None))


def _submitted(services: Services) -> tuple[int, list[int], tuple[str, str]]:
    """The plan, what dealers are asked, and the session of an administrator with its token."""
    dealers = tuple(Dealer(id=f"d{at}", brand="Lada") for at in range(_DEALERS))
    replace_reference(services.database, ReferenceDocument(dealers=dealers), author="t", clock=services.clock)
    admin = services.users.add(User("admin@example.com", UserRole.ADMIN), author="t")
    version = services.plans.create("x", 2027, currency="RUB", author="t")
    services.plan_editor.put(version.id, [Cell(LineKey("sales", each.id), 1, 5) for each in dealers], author="t")
    services.approvals.submit(version.id, author="t")
    found = services.approvals.of_version(version.id, person=Person("admin link"))
    token = services.sessions.begin(admin)
    session = services.sessions.find(token)
    assert session
    asked = [each.id for each in found if each.stage == "dealers"]
    random.Random(7).shuffle(asked)
    return version.plan, asked, (token, session.csrf)


def _agree(
    address: str, session: tuple[str, str], plan: int, asked: list[int], done: list[int], enough: threading.Event
) -> None:
    """One after the other, until nobody answers."""
    client = httpx.Client(
        base_url=address, cookies={COOKIE: session[0]}, headers={"X-CSRF-Token": session[1]}, timeout=30
    )
    for key in asked:
        try:
            answer = client.post(f"/api/plans/{plan}/versions/1/approvals/{key}/agree")
        except httpx.TransportError:
            return
        assert answer.status_code == 200, answer.text
        done.append(key)
        if len(done) >= _DEALERS // 3:
            enough.set()
