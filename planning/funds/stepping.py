"""One step of an activity: its state, its money, its story and the audit log change together, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from attribution.visibility import Visibility
from infra.audit import note_change
from infra.errors import Conflict
from planning.desk import Desk
from planning.funds.accruing import expire_due, open_fund
from planning.funds.activity import Activity, activity_of, find_activity
from planning.funds.ledger import Posting
from planning.funds.programme import Programme
from planning.funds.programme_register import find_programme
from planning.funds.states import Act, check_way
from planning.funds.tables import fund_activities, fund_steps

_its = fund_activities.c


@dataclass(frozen=True, slots=True)
class Asked:
    """Who takes a step, what they see, and on which revision of the activity they look."""

    author: str
    seen: Visibility
    based_on: int
    comment: str = ""


class Step:
    """A step under way: `take` keeps it. The dealer's fund is held until the transaction ends."""

    def __init__(self, connection: Connection, desk: Desk, asked: Asked, activity: Activity, act: Act) -> None:
        self.connection = connection
        self.desk = desk
        self.asked = asked
        self.activity = activity
        self.act = act
        self.programme: Programme = find_programme(connection, activity.programme, held=True)
        self.posting: Posting = open_fund(connection, desk, self.programme, activity.dealer, asked.author)

    def take(self, *, amount: int | None = None, **changes: Any) -> Activity:
        """`amount` is what the step is about, for the story. Raises `Conflict` where somebody was there before."""
        now, before = self.desk.clock.now(), self.activity
        state = check_way(before.state, self.act, self.asked.comment).target or before.state
        moved = {"state_since": now} if state is not before.state else {}
        values = {
            **changes, **moved, "state": state.value, "revision": self.asked.based_on + 1,
            "changed_by": self.asked.author, "changed_at": now,
        }  # fmt: skip
        mine = update(fund_activities).where(_its.id == before.id, _its.revision == self.asked.based_on)
        row = self.connection.execute(mine.values(values).returning(fund_activities)).one_or_none()
        if row is None:
            raise changed_meanwhile(before)
        after = activity_of(row)
        note_step(self.connection, after, self.act, self.asked, amount)
        what = f"fund activity {after.id}"
        told = {"act": self.act.value, "comment": self.asked.comment}
        note_change(
            self.connection, self.desk.clock, who=self.asked.author, what=what, before=_json(before, {}),
            after=_json(after, told),
        )  # fmt: skip
        return after

    def release(self) -> int:
        """What is reserved goes back; what has expired meanwhile expires at once."""
        released = self.posting.release(self.activity.id, self.activity.title)
        expire_due(self.posting, self.programme, self.desk.today)
        return released


@contextmanager
def stepping(desk: Desk, key: int, act: Act, asked: Asked) -> Iterator[Step]:
    """Raises `NotFound`, `Conflict` for a stale revision, and `InvalidInput` where no such step leads on."""
    with desk.engine.begin() as connection:
        seen = find_activity(connection, key, asked.seen)
        step = Step(connection, desk, asked, seen, act)
        step.activity = activity = find_activity(connection, key, asked.seen)  # as it is now that its fund is held
        if activity.revision != asked.based_on:
            raise changed_meanwhile(activity)
        check_way(activity.state, act, asked.comment)
        yield step


def changed_meanwhile(activity: Activity) -> Conflict:
    stands = activity.state.value.replace("_", " ")
    return Conflict(
        f"{activity.changed_by} has changed the activity meanwhile: it is {stands} now.",
        where="revision",
        help="Load it again, and decide on what it says now.",
    )


def note_step(connection: Connection, activity: Activity, act: Act, asked: Asked, amount: int | None) -> None:
    """A line of the activity's story."""
    row = {
        "activity": activity.id,
        "revision": activity.revision,
        "act": act.value,
        "state": activity.state.value,
        "amount": amount,
        "comment": asked.comment,
        "at": activity.changed_at,
        "author": asked.author,
    }
    connection.execute(insert(fund_steps), row)


def steps_of(connection: Connection, activity: int) -> list[dict[str, Any]]:
    """The activity's story, from its beginning; amounts in minor units, moments in UTC."""
    its = fund_steps.c
    rows = select(fund_steps).where(its.activity == activity).order_by(its.revision)
    return [dict(row) for row in connection.execute(rows).mappings()]


def _json(activity: Activity, more: dict[str, Any]) -> str:
    return orjson.dumps({**activity.as_dict(), **more}).decode()
