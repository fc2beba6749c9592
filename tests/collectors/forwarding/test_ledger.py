"""The ledger and the register, on both operational databases."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from collectors.forwarding.ledger import KEPT, Arrival, ForwardLedger, State
from collectors.forwarding.register import LEASE, TargetRegister
from collectors.forwarding.target import Target, read_options
from collectors.visits.issued import VisitNumbers
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from infra.secrets import SecretBox

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
BOX = SecretBox("key")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def register(database: Engine, clock: FrozenClock) -> TargetRegister:
    found = TargetRegister(database, BOX, clock)
    found.connect(Target("own", "webhook", read_options({"since": NOW}), {"url": "https://crm.test"}), author="test")
    return found


@pytest.fixture
def ledger(database: Engine, clock: FrozenClock, register: TargetRegister) -> ForwardLedger:
    return ForwardLedger(database, BOX, clock)


def arrive(ledger: ForwardLedger, *keys: str, person: str = "", reason: str = "", **fields: str) -> None:
    origin = {"kind": "form", "visitor_id": "v"}
    found = [Arrival("own", key, "form", "north", NOW, {"id": key, **fields}, origin, person, reason) for key in keys]
    ledger.arrive(found, {"own": 30 * MINUTE})


def states(ledger: ForwardLedger) -> dict[str, str]:
    return {row.lead: row.state for row in ledger.find()}


def ids(rows: Sequence[object]) -> list[str]:
    return [row.id for row in rows]  # type: ignore[attr-defined]


def test_a_later_version_counts_until_the_call_goes_out(ledger: ForwardLedger, clock: FrozenClock) -> None:
    arrive(ledger, "l1", reason="it is junk")
    arrive(ledger, "l1", name="A")
    arrive(ledger, "l1", name="B")
    (due,) = ledger.due("own", 10)
    assert due.lead["name"] == "B"
    ledger.begin("own", "l1", visit_number="", look_at=clock.now() + MINUTE)
    arrive(ledger, "l1", name="C")
    assert states(ledger) == {"l1": "sending"}
    assert not ledger.due("own", 10)
    ledger.settle("own", "l1", "crm:lead:7")
    arrive(ledger, "l1", name="D")
    assert states(ledger) == {"l1": "sent"}
    assert [(row.lead, row.remote) for row in ledger.handed(remotes=["crm:lead:7"])] == [("l1", "crm:lead:7")]


def test_what_was_given_up_is_forgotten_after_a_month(ledger: ForwardLedger, clock: FrozenClock) -> None:
    arrive(ledger, "l1", "l2")
    ledger.begin("own", "l2", visit_number="", look_at=clock.now())
    clock.advance(timedelta(days=2, seconds=1))
    assert ledger.give_up("own", clock.now() - timedelta(days=2), "no network") == 2
    assert states(ledger) == {"l1": State.FAILED, "l2": State.UNCERTAIN}
    assert ledger.retry("own", ["l1"]) == 1
    assert ids(ledger.due("own", 10)) == ["l1"]
    clock.advance(KEPT)
    arrive(ledger, "l3")
    assert ledger.retry("own") == 0


def test_a_crm_is_served_by_one_sender_at_a_time(
    ledger: ForwardLedger, register: TargetRegister, clock: FrozenClock
) -> None:
    assert register.lease_due() is None
    arrive(ledger, "l1")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: register.lease_due(), range(16)))
    assert [each for each in taken if each] == ["own"]
    clock.advance(LEASE + timedelta(seconds=1))
    assert register.lease_due() == "own"
    register.fail("own", "no network", not_before=timedelta(0))
    assert register.lease_due() is None
    clock.advance(timedelta(seconds=5))
    assert register.lease_due() == "own"
    register.finish("own")
    (state,) = register.states()
    assert (state.failures, state.error) == (0, "")


def test_a_crm_keeps_its_ledger_when_it_is_changed_and_loses_it_when_it_is_removed(
    ledger: ForwardLedger, register: TargetRegister, database: Engine
) -> None:
    arrive(ledger, "l1")
    changed = read_options({"since": NOW, "kinds": "chat"})
    register.connect(Target("own", "webhook", changed, {"url": "https://other.test"}), author="test")
    assert register.get("own").options.kinds == ("chat",)
    assert states(ledger) == {"l1": "waiting"}
    with database.connect() as connection:
        noted = str(connection.exec_driver_sql("select * from audit_log").all())
    assert "forwarding own" in noted
    assert "other.test" not in noted
    with pytest.raises(InvalidInput):
        register.connect(Target("own", "hubspot", changed), author="test")
    with pytest.raises(InvalidInput):
        register.connect(Target("Own CRM", "hubspot", changed), author="test")
    register.remove("own", author="test")
    assert states(ledger) == {}
    with pytest.raises(NotFound):
        register.get("own")


def test_a_visit_has_one_number_however_many_ask(database: Engine, clock: FrozenClock) -> None:
    numbers = VisitNumbers(database, clock)
    with ThreadPoolExecutor(8) as threads:
        drawn = set(threads.map(lambda _: numbers.number_of("v", "s"), range(16)))
    assert len(drawn) == 1
