"""The ledger of handovers: one row a destination and conversion, so that nothing is handed over twice.

A request's rows are `sending` before it goes out and `sent` or more once its answer has come, each in one transaction.
Whoever is killed in between leaves rows that say so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Engine, bindparam, case, func, select, update

from attribution.outbound.system import Receipt, State, Verdict
from attribution.outbound.tables import handovers
from infra.clock import Clock
from infra.database import insert_or_meet

Key = tuple[str, str]
_its = handovers.c
_KNOWN = (
    _its.kind, _its.conversion, _its.at, _its.state, _its.reason, _its.value, _its.value_sent, _its.batch,
    _its.receipt, _its.begun_at, _its.sent_at, _its.next_check_at,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Handover:
    """What the ledger says of one conversion. Moments are in UTC; values are in the account's currency."""

    kind: str
    conversion: str
    at: datetime
    state: State
    reason: str
    value: Decimal | None
    value_sent: Decimal | None
    batch: str
    receipt: str
    begun_at: datetime | None
    sent_at: datetime | None
    next_check_at: datetime | None

    @property
    def key(self) -> Key:
        return self.kind, self.conversion


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one conversion, and why."""

    kind: str
    conversion: str
    at: datetime
    state: State
    reason: str
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many conversions stand where, and why."""

    destination: str
    kind: str
    state: str
    reason: str
    count: int


class Ledger:
    """The rows of one destination."""

    def __init__(self, engine: Engine, clock: Clock, destination: str) -> None:
        self._engine = engine
        self._clock = clock
        self._mine = _its.destination == destination
        self._destination = destination

    def rows(self, since: datetime) -> dict[Key, Handover]:
        """Of conversions since then."""
        return self._rows(_its.at >= since)

    def in_state(self, *states: State) -> list[Handover]:
        return list(self._rows(_its.state.in_(states)).values())

    def plan(self, plans: Sequence[Plan]) -> None:
        """Write what is to be done, over what was planned before."""
        if not plans:
            return
        empty = {"value_sent": None, "batch": "", "receipt": "", "times": 0}
        rows = [
            {"destination": self._destination, "kind": each.kind, "conversion": each.conversion, "at": each.at,
             "state": each.state.value, "reason": each.reason, "value": each.value, **empty}
            for each in plans
        ]  # fmt: skip
        with self._engine.begin() as connection:
            statement = insert_or_meet(connection, handovers)
            told = {name: statement.excluded[name] for name in ("at", "state", "reason", "value")}
            keys = [_its.destination, _its.kind, _its.conversion]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=told), rows)

    def begin(self, values: Mapping[Key, Decimal | None], batch: str) -> None:
        """These are about to go out with these values. What is repeated keeps the moment at which it went out first."""
        first = case((_its.begun_at.is_(None), self._clock.now()), else_=_its.begun_at)
        change = {"state": State.SENDING.value, "reason": "", "batch": batch, "begun_at": first}
        worth = bindparam("worth", type_=_its.value.type)
        self._each(
            [{"of_kind": kind, "of_id": key, "worth": value} for (kind, key), value in values.items()],
            {**change, "value": worth},
        )

    def release(self, batch: str) -> None:
        """Nothing of the request was taken."""
        values = {"state": State.PLANNED.value, "begun_at": None}
        self._change(values, _its.batch == batch, _its.state == State.SENDING.value)

    def settle(self, batch: str, receipt: Receipt, next_check_at: datetime | None) -> None:
        """The request was taken."""
        values = {
            "state": receipt.state.value, "reason": receipt.why, "receipt": receipt.id, "value_sent": _its.value,
            "sent_at": self._clock.now(), "begun_at": None, "next_check_at": next_check_at, "times": _its.times + 1,
        }  # fmt: skip
        lost = (State.SENDING.value, State.UNCERTAIN.value)
        self._change(values, _its.batch == batch, _its.state.in_(lost))

    def judge(self, receipt: str, verdicts: Mapping[str, Verdict], next_check_at: datetime | None) -> None:
        """What the system said became of a request, by kind of conversion; the others are asked for again."""
        asked = (_its.receipt == receipt, _its.state == State.SENT.value)
        for kind, verdict in verdicts.items():
            values = {"state": verdict.state.value, "reason": verdict.why, "next_check_at": None}
            self._change(values, *asked, _its.kind == kind)
        self._change({"next_check_at": next_check_at}, *asked)

    def reject(self, reasons: Mapping[Key, str]) -> None:
        rows = [{"of_kind": kind, "of_id": key, "why": reason} for (kind, key), reason in reasons.items()]
        self._each(rows, {"state": State.REJECTED.value, "reason": bindparam("why"), "begun_at": None})

    def repeat(self, batch: str) -> None:
        """The request may have been taken, and taking it again changes nothing."""
        self._change({"state": State.PLANNED.value}, _its.batch == batch, _its.state == State.SENDING.value)

    def doubt(self, batch: str, why: str) -> None:
        """The request may have been taken, and taking it again would count twice."""
        values = {"state": State.UNCERTAIN.value, "reason": why}
        self._change(values, _its.batch == batch, _its.state == State.SENDING.value)

    def plan_again(self, *states: State) -> None:
        """Somebody has decided that these go out again."""
        values = {"state": State.PLANNED.value, "reason": "", "begun_at": None}
        self._change(values, _its.state.in_([state.value for state in states]))

    def next_check(self) -> datetime | None:
        """When a request's outcome is to be asked for next."""
        query = select(func.min(_its.next_check_at)).where(self._mine, _its.state == State.SENT.value)
        with self._engine.connect() as connection:
            found: datetime | None = connection.scalar(query)
        return found

    def _rows(self, chosen: ColumnElement[bool]) -> dict[Key, Handover]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(*_KNOWN).where(self._mine, chosen).order_by(_its.at, _its.conversion))
            found = [Handover(**{**row._mapping, "state": State(row.state)}) for row in rows]
        return {each.key: each for each in found}

    def _each(self, rows: Sequence[Mapping[str, object]], values: Mapping[str, object]) -> None:
        if not rows:
            return
        chosen = (self._mine, _its.kind == bindparam("of_kind"), _its.conversion == bindparam("of_id"))
        with self._engine.begin() as connection:
            connection.execute(update(handovers).where(*chosen).values(dict(values)), rows)

    def _change(self, values: Mapping[str, object], *chosen: ColumnElement[bool]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(handovers).where(self._mine, *chosen).values(dict(values)))


def count_handovers(engine: Engine) -> list[Count]:
    """Every destination's conversions by kind, state and reason."""
    groups = (_its.destination, _its.kind, _its.state, _its.reason)
    with engine.connect() as connection:
        rows = connection.execute(select(*groups, func.count().label("count")).group_by(*groups).order_by(*groups))
        return [Count(**row._mapping) for row in rows]
