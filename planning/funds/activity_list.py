"""Activities of the dealers that somebody sees."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from attribution.visibility import Visibility
from planning.funds.activity import Activity, activity_of
from planning.funds.states import State
from planning.funds.tables import fund_activities

_its = fund_activities.c


def list_activities(
    connection: Connection,
    seen: Visibility,
    *,
    states: Sequence[State] = (),
    programme: int | None = None,
    dealer: str = "",
    most: int = 100,
    before: int = 0,
) -> tuple[Sequence[Activity], int]:
    """The newest first, those behind the number `before`; and how many there are in all."""
    where = [
        *([_its.state.in_([state.value for state in states])] if states else []),
        *_asked(seen, programme, dealer),
    ]
    page = [_its.id < before] if before else []
    rows = select(fund_activities).where(*where, *page).order_by(_its.id.desc()).limit(most)
    total = connection.scalar(select(func.count()).select_from(fund_activities).where(*where)) or 0
    return [activity_of(row) for row in connection.execute(rows)], total


def count_by_state(
    connection: Connection, seen: Visibility, *, programme: int | None = None, dealer: str = ""
) -> Counter[State]:
    rows = select(_its.state, func.count().label("found")).where(*_asked(seen, programme, dealer)).group_by(_its.state)
    return Counter({State(row.state): row.found for row in connection.execute(rows)})


def _asked(seen: Visibility, programme: int | None, dealer: str) -> list[ColumnElement[bool]]:
    return [
        *([_its.programme == programme] if programme is not None else []),
        *([_its.dealer == dealer] if dealer else []),
        *([_its.dealer.in_(sorted(seen.dealers))] if seen.dealers is not None else []),
    ]
