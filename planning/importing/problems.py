"""What is wrong with a file, or worth knowing about it, at the cell where it is."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from planning.importing.sheet import Place

_MOST_KEPT = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` is a sentence; `place` is empty where it is of the whole file or sheet."""

    message: str
    place: Place | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"message": self.message, "place": str(self.place) if self.place else ""}


@dataclass
class Problems:
    """Errors keep a file from being taken, warnings do not. Of each, the first are kept, and all counted."""

    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)

    def error(self, problem: Problem) -> None:
        self.count["errors"] += 1
        if len(self.errors) < _MOST_KEPT:
            self.errors.append(problem)

    def warn(self, problem: Problem) -> None:
        self.count["warnings"] += 1
        if len(self.warnings) < _MOST_KEPT:
            self.warnings.append(problem)
