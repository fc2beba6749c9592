"""Writing and changing briefs: checked against the reference data, with a line of the story and of the audit log."""

from typing import Any

from sqlalchemy import Connection, delete, insert, select

from attribution.reference import contractors, dealers
from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.errors import InvalidInput, NotFound, NotPermitted
from planning.desk import Desk
from planning.files import Content, StoredFile
from planning.money import told_amount, units_of
from planning.work.asking import Asked, changed_meanwhile, in_json, put_revised
from planning.work.audience import dealers_of
from planning.work.briefs import Brief, find_brief
from planning.work.documents import BriefTold
from planning.work.ordered import accepted_in, hold_settlement, ordered_in
from planning.work.people import Party, check_may
from planning.work.story import note_brief
from planning.work.tables import work_brief_dealers, work_briefs


def add_brief(desk: Desk, told: BriefTold, asked: Asked) -> Brief:
    """Raises `InvalidInput`, `NotFound` for a dealer that is not seen, `NotPermitted`."""
    check_may(asked.worker, Party.HOLDING)
    with desk.engine.begin() as connection:
        now = desk.clock.now()
        row = _row(connection, desk, told, asked.worker.seen) | {
            "author": asked.author, "created_at": now, "revision": 1, "changed_at": now, "changed_by": asked.author,
        }  # fmt: skip
        key = connection.execute(insert(work_briefs).returning(work_briefs.c.id), row).scalar_one()
        _put_dealers(connection, key, told)
        made = find_brief(connection, key, EVERYTHING)
        note_brief(connection, made, "brief")
        note_change(
            connection, desk.clock, who=asked.author, what=f"brief {key}", after=in_json(made.as_dict(EVERYTHING))
        )
    return made


def change_brief(desk: Desk, key: int, told: BriefTold, asked: Asked) -> Brief:
    """All that is told of it. Raises `InvalidInput`, `NotFound`, `NotPermitted`, `Conflict`."""
    with desk.engine.begin() as connection:
        before = find_brief(connection, key, asked.worker.seen, held=True)
        check_may(asked.worker, Party.HOLDING)
        check_sees_all_of(connection, before, asked)
        values = _row(connection, desk, told, asked.worker.seen)
        if not put_revised(connection, work_briefs, key, asked, desk.clock.now(), values):
            raise changed_meanwhile("brief", before.changed_by, before.stands)
        _put_dealers(connection, key, told)
        after = find_brief(connection, key, EVERYTHING)
        _check_still_covers(connection, before, asked.comment)
        note_brief(connection, after, _step(before, after), asked.comment)
        note_change(
            connection, desk.clock, who=asked.author, what=f"brief {key}",
            before=in_json(before.as_dict(EVERYTHING)),
            after=in_json(after.as_dict(EVERYTHING) | {"comment": asked.comment}),
        )  # fmt: skip
    return after


def attach_to_brief(desk: Desk, key: int, content: Content, name: str, asked: Asked) -> StoredFile:
    """What the work is made from: guidelines, logos, photographs. Raises `InvalidInput`, `NotFound`, `NotPermitted`."""
    with desk.engine.begin() as connection:
        brief = find_brief(connection, key, asked.worker.seen)
        check_may(asked.worker, Party.HOLDING)
        return desk.files.attach(connection, brief.subject, content, name, author=asked.author)


def check_sees_all_of(connection: Connection, brief: Brief, asked: Asked) -> None:
    """Raises `NotPermitted` for a brief that is of other people's dealers, too."""
    seen = asked.worker.seen.dealers
    if seen is not None and not seen.issuperset(dealers_of(connection, brief)):
        raise NotPermitted(
            "The brief is of other dealers, too.",
            where="dealers",
            help="Ask the marketing director to change it, or comment on it.",
        )


def check_contractor(connection: Connection, contractor: str) -> None:
    """Raises `InvalidInput` for one that the reference data do not know."""
    if contractor and not connection.scalar(select(contractors.c.id).where(contractors.c.id == contractor)):
        raise InvalidInput(
            f"There is no contractor {contractor!r}.",
            where="contractor",
            help="Choose one of the reference data; the settings' page of contractors lists them.",
        )


def _row(connection: Connection, desk: Desk, told: BriefTold, seen: Visibility) -> dict[str, Any]:
    _check_dealers(connection, told, seen)
    check_contractor(connection, told.contractor)
    return {
        **told.model_dump(exclude={"dealers", "budget", "currency"}),
        "budget": None if told.budget is None else units_of(told.budget, "budget"),
        "currency": told.currency or desk.currency,
    }


def _check_dealers(connection: Connection, told: BriefTold, seen: Visibility) -> None:
    known = {row.id: row.brand for row in connection.execute(select(dealers.c.id, dealers.c.brand))}
    if told.brand and told.brand not in known.values():
        raise InvalidInput(
            f"There is no brand {told.brand!r} in the reference data.",
            where="brand",
            help="Choose the brand of one of the dealers; the settings' page of dealers lists them.",
        )
    wanted = told.dealers or tuple(dealer for dealer, brand in known.items() if brand == told.brand)
    for dealer in wanted:
        if dealer not in known or not seen.sees_dealer(dealer):
            raise NotFound(
                f"There is no dealer {dealer!r}." if told.dealers else f"You do not see all dealers of {told.brand}.",
                where="dealers",
                help="Choose of the dealers that you see.",
            )
        if told.brand and known[dealer] != told.brand:
            raise InvalidInput(
                f"{dealer} is no dealer of {told.brand}.", where="brand", help="Leave the brand or the dealer out."
            )


def _put_dealers(connection: Connection, key: int, told: BriefTold) -> None:
    connection.execute(delete(work_brief_dealers).where(work_brief_dealers.c.brief == key))
    if told.dealers:
        connection.execute(insert(work_brief_dealers), [{"brief": key, "dealer": each} for each in told.dealers])


def _check_still_covers(connection: Connection, before: Brief, comment: str) -> None:
    """What was accepted stays ordered, unless somebody says why not."""
    if not before.budget or comment:
        return
    place = before.contractor, before.month, before.currency
    hold_settlement(connection, *place)
    accepted, ordered = accepted_in(connection, *place), ordered_in(connection, *place)
    if accepted > ordered:
        raise InvalidInput(
            f"Acts of {told_amount(accepted):.2f} are accepted, and only {told_amount(ordered):.2f} would be ordered.",
            where="comment",
            help="Leave the budget as it is, or say why it is less in the comment.",
        )


def _step(before: Brief, after: Brief) -> str:
    if before.is_closed == after.is_closed:
        return "change"
    return "close" if after.is_closed else "reopen"
