"""An act: work of one month that a contractor has done, its money, what its lines are about, and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from attribution.visibility import Visibility
from infra.errors import NotFound
from planning.files import Subject
from planning.money import told_amount
from planning.work.briefs import of_seen_dealers
from planning.work.states import ActState, in_words
from planning.work.tables import work_act_lines, work_acts, work_briefs

SUBJECT = "work_act"
_its = work_acts.c
_lines = work_act_lines.c


@dataclass(frozen=True, slots=True)
class ActLine:
    """Amounts are in minor units. Media items and purchase orders are named by number."""

    what: str
    brief: int | None
    task: int | None
    media_item: int | None
    purchase_order: int | None
    net: int
    vat: int

    def as_dict(self) -> dict[str, Any]:
        names = ("what", "brief", "task", "media_item", "purchase_order")
        amounts = {"net": told_amount(self.net), "vat": told_amount(self.vat)}
        return {**{name: getattr(self, name) for name in names}, **amounts}


@dataclass(frozen=True, slots=True)
class Act:
    """`net` is without VAT, in minor units, as `vat` is; moments are in UTC, days the account's.

    `why_over` is the reason that was told where more is accepted than was ordered.
    """

    id: int
    number: str
    invoice: str
    day: date
    contractor: str
    first_day: date
    last_day: date
    month: str
    net: int
    vat: int
    currency: str
    comment: str
    state: ActState
    state_since: datetime
    why_over: str
    paid_on: date | None
    payment: str
    author: str
    created_at: datetime
    revision: int
    changed_at: datetime
    changed_by: str

    @property
    def subject(self) -> Subject:
        """What its files are attached to."""
        return Subject(SUBJECT, self.id)

    @property
    def stands(self) -> str:
        return in_words(self.state)

    @property
    def gross(self) -> int:
        return self.net + self.vat

    def as_dict(self) -> dict[str, Any]:
        plain = (
            "id", "number", "invoice", "contractor", "month", "currency", "comment", "why_over", "payment", "author",
            "revision", "changed_by",
        )  # fmt: skip
        days = {name: getattr(self, name) for name in ("day", "first_day", "last_day", "paid_on")}
        return {
            **{name: getattr(self, name) for name in plain},
            "state": self.state.value,
            **{name: day.isoformat() if day else None for name, day in days.items()},
            **{name: told_amount(getattr(self, name)) for name in ("net", "vat", "gross")},
            **{name: getattr(self, name).isoformat() for name in ("state_since", "created_at", "changed_at")},
        }


def seen_acts(seen: Visibility) -> list[ColumnElement[bool]]:
    """Conditions on `work_acts`.

    Whoever sees some dealers only sees acts all of whose lines are of those: a total tells of all its lines.
    """
    of_contractors: list[ColumnElement[bool]] = []
    if seen.contractors is not None:
        of_contractors.append(_its.contractor.in_(sorted(seen.contractors)))
    if seen.dealers is None:
        return of_contractors
    theirs = select(work_briefs.c.id).where(*of_seen_dealers(seen))
    others = select(_lines.act).where(or_(_lines.brief.is_(None), _lines.brief.not_in(theirs)))
    return [*of_contractors, _its.id.not_in(others)]


def find_act(connection: Connection, key: int, seen: Visibility, *, held: bool = False) -> Act:
    """Held, nobody else changes it until the transaction ends. Raises `NotFound`, for one that is not seen, too."""
    asked = select(work_acts).where(_its.id == key, *seen_acts(seen))
    row = connection.execute(asked.with_for_update() if held else asked).one_or_none()
    if row is None:
        raise NotFound(f"There is no act {key}.", where="act", help="The page Acts lists them.")
    return act_of(row)


def list_acts(
    connection: Connection,
    seen: Visibility,
    *,
    states: Sequence[ActState] = (),
    contractor: str = "",
    month: str = "",
    most: int = 100,
    before: int = 0,
) -> tuple[Sequence[Act], int]:
    """The newest first, those behind the number `before`; and how many there are in all."""
    where = [
        *seen_acts(seen),
        *([_its.state.in_([state.value for state in states])] if states else []),
        *([_its.contractor == contractor] if contractor else []),
        *([_its.month == month] if month else []),
    ]
    page = [_its.id < before] if before else []
    rows = select(work_acts).where(*where, *page).order_by(_its.id.desc()).limit(most)
    total = connection.scalar(select(func.count()).select_from(work_acts).where(*where)) or 0
    return [act_of(row) for row in connection.execute(rows)], total


def acts_about(connection: Connection, brief: int, seen: Visibility) -> Sequence[Act]:
    """Those with a line about the brief, the oldest first."""
    about = select(_lines.act).where(_lines.brief == brief)
    rows = select(work_acts).where(_its.id.in_(about), *seen_acts(seen)).order_by(_its.id)
    return [act_of(row) for row in connection.execute(rows)]


def lines_of(connection: Connection, act: int) -> Sequence[ActLine]:
    rows = select(work_act_lines).where(_lines.act == act).order_by(_lines.place)
    return [
        ActLine(row.what, row.brief, row.task, row.media_item, row.purchase_order, row.net, row.vat)
        for row in connection.execute(rows)
    ]


def act_of(row: Row[Any]) -> Act:
    return Act(**{**row._mapping, "state": ActState(row.state)})
