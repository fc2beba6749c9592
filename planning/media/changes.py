"""Who changed a media plan when, why, and what it said before: kept beside the plan, and in the audit log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from infra.audit import note_change
from infra.clock import Clock
from planning.media.tables import media_changes


@dataclass(frozen=True, slots=True)
class MediaChange:
    """`at` is in UTC; `before` and `after` are what changed, as JSON has it."""

    plan: int
    revision: int
    kind: str
    at: datetime
    author: str
    why: str
    before: Any
    after: Any

    def as_dict(self) -> dict[str, Any]:
        return {
            "revision": self.revision,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "author": self.author,
            "why": self.why,
            "before": self.before,
            "after": self.after,
        }


def note_media_change(
    connection: Connection,
    clock: Clock,
    plan: int,
    revision: int,
    kind: str,
    *,
    author: str,
    why: str = "",
    before: Any = None,
    after: Any = None,
) -> None:
    row = {
        "plan": plan,
        "revision": revision,
        "kind": kind,
        "at": clock.now(),
        "author": author,
        "why": why,
        "before": before,
        "after": after,
    }
    connection.execute(insert(media_changes), row)
    said = orjson.dumps({"kind": kind, "why": why, "after": after}).decode()
    told = orjson.dumps(before).decode() if before is not None else ""
    note_change(connection, clock, who=author, what=f"media plan {plan}", before=told, after=said)


def changes_of(connection: Connection, plan: int, most: int = 200) -> Sequence[MediaChange]:
    """The newest first."""
    its = media_changes.c
    rows = select(media_changes).where(its.plan == plan).order_by(its.revision.desc()).limit(most)
    return [MediaChange(**row._mapping) for row in connection.execute(rows)]


def newest_media_change(connection: Connection, plan: int) -> MediaChange | None:
    return next(iter(changes_of(connection, plan, 1)), None)
