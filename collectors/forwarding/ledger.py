"""The ledger of forwarding: one row a CRM and lead, so that no lead is handed over twice.

    waiting ──► sending ──► sent
       ▲           │
       └── looked: │ not there
                   ▼
    failed     uncertain     skipped

A row is `sending` before its call goes out. Whoever is killed, or gets no answer, leaves it so: then the CRM is looked
into first. `failed` and `uncertain` are given up until somebody says otherwise; the latter may be in the CRM.

What is to be handed over is kept sealed until it is, and no longer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, select, update

from collectors.forwarding.tables import forward_targets, forwards
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.secrets import SecretBox

_its = forwards.c
_SHOWN = (
    _its.target, _its.lead, _its.kind, _its.dealer, _its.created_at, _its.arrived_at, _its.state, _its.reason,
    _its.visit_number, _its.remote, _its.tries, _its.next_at, _its.sent_at,
)  # fmt: skip
_MOST_AT_ONCE = 500
KEPT = timedelta(days=30)
"""How long what was given up is kept to be tried again."""


class State(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


OPEN = (State.WAITING.value, State.SENDING.value)
GIVEN_UP = (State.FAILED.value, State.UNCERTAIN.value)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead that is to be handed over, or skipped for a `reason`. `person` is a mark of its phone or e-mail.

    `lead` is the canonical lead; `origin` is what of it is no personal data.
    """

    target: str
    id: str
    kind: str
    dealer: str
    created_at: datetime
    lead: Mapping[str, Any]
    origin: Mapping[str, Any]
    person: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """A row that is to be seen to. `begun_at` is when its last call went out."""

    id: str
    state: State
    lead: Mapping[str, Any]
    created_at: datetime
    arrived_at: datetime
    begun_at: datetime | None
    tries: int
    visit_number: str


@dataclass(frozen=True, slots=True)
class Forward:
    """What the ledger says of one lead and CRM. Moments are in UTC."""

    target: str
    lead: str
    kind: str
    dealer: str
    created_at: datetime
    arrived_at: datetime
    state: str
    reason: str
    visit_number: str
    remote: str
    tries: int
    next_at: datetime | None
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handed:
    """A lead that was handed to a CRM: its id here, that of the CRM, and where it came from."""

    lead: str
    remote: str
    kind: str
    origin: Mapping[str, Any]


class ForwardLedger:
    """Safe to use from several threads and processes. Everything raises `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, box: SecretBox, clock: Clock) -> None:
        self._engine = engine
        self._box = box
        self._clock = clock

    def arrive(self, arrivals: Sequence[Arrival], repeat: Mapping[str, timedelta]) -> None:
        """Write what has come, once each; a later version of a lead counts until the first call goes out.

        Who asked the same dealer within `repeat` (by target) is skipped.
        """
        now = self._clock.now()
        with self._engine.begin() as connection:
            old = _its.state.in_(GIVEN_UP) & _its.sealed.isnot(None) & (_its.arrived_at < now - KEPT)
            connection.execute(update(forwards).where(old).values(sealed=None))
            for each in arrivals:
                reason = each.reason or self._repeats(connection, each, now - repeat[each.target])
                self._put(connection, each, reason, now)

    def came_back(self, leads: Collection[str], target: str) -> None:
        """The CRM told of these leads: they are there, whatever we know of it."""
        lost = (_its.state.in_((State.SENDING.value, *GIVEN_UP)), _its.lead.in_(list(leads)))
        self._change(target, {**_sent(self._clock.now()), "reason": "the CRM told of it"}, *lost)

    def due(self, target: str, most: int) -> list[Due]:
        """Those that have waited longest, first."""
        chosen = (_its.target == target) & _its.state.in_(OPEN) & (_its.next_at <= self._clock.now())
        rows = select(forwards).where(chosen).order_by(_its.next_at, _its.arrived_at, _its.lead).limit(most)
        with self._engine.connect() as connection:
            return [self._due(row) for row in connection.execute(rows)]

    def begin(self, target: str, lead: str, *, visit_number: str, look_at: datetime) -> None:
        """The call is about to go out. Where nobody notes its end, the CRM is looked into at `look_at`."""
        values = {"state": State.SENDING.value, "begun_at": self._clock.now(), "tries": _its.tries + 1}
        self._change(target, {**values, "next_at": look_at, "visit_number": visit_number}, _its.lead == lead)

    def settle(self, target: str, lead: str, remote: str) -> None:
        """The CRM has it, under this id."""
        self._change(target, {**_sent(self._clock.now()), "remote": remote, "reason": ""}, _its.lead == lead)

    def wait(self, target: str, lead: str, until: datetime, why: str = "") -> None:
        """Nothing was taken: again at that time."""
        values = {"state": State.WAITING.value, "next_at": until, "reason": why}
        self._change(target, values, _its.lead == lead)

    def put_off(self, target: str, lead: str, until: datetime, why: str) -> None:
        """Nobody knows what became of it: as it stands, again at that time."""
        self._change(target, {"next_at": until, "reason": why}, _its.lead == lead)

    def doubt(self, target: str, lead: str, why: str) -> None:
        """It may be there, and the CRM cannot be asked whether it is."""
        values = {"state": State.UNCERTAIN.value, "next_at": None, "reason": why}
        self._change(target, values, _its.lead == lead)

    def give_up(self, target: str, arrived_before: datetime, why: str, *chosen: str) -> int:
        """Of those that arrived before then (and are `chosen`, where any are named); how many there were."""
        old = [_its.arrived_at < arrived_before] + ([_its.lead.in_(chosen)] if chosen else [])
        values = {"next_at": None, "reason": why}
        waiting = {**values, "state": State.FAILED.value}
        sending = {**values, "state": State.UNCERTAIN.value}
        return self._change(target, waiting, _its.state == State.WAITING.value, *old) + self._change(
            target, sending, _its.state == State.SENDING.value, *old
        )

    def retry(self, target: str, leads: Sequence[str] = ()) -> int:
        """Somebody wants those that were given up tried again, for two days from now; how many there were."""
        now = self._clock.now()
        named = [_its.sealed.isnot(None)] + ([_its.lead.in_(leads)] if leads else [])
        again = {"arrived_at": now, "next_at": now, "tries": 0}
        failed = {**again, "state": State.WAITING.value}
        uncertain = {**again, "state": State.SENDING.value, "begun_at": None}
        return self._change(target, failed, _its.state == State.FAILED.value, *named) + self._change(
            target, uncertain, _its.state == State.UNCERTAIN.value, *named
        )

    def hurry(self, target: str) -> None:
        """What waits for its next try is due now."""
        self._change(target, {"next_at": self._clock.now()}, _its.state == State.WAITING.value)

    def states(self) -> list[dict[str, Any]]:
        """How many leads stand where: `target, state, count`, and since when the oldest of them."""
        groups = (_its.target, _its.state)
        figures = (func.count().label("count"), func.min(_its.arrived_at).label("oldest"))
        with self._engine.connect() as connection:
            rows = connection.execute(select(*groups, *figures).group_by(*groups).order_by(*groups))
            return [dict(row._mapping) for row in rows]

    def find(self, *, target: str = "", state: str = "", lead: str = "", most: int = 100) -> list[Forward]:
        """The newest first."""
        wanted = {_its.target: target, _its.state: state, _its.lead: lead}
        chosen = and_(True, *(column == value for column, value in wanted.items() if value))
        rows = select(*_SHOWN).where(chosen).order_by(_its.arrived_at.desc(), _its.lead).limit(most)
        with self._engine.connect() as connection:
            return [Forward(**row._mapping) for row in connection.execute(rows)]

    def handed(self, *, leads: Collection[str] = (), remotes: Collection[str] = ()) -> list[Handed]:
        """Those of these ids, here or in the CRM, that went out."""
        found: list[Handed] = []
        with self._engine.connect() as connection:
            for column, asked in ((_its.lead, sorted(leads)), (_its.remote, sorted(remotes))):
                for start in range(0, len(asked), _MOST_AT_ONCE):
                    chosen = column.in_(asked[start : start + _MOST_AT_ONCE])
                    rows = select(_its.lead, _its.remote, _its.kind, _its.origin).where(
                        chosen, _its.begun_at.isnot(None)
                    )
                    found += [Handed(**row._mapping) for row in connection.execute(rows)]
        return found

    def is_used(self) -> bool:
        """Whether any CRM is connected."""
        with self._engine.connect() as connection:
            return connection.scalar(select(forward_targets.c.id).limit(1)) is not None

    def _repeats(self, connection: Connection, each: Arrival, since: datetime) -> str:
        """Why it is one of a person who has just asked; empty where it is not."""
        if not each.person:
            return ""
        same = (_its.target == each.target) & (_its.person == each.person) & (_its.dealer == each.dealer)
        before = same & (_its.lead != each.id) & (_its.arrived_at > since) & (_its.state != State.SKIPPED.value)
        first = connection.scalar(select(_its.lead).where(before).limit(1))
        return f"the same person asked a moment before: {first}" if first else ""

    def _put(self, connection: Connection, each: Arrival, reason: str, now: datetime) -> None:
        told = {
            "kind": each.kind, "dealer": each.dealer, "created_at": each.created_at, "origin": dict(each.origin),
            "state": (State.SKIPPED if reason else State.WAITING).value, "reason": reason, "person": each.person,
            "sealed": None if reason else self._seal(each.lead), "next_at": None if reason else now,
        }  # fmt: skip
        first = {"arrived_at": now, "visit_number": "", "remote": "", "tries": 0}
        put = insert_or_meet(connection, forwards).values({"target": each.target, "lead": each.id, **first, **told})
        untried = _its.state.in_((State.WAITING.value, State.SKIPPED.value)) & (_its.tries == 0)
        connection.execute(put.on_conflict_do_update(index_elements=["target", "lead"], set_=told, where=untried))

    def _seal(self, lead: Mapping[str, Any]) -> bytes:
        return self._box.close({"lead": orjson.dumps(lead).decode()})

    def _due(self, row: Row[Any]) -> Due:
        lead = orjson.loads(self._box.open(row.sealed)["lead"])
        return Due(
            row.lead, State(row.state), lead, row.created_at, row.arrived_at, row.begun_at, row.tries,
            row.visit_number,
        )  # fmt: skip

    def _change(self, target: str, values: Mapping[str, object], *chosen: ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            change = update(forwards).where(_its.target == target, *chosen).values(dict(values))
            return connection.execute(change).rowcount


def _sent(now: datetime) -> dict[str, object]:
    return {"state": State.SENT.value, "sent_at": now, "next_at": None, "sealed": None}
