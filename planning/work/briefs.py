"""A brief: what is to be made, for whom, by whom, until when, and for how much; and who sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, or_, select

from attribution.reference import dealers
from attribution.visibility import Visibility
from infra.errors import NotFound
from planning.files import Subject
from planning.money import told_amount
from planning.work.tables import work_brief_dealers, work_briefs, work_tasks

SUBJECT = "work_brief"
_its = work_briefs.c
_of = work_brief_dealers.c


@dataclass(frozen=True, slots=True)
class Brief:
    """`budget` is in minor units, without VAT; moments are in UTC, days the account's.

    Of a brand and without `dealers`, it is of all dealers of the brand.
    """

    id: int
    title: str
    text: str
    dealers: tuple[str, ...]
    brand: str
    channel: str
    campaign: str
    contractor: str
    month: str
    budget: int | None
    currency: str
    media_item: int | None
    deadline: date | None
    needs_brand: bool
    is_closed: bool
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
        return "closed" if self.is_closed else "open"

    def as_dict(self, seen: Visibility) -> dict[str, Any]:
        """Whose contractor sees only a task of it is told neither of the other contractor nor of its money."""
        is_theirs = seen.sees_contractor(self.contractor)
        plain = (
            "id", "title", "text", "brand", "channel", "campaign", "month", "currency", "needs_brand", "is_closed",
            "author", "revision", "changed_by",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "dealers": [each for each in self.dealers if seen.sees_dealer(each)],
            "contractor": self.contractor if is_theirs else "",
            "budget": told_amount(self.budget) if is_theirs and self.budget is not None else None,
            "media_item": self.media_item if is_theirs else None,
            "deadline": self.deadline.isoformat() if self.deadline else None,
            "created_at": self.created_at.isoformat(),
            "changed_at": self.changed_at.isoformat(),
        }


def seen_briefs(seen: Visibility) -> list[ColumnElement[bool]]:
    """Conditions on `work_briefs`: those of dealers, or of their brands, and of contractors that are seen."""
    return [*_of_dealers(seen), *_of_contractors(seen)]


def of_seen_dealers(seen: Visibility) -> list[ColumnElement[bool]]:
    """Whatever contractors they name."""
    return _of_dealers(seen)


def find_brief(connection: Connection, key: int, seen: Visibility, *, held: bool = False) -> Brief:
    """Held, nobody else changes it until the transaction ends. Raises `NotFound`, for one that is not seen, too."""
    asked = select(work_briefs).where(_its.id == key, *seen_briefs(seen))
    row = connection.execute(asked.with_for_update() if held else asked).one_or_none()
    if row is None:
        raise NotFound(f"There is no brief {key}.", where="brief", help="The page Tasks lists them.")
    return briefs_of(connection, [row])[0]


def list_briefs(
    connection: Connection,
    seen: Visibility,
    *,
    month: str = "",
    dealer: str = "",
    contractor: str = "",
    is_closed: bool | None = None,
    most: int = 100,
    before: int = 0,
) -> tuple[Sequence[Brief], int]:
    """The newest first, those behind the number `before`; and how many there are in all."""
    where = [
        *seen_briefs(seen),
        *([_its.month == month] if month else []),
        *([is_of_dealer(dealer)] if dealer else []),
        *([_its.contractor == contractor] if contractor else []),
        *([_its.is_closed == is_closed] if is_closed is not None else []),
    ]
    total = connection.scalar(select(func.count()).select_from(work_briefs).where(*where)) or 0
    page = [_its.id < before] if before else []
    rows = connection.execute(select(work_briefs).where(*where, *page).order_by(_its.id.desc()).limit(most)).all()
    return briefs_of(connection, rows), total


def is_of_dealer(dealer: str) -> ColumnElement[bool]:
    """Of the dealer by name, or as one of its brand."""
    return _concerns(frozenset({dealer}))


def briefs_of(connection: Connection, rows: Sequence[Row[Any]]) -> list[Brief]:
    """With their dealers, in the order of rows."""
    keys = [row.id for row in rows]
    found: dict[int, list[str]] = {}
    for row in connection.execute(select(work_brief_dealers).where(_of.brief.in_(keys)).order_by(_of.dealer)):
        found.setdefault(row.brief, []).append(row.dealer)
    return [Brief(dealers=tuple(found.get(row.id, ())), **row._mapping) for row in rows]


def _of_dealers(seen: Visibility) -> list[ColumnElement[bool]]:
    return [] if seen.dealers is None else [_concerns(seen.dealers)]


def _concerns(named: frozenset[str]) -> ColumnElement[bool]:
    names = sorted(named)
    brands = select(dealers.c.brand).where(dealers.c.id.in_(names), dealers.c.brand != "")
    has_dealers = _its.id.in_(select(_of.brief))
    return or_(_its.id.in_(select(_of.brief).where(_of.dealer.in_(names))), ~has_dealers & _its.brand.in_(brands))


def _of_contractors(seen: Visibility) -> list[ColumnElement[bool]]:
    if seen.contractors is None:
        return []
    names = sorted(seen.contractors)
    tasks = select(work_tasks.c.brief).where(work_tasks.c.contractor.in_(names))
    return [or_(_its.contractor.in_(names), _its.id.in_(tasks))]
