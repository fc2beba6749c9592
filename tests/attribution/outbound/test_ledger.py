"""The ledger and the register of destinations, on both operational databases."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from attribution.outbound.export import Destination
from attribution.outbound.ledger import Count, Handover, Ledger, Plan, count_handovers
from attribution.outbound.options import Options, read_options
from attribution.outbound.register import DestinationRegister
from attribution.outbound.system import Receipt, State, Verdict
from attribution.outbound.tables import destinations
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from infra.secrets import SecretBox

NOW = datetime(2026, 7, 1, tzinfo=UTC)
AT = NOW - timedelta(days=1)
LATER = NOW + timedelta(minutes=30)
OPTIONS = Options(conversions={"sale": "won", "lead": "made"}, since=date(2026, 6, 1))
KEY = ("sale", "d1")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def register(database: Engine, clock: FrozenClock) -> DestinationRegister:
    register = DestinationRegister(database, SecretBox("key"), clock)
    register.connect(Destination("north", "meta", OPTIONS, {"access_token": "hidden"}), author="test")
    return register


@pytest.fixture
def ledger(database: Engine, clock: FrozenClock, register: DestinationRegister) -> Ledger:
    return Ledger(database, clock, "north")


def planned(*ids: str, value: str = "99.9900", kind: str = "sale") -> list[Plan]:
    return [Plan(kind, key, AT, State.PLANNED, "", Decimal(value)) for key in ids]


def the_row(ledger: Ledger) -> Handover:
    return ledger.rows(AT)[KEY]


def states(ledger: Ledger) -> Mapping[str, State]:
    return {row.conversion: row.state for row in ledger.in_state(*State)}


def test_a_conversion_has_one_row_and_is_handed_over_once(ledger: Ledger) -> None:
    ledger.plan(planned("d1", "d2"))
    ledger.begin({KEY: Decimal(99)}, "b1")
    assert states(ledger) == {"d1": State.SENDING, "d2": State.PLANNED}
    ledger.settle("b1", Receipt("r1"), LATER)
    row = the_row(ledger)
    assert (row.state, row.receipt, row.value_sent, row.sent_at) == (State.SENT, "r1", Decimal(99), NOW)
    assert row.begun_at is None
    assert ledger.next_check() == LATER
    ledger.judge("r1", {"sale": Verdict(State.ACCEPTED)}, None)
    assert the_row(ledger).state is State.ACCEPTED
    assert ledger.next_check() is None


def test_a_new_plan_keeps_what_was_sent(ledger: Ledger) -> None:
    ledger.plan(planned("d1"))
    ledger.begin({KEY: Decimal("99.99")}, "b1")
    ledger.settle("b1", Receipt("r1", State.ACCEPTED), None)
    ledger.plan(planned("d1", value="120.5"))
    row = the_row(ledger)
    assert (row.state, row.value, row.value_sent) == (State.PLANNED, Decimal("120.5"), Decimal("99.99"))


def test_what_was_refused_whole_is_planned_again_as_if_nothing_had_been(ledger: Ledger, clock: FrozenClock) -> None:
    ledger.plan(planned("d1"))
    ledger.begin({KEY: None}, "b1")
    ledger.release("b1")
    assert (the_row(ledger).state, the_row(ledger).begun_at) == (State.PLANNED, None)
    clock.advance(timedelta(hours=1))
    ledger.begin({KEY: None}, "b2")
    assert the_row(ledger).begun_at == NOW + timedelta(hours=1)


def test_what_is_repeated_keeps_its_first_moment(ledger: Ledger, clock: FrozenClock) -> None:
    ledger.plan(planned("d1"))
    ledger.begin({KEY: None}, "b1")
    ledger.repeat("b1")
    clock.advance(timedelta(hours=1))
    ledger.begin({KEY: None}, "b2")
    assert the_row(ledger).begun_at == NOW
    ledger.doubt("b1", "not this one")
    assert the_row(ledger).state is State.SENDING
    ledger.doubt("b2", "it may be there")
    assert (the_row(ledger).state, the_row(ledger).reason) == (State.UNCERTAIN, "it may be there")
    ledger.plan_again(State.UNCERTAIN)
    assert (the_row(ledger).state, the_row(ledger).begun_at) == (State.PLANNED, None)


def test_a_verdict_reaches_its_kind_of_its_request_alone(ledger: Ledger) -> None:
    ledger.plan([*planned("d1", "d2"), *planned("l1", kind="lead")])
    ledger.begin({KEY: None, ("lead", "l1"): None}, "b1")
    ledger.settle("b1", Receipt("r1"), LATER)
    ledger.begin({("sale", "d2"): None}, "b2")
    ledger.settle("b2", Receipt("r2"), LATER)
    ledger.judge("r1", {"sale": Verdict(State.REJECTED, "INVALID_GCLID")}, NOW + timedelta(hours=1))
    assert states(ledger) == {"d1": State.REJECTED, "d2": State.SENT, "l1": State.SENT}
    assert the_row(ledger).reason == "INVALID_GCLID"


def test_rows_of_another_destination_are_not_touched(
    ledger: Ledger, register: DestinationRegister, database: Engine, clock: FrozenClock
) -> None:
    register.connect(Destination("south", "meta", OPTIONS), author="test")
    other = Ledger(database, clock, "south")
    for each in (ledger, other):
        each.plan(planned("d1"))
        each.begin({KEY: None}, "b1")
    ledger.settle("b1", Receipt("r1", State.ACCEPTED), None)
    ledger.reject({KEY: "no"})
    assert states(other) == {"d1": State.SENDING}
    assert count_handovers(database) == [
        Count("north", "sale", "rejected", "no", 1), Count("south", "sale", "sending", "", 1),
    ]  # fmt: skip
    register.remove("south", author="test")
    assert [each.destination for each in count_handovers(database)] == ["north"]


def test_many_rows_are_planned_at_once_and_again(ledger: Ledger) -> None:
    ids = [f"d{n}" for n in range(3000)]
    for value in ("1", "2"):
        ledger.plan(planned(*ids, value=value))
    assert {row.value for row in ledger.rows(AT).values()} == {Decimal(2)}
    assert len(ledger.in_state(State.PLANNED)) == 3000


def test_secrets_are_encrypted_and_never_told(register: DestinationRegister, database: Engine) -> None:
    assert register.get("north").secrets == {"access_token": "hidden"}
    assert "hidden" not in repr(register.get("north"))
    with database.connect() as connection:
        assert b"hidden" not in connection.execute(select(destinations.c.secrets)).scalar_one()
        assert "hidden" not in str(connection.scalar(select(audit_log.c.after)))


def test_a_destination_can_be_changed_but_not_into_another_system(register: DestinationRegister) -> None:
    changed = OPTIONS.model_copy(update={"since": date(2026, 6, 15)})
    register.connect(Destination("north", "meta", changed), author="test")
    assert register.get("north").since == date(2026, 6, 15)
    with pytest.raises(InvalidInput, match="already"):
        register.connect(Destination("north", "google", OPTIONS), author="test")
    with pytest.raises(InvalidInput, match="cannot name"):
        register.connect(Destination("No Name", "meta", OPTIONS), author="test")
    with pytest.raises(NotFound):
        register.get("south")


def test_one_sender_at_a_time_has_a_destination(register: DestinationRegister, clock: FrozenClock) -> None:
    assert register.lease_due(run=1) == "north"
    assert register.lease_due(run=1) is None
    assert not register.lease("north")
    clock.advance(timedelta(minutes=11))  # it died
    assert register.lease("north")


def test_a_destination_is_due_for_a_new_run_a_check_or_a_next_try(
    register: DestinationRegister, clock: FrozenClock
) -> None:
    assert register.lease_due(run=3) == "north"
    register.finish("north", seen_run=3, next_at=LATER)
    assert register.lease_due(run=3) is None
    assert register.lease_due(run=4) == "north"
    register.finish("north", seen_run=4, next_at=LATER)
    clock.advance(timedelta(minutes=31))
    assert register.lease_due(run=4) == "north"
    register.fail("north", "it is down", not_before=timedelta(0))
    assert register.lease_due(run=5) is None  # a new run does not hurry one that is down
    clock.advance(timedelta(seconds=30))
    assert register.lease_due(run=5) == "north"


def test_a_destination_that_fails_is_tried_ever_more_slowly(register: DestinationRegister, clock: FrozenClock) -> None:
    pauses = []
    for _ in range(9):
        register.fail("north", "it is down", not_before=timedelta(0))
        (state,) = register.states()
        assert state.next_at is not None
        pauses.append((state.next_at - clock.now()).total_seconds())
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]
    register.fail("north", "it is down", not_before=timedelta(hours=5))
    assert register.states()[0].next_at == NOW + timedelta(hours=5)


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"conversions": "{}"}, "conversions"),
        ({"conversions": "no json"}, "conversions"),
        ({"conversions": '{"purchase": "won"}'}, "conversions"),
        ({"conversions": '{"sale": ""}'}, "conversions"),
        ({"conversions": '{"sale": "won", "visit": "won"}'}, "conversions"),
        ({"value": "price"}, "value"),
        ({"consent": "yes"}, "consent"),
        ({"since": "yesterday"}, "since"),
    ],
)
def test_wrong_options_are_named(told: dict[str, str], where: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_options({"conversions": '{"sale": "won"}', "since": "2026-06-01"} | told)
    assert raised.value.where == where
