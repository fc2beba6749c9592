"""What a file would change: before and after, for each measure and for the cells that change most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from planning.grid import LineKey
from planning.measures import PLANNED

_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class CellChange:
    """`before` is None where nothing stood there. In smallest units; `month` is 1 to 12."""

    key: LineKey
    month: int
    before: int | None
    after: int

    def as_dict(self) -> dict[str, Any]:
        measure = PLANNED[self.key.measure]
        before = None if self.before is None else measure.shown(self.before)
        return {**self.key._asdict(), "month": self.month, "before": before, "after": measure.shown(self.after)}


@dataclass
class Comparison:
    """`same` are cells that stay as they are, `locked` those among the changed ones that somebody has locked."""

    new_lines: int = 0
    added: int = 0
    changed: int = 0
    same: int = 0
    locked: int = 0
    largest: list[CellChange] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return {
            "new_lines": self.new_lines,
            "added": self.added,
            "changed": self.changed,
            "same": self.same,
            "locked": self.locked,
            "largest": [each.as_dict() for each in self.largest],
        }


def compare(
    before: Mapping[LineKey, Sequence[int | None]],
    after: Mapping[LineKey, Sequence[int | None]],
    locked: Mapping[LineKey, Sequence[bool]],
) -> Comparison:
    """`after` has None where the file says nothing."""
    found = Comparison()
    changes: list[CellChange] = []
    nothing: list[int | None] = [None] * 12
    for key, values in after.items():
        old = before.get(key)
        found.new_lines += old is None
        locks = locked.get(key)
        for month, (was, now) in enumerate(zip(old or nothing, values, strict=True), 1):
            if now is None:
                continue
            if was == now:
                found.same += 1
                continue
            found.added += not was
            found.changed += bool(was)
            found.locked += bool(locks and locks[month - 1])
            if was:
                changes.append(CellChange(key, month, was, now))
    changes.sort(key=lambda each: -abs(each.after - (each.before or 0)) / max(each.before or 1, 1))
    found.largest = changes[:_MOST_SHOWN]
    return found


def sums_by_month(lines: Mapping[LineKey, Sequence[int | None]]) -> dict[str, list[float]]:
    """Of each measure its twelve months, in whole units of what it is counted in."""
    found: dict[str, list[int]] = {}
    for key, values in lines.items():
        sums = found.setdefault(key.measure, [0] * 12)
        for month, value in enumerate(values):
            sums[month] += value or 0
    return {slug: [measure.shown(each) for each in found[slug]] for slug, measure in PLANNED.items() if slug in found}
