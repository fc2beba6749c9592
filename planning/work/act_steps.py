"""A step of an act: handed in, checked, disputed, accepted, paid, withdrawn."""

from collections.abc import Callable
from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import Connection

from infra.audit import note_change
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.work.act_register import SIGNED, free_number
from planning.work.acts import Act, find_act
from planning.work.asking import Asked, changed_meanwhile, in_json, put_revised
from planning.work.documents import Comment, Day, Told, Word
from planning.work.ordered import settle
from planning.work.people import check_may
from planning.work.states import ACT_WAYS, ActStep, check_act_way
from planning.work.story import note_act
from planning.work.tables import work_acts


class ActStepTold(Told):
    """`day` and `payment` are when it was paid, and under which reference."""

    step: ActStep
    revision: int = Field(ge=1, le=2**31 - 2)
    comment: Comment = ""
    day: Day | None = None
    payment: Word = ""


def step_act(desk: Desk, key: int, told: ActStepTold, asked: Asked) -> Act:
    """Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`."""
    asked = Asked(asked.worker, told.revision, told.comment)
    with desk.engine.begin() as connection:
        before = find_act(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, ACT_WAYS[told.step].party)
        if before.revision != asked.based_on:
            raise changed_meanwhile("act", before.changed_by, before.stands)
        target = check_act_way(before.state, told.step, asked.comment).target or before.state
        now = desk.clock.now()
        more = _MORE.get(told.step, _nothing)(connection, desk, before, told)
        values = {**more, "state": target.value, "state_since": now}
        if not put_revised(connection, work_acts, key, asked, now, values):
            raise changed_meanwhile("act", before.changed_by, before.stands)
        after = find_act(connection, key, asked.worker.seen)
        note_act(connection, after, told.step.value, asked.comment)
        said = {"step": told.step.value, "comment": asked.comment}
        note_change(
            connection, desk.clock, who=asked.author, what=f"act {key}",
            before=in_json(before.as_dict()), after=in_json(after.as_dict() | said),
        )  # fmt: skip
    return after


def _nothing(connection: Connection, desk: Desk, act: Act, told: ActStepTold) -> dict[str, Any]:
    return {}


def _hand_in(connection: Connection, desk: Desk, act: Act, told: ActStepTold) -> dict[str, Any]:
    if not desk.files.list(connection, act.subject, SIGNED):
        raise InvalidInput("The signed act is missing.", where="file", help="Attach it as a PDF or a scan first.")
    return {}


def _accept(connection: Connection, desk: Desk, act: Act, told: ActStepTold) -> dict[str, Any]:
    return {"why_over": settle(connection, act, told.comment)}


def _pay(connection: Connection, desk: Desk, act: Act, told: ActStepTold) -> dict[str, Any]:
    if not told.payment:
        raise InvalidInput("The payment has no reference.", where="payment", help="Write the number of the transfer.")
    return {"paid_on": _payment_day(act, told, desk.today), "payment": told.payment}


def _payment_day(act: Act, told: ActStepTold, today: date) -> date:
    day = told.day or today
    if not act.first_day <= day <= today:
        raise InvalidInput(
            f"It cannot have been paid on {day}.", where="day", help="Write the day of the transfer, today or before."
        )
    return day


def _withdraw(connection: Connection, desk: Desk, act: Act, told: ActStepTold) -> dict[str, Any]:
    """Its number is free for another one."""
    free_number(connection, act.id)
    return {}


_MORE: dict[ActStep, Callable[[Connection, Desk, Act, ActStepTold], dict[str, Any]]] = {
    ActStep.HAND_IN: _hand_in,
    ActStep.ACCEPT: _accept,
    ActStep.PAY: _pay,
    ActStep.WITHDRAW: _withdraw,
}
