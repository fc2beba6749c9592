"""What a seller sees of a visit: where it came from, what it looked at, and the visits before it.

No personal data: of addresses only the page, without what stands behind `?`, and neither the visitor's name nor id.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from infra.sql import Statements
from infra.warehouse import Warehouse

MOST_PAGES = 50
MOST_FORMER = 20
_VISITS = Statements("collectors", "visits")


@dataclass(frozen=True, slots=True)
class Page:
    """`address` has no query. `at` is in UTC."""

    at: datetime
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. `source` is the referring site's name where no mark says one; `pages` counts those looked at."""

    began_at: datetime
    source: str
    medium: str
    campaign: str
    content: str
    term: str
    clicks: Sequence[str]
    referrer: str
    landing: str
    device: str
    region: str
    pages: int


@dataclass(frozen=True, slots=True)
class VisitCard:
    """A visit, its pages in order (the newest `MOST_PAGES`), and the visitor's `former` visits, newest first."""

    visit: Visit
    pages: Sequence[Page]
    former: Sequence[Visit]
    former_count: int


def read_card(warehouse: Warehouse, visitor: str, session: str) -> VisitCard | None:
    """None where the warehouse does not know the visit: it may not be loaded yet. Raises `WarehouseUnavailable`."""
    found = warehouse.rows(_VISITS["visits_of_visitor"], {"visitor": visitor})
    this = next((row for row in found if row["session_id"] == session), None)
    if this is None:
        return None
    asked = {"visitor": visitor, "session": session, "most": MOST_PAGES}
    pages = [
        Page(_utc(row["at"]), page_of(row["url"]), row["title"])
        for row in warehouse.rows(_VISITS["pages_of_visit"], asked)
    ]
    former = [row for row in found if row["began_at"] < this["began_at"]]
    return VisitCard(_visit(this), pages[::-1], [_visit(row) for row in former[:MOST_FORMER]], len(former))


def last_session(warehouse: Warehouse, visitor: str, at: datetime) -> str:
    """The visit that a visitor was at, or at last before a moment; empty where none is known."""
    asked = {"visitor": visitor, "at": round(at.timestamp() * 1000)}
    found: str | None = warehouse.value(_VISITS["session_at"], asked)
    return found or ""


def page_of(url: str) -> str:
    """Host and path: what stands behind may name people."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname or ''}{parts.path}"
    except ValueError:
        return ""


def _visit(row: dict[str, Any]) -> Visit:
    referrer = page_of(row["referrer"])
    return Visit(
        began_at=_utc(row["began_at"]),
        source=row["source"] or referrer.partition("/")[0],
        medium=row["medium"],
        campaign=row["campaign"],
        content=row["content"],
        term=row["term"],
        clicks=tuple(row["clicks"]),
        referrer=referrer,
        landing=page_of(row["url"]),
        device=row["device"],
        region=row["region"],
        pages=row["pages"],
    )


def _utc(moment: datetime) -> datetime:
    """The warehouse tells moments in UTC without saying so."""
    return moment.replace(tzinfo=UTC)
