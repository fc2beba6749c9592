"""What was done to a version: who, when, why, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from attribution.visibility import EVERYTHING, Visibility
from planning.tables import edited_lines, plan_edits


@dataclass(frozen=True, slots=True)
class Edit:
    """`lines` is how many lines it changed; `at` is in UTC."""

    id: int
    kind: str
    at: datetime
    author: str
    why: str
    told: Any
    lines: int

    def as_dict(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("id", "kind", "author", "why", "told", "lines")}
        return told | {"at": self.at.isoformat()}


def edits_of(
    connection: Connection, version: int, *, dealer: str = "", most: int = 50, seen: Visibility = EVERYTHING
) -> Sequence[Edit]:
    """Those that changed lines of dealers who are seen, or of one dealer."""
    its, made = edited_lines.c, plan_edits.c
    rows = (
        select(made.id, made.kind, made.at, made.author, made.why, made.told, func.count())
        .join(edited_lines, its.edit == made.id)
        .where(made.version == version)
        .group_by(made.id, made.kind, made.at, made.author, made.why)
        .order_by(made.id.desc())
        .limit(most)
    )
    if dealer:
        rows = rows.where(its.dealer == dealer)
    if seen.dealers is not None:
        rows = rows.where(its.dealer.in_(sorted(seen.dealers)))
    return [Edit(*row) for row in connection.execute(rows)]
