"""Two versions of a plan, cell by cell: what is other, who changed it, when, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from planning.grid import LineKey
from planning.lines import read_lines
from planning.measures import planned_measure
from planning.plans import PlanVersion, version_with
from planning.tables import KEY, edited_lines, plan_edits, plan_versions


@dataclass(frozen=True, slots=True)
class Difference:
    """Of a cell, in smallest units. `at` is in UTC, and None where no edit between the versions made it."""

    key: LineKey
    month: int
    before: int
    after: int
    who: str
    at: datetime | None
    why: str
    kind: str

    def as_dict(self) -> dict[str, Any]:
        measure = planned_measure(self.key.measure)
        return {
            **self.key._asdict(),
            "month": self.month,
            "before": measure.shown(self.before),
            "after": measure.shown(self.after),
            "difference": measure.shown(self.after - self.before),
            "who": self.who,
            "at": self.at.isoformat() if self.at else None,
            "why": self.why,
            "kind": self.kind,
        }


def compare(
    connection: Connection, earlier: int, later: int, *, measure: str = "", seen: Visibility = EVERYTHING
) -> list[Difference]:
    """Cells in which the versions differ, by line and month; locks are not compared.

    Raises `NotFound`, and `InvalidInput` where they are of two plans.
    """
    first, second = version_with(connection, earlier), version_with(connection, later)
    if first.plan != second.plan:
        raise InvalidInput("These are versions of two plans.", where="with", help="Compare versions of the same plan.")
    before = read_lines(connection, earlier, measure=measure, seen=seen)
    after = read_lines(connection, later, measure=measure, seen=seen)
    before, after = before.with_keys(after.keys), after.with_keys(before.keys)
    aligned = [after.places[key] for key in before.keys]
    values = after.values[aligned]
    made = _newest_edits(connection, first, second, seen)
    found = []
    for place, month in np.argwhere(values != before.values).tolist():
        key = before.keys[place]
        edit = next((each for each in made.get(key, ()) if each.months >> month & 1), None)
        cells = int(before.values[place, month]), int(values[place, month])
        found.append(Difference(key, month + 1, *cells, **_told(edit)))
    return sorted(found, key=lambda each: (each.key, each.month))


def _newest_edits(
    connection: Connection, first: PlanVersion, second: PlanVersion, seen: Visibility
) -> dict[LineKey, list[Any]]:
    """What was done to each line in the versions after the earlier one up to the later one, the newest first."""
    low, high = sorted((first.number, second.number))
    its, made, of = edited_lines.c, plan_edits.c, plan_versions.c
    rows = (
        select(*(its[name] for name in KEY), its.months, made.author, made.at, made.why, made.kind)
        .join(plan_edits, made.id == its.edit)
        .join(plan_versions, of.id == made.version)
        .where(of.plan == first.plan, of.number > low, of.number <= high)
        .order_by(made.id.desc())
    )
    if seen.dealers is not None:
        rows = rows.where(its.dealer.in_(sorted(seen.dealers)))
    found: dict[LineKey, list[Any]] = {}
    for row in connection.execute(rows):
        found.setdefault(LineKey(*row[: len(KEY)]), []).append(row)
    return found


def _told(edit: Any) -> dict[str, Any]:
    if edit is None:
        return {"who": "", "at": None, "why": "", "kind": ""}
    return {"who": edit.author, "at": edit.at, "why": edit.why, "kind": edit.kind}
