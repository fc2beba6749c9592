"""The register of fund programmes: added and changed by the payer's side, read by all who see a dealer."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, func, insert, select, update

from attribution.visibility import EVERYTHING
from infra.audit import note_change
from infra.errors import Conflict, InvalidInput, NotFound
from planning.desk import Desk
from planning.funds.accruing import accrue
from planning.funds.dealers import check_brands, fund_dealers
from planning.funds.documents import ProgrammeTold
from planning.funds.programme import Programme
from planning.funds.tables import fund_activities, fund_entries, fund_programmes

_its = fund_programmes.c


def find_programme(connection: Connection, key: int, *, held: bool = False) -> Programme:
    """`held` keeps it from being changed until the transaction ends: before any of its funds is. Raises `NotFound`."""
    rows = select(fund_programmes).where(_its.id == key)
    row = connection.execute(rows.with_for_update(read=True) if held else rows).one_or_none()
    if row is None:
        raise NotFound(f"There is no fund programme {key}.", where="programme", help="The page Funds lists them.")
    return _programme(row)


def list_programmes(connection: Connection) -> Sequence[Programme]:
    """Open ones first, then by name."""
    rows = select(fund_programmes).order_by(_its.is_closed, func.lower(_its.name), _its.id)
    return [_programme(row) for row in connection.execute(rows)]


def add_programme(desk: Desk, told: ProgrammeTold, *, author: str) -> Programme:
    """Dealers earn at once what rules give for quarters that have begun. Raises `InvalidInput`."""
    with desk.engine.begin() as connection:
        told = _checked(connection, desk, told)
        row = {**_row(told), "revision": 1, "changed_at": desk.clock.now(), "changed_by": author}
        added = _programme(connection.execute(insert(fund_programmes).returning(fund_programmes), row).one())
        accrue(connection, desk, added, fund_dealers(connection, EVERYTHING), author)
        note_change(connection, desk.clock, who=author, what=f"fund programme {added.id}", after=_json(added))
    return added


def change_programme(desk: Desk, key: int, told: ProgrammeTold, *, based_on: int, author: str) -> Programme:
    """What dealers have earned follows the rules. Raises `InvalidInput`, `NotFound`, `Conflict`."""
    with desk.engine.begin() as connection:
        before = find_programme(connection, key)
        told = _checked(connection, desk, told, key)
        _check_currency_stays(connection, before, told)
        row = {**_row(told), "revision": based_on + 1, "changed_at": desk.clock.now(), "changed_by": author}
        mine = update(fund_programmes).where(_its.id == key, _its.revision == based_on).returning(fund_programmes)
        changed = connection.execute(mine.values(row)).one_or_none()
        if changed is None:
            newest = find_programme(connection, key)
            raise Conflict(
                f"{newest.changed_by} has changed the programme {newest.told.name!r} meanwhile.",
                where="revision",
                help="Load it again, and make your change to what it says now.",
            )
        after = _programme(changed)
        accrue(connection, desk, after, fund_dealers(connection, EVERYTHING), author)
        note_change(
            connection, desk.clock, who=author, what=f"fund programme {key}", before=_json(before), after=_json(after)
        )
    return after


def _checked(connection: Connection, desk: Desk, told: ProgrammeTold, key: int = 0) -> ProgrammeTold:
    same_name = select(_its.id).where(func.lower(_its.name) == func.lower(told.name), _its.id != key)
    if connection.scalar(same_name) is not None:
        raise InvalidInput(
            f"There is a programme {told.name!r} already.", where="name", help="Give this one another name."
        )
    check_brands(connection, {rule.dealer for rule in told.rules}, {rule.brand for rule in told.rules})
    return told.model_copy(update={"currency": told.currency or desk.currency})


def _check_currency_stays(connection: Connection, before: Programme, told: ProgrammeTold) -> None:
    """Amounts that are posted or asked for are in it."""
    used = [
        connection.scalar(select(func.count()).where(column == before.id)) or 0
        for column in (fund_entries.c.programme, fund_activities.c.programme)
    ]
    if told.currency != before.currency and any(used):
        raise InvalidInput(
            f"The programme's money is in {before.currency} already.",
            where="currency",
            help=f"Add another programme for {told.currency}.",
        )


def _row(told: ProgrammeTold) -> dict[str, Any]:
    rules = [rule.model_dump(mode="json", exclude_defaults=True) for rule in told.rules]
    return {**told.model_dump(exclude={"rules"}), "rules": rules}


def _programme(row: Row[Any]) -> Programme:
    told = {name: row._mapping[name] for name in ProgrammeTold.model_fields}
    return Programme(row.id, ProgrammeTold.model_validate(told), row.revision, row.changed_at, row.changed_by)


def _json(programme: Programme) -> str:
    return orjson.dumps(programme.as_dict()).decode()
