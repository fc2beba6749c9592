"""Writing acts and correcting them, with the files that prove them."""

from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from infra.audit import note_change
from infra.errors import InvalidInput, NotFound
from planning.desk import Desk
from planning.files import StoredFile
from planning.money import units_of
from planning.work.acts import Act, ActLine, act_of, find_act, lines_of, seen_acts
from planning.work.asking import Asked, changed_meanwhile, in_json, put_revised
from planning.work.brief_register import check_contractor
from planning.work.briefs import find_brief
from planning.work.documents import ActLineTold, ActTold
from planning.work.people import Party, check_may
from planning.work.states import ActState
from planning.work.story import note_act
from planning.work.tables import work_act_lines, work_act_numbers, work_acts
from planning.work.tasks import find_task
from planning.work.versions import NewFile

SIGNED, INVOICE, PROOF = "act", "invoice", "proof"
PURPOSES = (SIGNED, INVOICE, PROOF)
"""What a file of an act is: the signed act, its invoice, or anything that shows what was done."""


def add_act(desk: Desk, told: ActTold, asked: Asked) -> Act:
    """A draft, which its contractor hands in. Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    with desk.engine.begin() as connection:
        check_may(asked.worker, Party.CONTRACTOR)
        lines = _lines(connection, told, asked)
        now = desk.clock.now()
        row = _row(connection, desk, told, lines, asked) | {
            "state": ActState.DRAFT.value, "state_since": now, "why_over": "", "paid_on": None, "payment": "",
            "author": asked.author, "created_at": now, "revision": 1, "changed_at": now, "changed_by": asked.author,
        }  # fmt: skip
        made = act_of(connection.execute(insert(work_acts).returning(work_acts), row).one())
        _take_number(connection, made)
        _put_lines(connection, made.id, lines)
        _check_seen(connection, made.id, asked)
        note_act(connection, made, "act")
        after = in_json(whole(connection, made))
        note_change(connection, desk.clock, who=asked.author, what=f"act {made.id}", after=after)
    return made


def change_act(desk: Desk, key: int, told: ActTold, asked: Asked) -> Act:
    """All that is told of it, before it is handed in, or while it is disputed.

    Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`.
    """
    with desk.engine.begin() as connection:
        before = find_act(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.CONTRACTOR)
        _check_can_be_changed(before)
        was = in_json(whole(connection, before))
        lines = _lines(connection, told, asked)
        values = _row(connection, desk, told, lines, asked)
        if not put_revised(connection, work_acts, key, asked, desk.clock.now(), values):
            raise changed_meanwhile("act", before.changed_by, before.stands)
        _put_lines(connection, key, lines)
        _check_seen(connection, key, asked)
        after = find_act(connection, key, asked.worker.seen)
        free_number(connection, key)
        _take_number(connection, after)
        note_act(connection, after, "change_act")
        now = in_json(whole(connection, after))
        note_change(connection, desk.clock, who=asked.author, what=f"act {key}", before=was, after=now)
    return after


def attach_to_act(desk: Desk, key: int, file: NewFile, purpose: str, asked: Asked) -> StoredFile:
    """While it can be changed. Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    if purpose not in PURPOSES:
        raise InvalidInput(
            f"{purpose!r} is no purpose of a file.", where="purpose", help=f"Choose of {', '.join(PURPOSES)}."
        )
    with desk.engine.begin() as connection:
        act = find_act(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.CONTRACTOR)
        _check_can_be_changed(act)
        return desk.files.attach(connection, act.subject, file.content, file.name, author=asked.author, purpose=purpose)


def whole(connection: Connection, act: Act) -> dict[str, Any]:
    """With its lines."""
    return {**act.as_dict(), "lines": [each.as_dict() for each in lines_of(connection, act.id)]}


def free_number(connection: Connection, act: int) -> None:
    connection.execute(delete(work_act_numbers).where(work_act_numbers.c.act == act))


def _take_number(connection: Connection, act: Act) -> None:
    row = {"contractor": act.contractor, "number": act.number.casefold(), "act": act.id}
    try:
        connection.execute(insert(work_act_numbers), row)
    except IntegrityError:
        raise InvalidInput(
            f"There is an act {act.number!r} of this contractor already.",
            where="number",
            help="Open that act, or correct the number.",
        ) from None


def _row(connection: Connection, desk: Desk, told: ActTold, lines: list[ActLine], asked: Asked) -> dict[str, Any]:
    if not asked.worker.seen.sees_contractor(told.contractor):
        raise NotFound(
            f"There is no contractor {told.contractor!r}.", where="contractor", help="Write the act of your own work."
        )
    check_contractor(connection, told.contractor)
    return {
        **told.model_dump(exclude={"lines", "currency"}),
        "month": told.month,
        "net": sum(line.net for line in lines),
        "vat": sum(line.vat for line in lines),
        "currency": told.currency or desk.currency,
    }


def _lines(connection: Connection, told: ActTold, asked: Asked) -> list[ActLine]:
    return [_line(connection, line, told.contractor, f"lines.{place}", asked) for place, line in enumerate(told.lines)]


def _line(connection: Connection, told: ActLineTold, contractor: str, where: str, asked: Asked) -> ActLine:
    brief = told.brief
    if told.task is not None:
        task = find_task(connection, told.task, asked.worker.seen)
        if task.contractor != contractor:
            raise _of_another(f"Task {task.id}", f"{where}.task")
        if brief not in (None, task.brief):
            raise InvalidInput(
                f"Task {task.id} is none of brief {brief}.", where=f"{where}.brief", help="Leave the brief out."
            )
        brief = task.brief
    elif brief is not None and find_brief(connection, brief, asked.worker.seen).contractor != contractor:
        raise _of_another(f"Brief {brief}", f"{where}.brief")
    net, vat = units_of(told.net, f"{where}.net"), units_of(told.vat, f"{where}.vat")
    return ActLine(told.what, brief, told.task, told.media_item, told.purchase_order, net, vat)


def _of_another(what: str, where: str) -> InvalidInput:
    return InvalidInput(
        f"{what} is not this contractor's.", where=where, help="Name a brief or a task of theirs, or leave it out."
    )


def _put_lines(connection: Connection, act: int, lines: list[ActLine]) -> None:
    connection.execute(delete(work_act_lines).where(work_act_lines.c.act == act))
    rows = [
        {
            "act": act, "place": place, "what": line.what, "brief": line.brief, "task": line.task,
            "media_item": line.media_item, "purchase_order": line.purchase_order, "net": line.net, "vat": line.vat,
        }
        for place, line in enumerate(lines, start=1)
    ]  # fmt: skip
    connection.execute(insert(work_act_lines), rows)


def _check_seen(connection: Connection, act: int, asked: Asked) -> None:
    """Nobody writes an act that they would not see then."""
    if not connection.scalar(select(work_acts.c.id).where(work_acts.c.id == act, *seen_acts(asked.worker.seen))):
        raise InvalidInput(
            "A line is about no brief of your dealers.", where="lines", help="Name a brief or a task on each line."
        )


def _check_can_be_changed(act: Act) -> None:
    if not act.state.can_be_changed:
        raise InvalidInput(
            f"An act that is {act.stands} is not changed.",
            where="state",
            help="Dispute it with a comment first; then its contractor corrects it.",
        )
