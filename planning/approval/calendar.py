"""A feed of deadlines for calendars: RFC 5545, found under a secret address that can be made anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import Connection, Engine, select

from infra.access.tokens import hash_of, new_token
from infra.clock import Clock
from infra.database import insert_or_meet
from planning.approval.approvals import Approval, approvals_in, submissions_of
from planning.approval.inbox import plan_names, scope_name
from planning.approval.people import Actor
from planning.approval.states import ApprovalState
from planning.approval.tables import calendar_feeds
from planning.dimensions import known_network

_its = calendar_feeds.c


class CalendarFeeds:
    """Safe to use from several threads and processes. Only hashes of the addresses are kept."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def renew(self, person: str) -> str:
        """The secret part of the address, which is told here alone; the one before leads nowhere from now on."""
        token = new_token()
        row = {"person": person, "token_hash": hash_of(token), "made_at": self._clock.now()}
        with self._engine.begin() as connection:
            put = insert_or_meet(connection, calendar_feeds).values(row)
            told = {name: put.excluded[name] for name in ("token_hash", "made_at")}
            connection.execute(put.on_conflict_do_update(index_elements=["person"], set_=told))
        return token

    def has_one(self, person: str) -> bool:
        with self._engine.connect() as connection:
            return connection.scalar(select(_its.person).where(_its.person == person)) is not None

    def whose(self, token: str) -> str | None:
        """The e-mail; None for an address that was never given out, or was renewed."""
        with self._engine.connect() as connection:
            found: str | None = connection.scalar(select(_its.person).where(_its.token_hash == hash_of(token)))
        return found


@dataclass(frozen=True, slots=True)
class Deadline:
    """An approval that has one; `scope` is the dealer, brand or holding, as people call it."""

    approval: Approval
    plan: str
    stage: str
    scope: str
    instruction: str


def deadlines_of(connection: Connection, actor: Actor) -> Sequence[Deadline]:
    """Of what asks the person, or will."""
    unfinished = approvals_in(connection, ApprovalState.OPEN, ApprovalState.WAITING)
    asked = [each for each in unfinished if each.due_on and actor.is_asked(each)]
    submissions = submissions_of(connection, [each.version for each in asked])
    names, network = plan_names(connection, [each.version for each in asked]), known_network(connection)
    found = []
    for each in asked:
        stage = submissions[each.version].stage(each.stage)
        found.append(Deadline(each, names[each.version], stage.title, scope_name(each, network), stage.instruction))
    return found


def calendar_of(deadlines: Sequence[Deadline], *, name: str, address: str, host: str, now: datetime) -> bytes:
    """Each deadline a day. `address` is where the service answers, `host` what uids end with; both stay as they are."""
    calendar = Calendar()
    calendar.add("prodid", "-//Closed Loop//Deadlines of plans//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for deadline in deadlines:
        calendar.add_component(_event(deadline, address, host, now))
    return bytes(calendar.to_ical())


def _event(deadline: Deadline, address: str, host: str, now: datetime) -> Event:
    approval = deadline.approval
    event = Event()
    event.add("uid", f"approval-{approval.id}@{host}")
    event.add("dtstamp", now)
    event.add("sequence", approval.revision)
    due = approval.due_on or date.max
    event.add("dtstart", due)
    event.add("dtend", due + timedelta(days=1))
    event.add("summary", ": ".join(filter(None, (deadline.plan, deadline.stage, deadline.scope))))
    link = f"{address}/plans/approvals/{approval.id}"
    event.add("description", "\n\n".join(filter(None, (deadline.instruction, link))))
    event.add("url", link)
    event.add("transp", "TRANSPARENT")
    event.add("status", "CONFIRMED" if approval.state is ApprovalState.OPEN else "TENTATIVE")
    return event
