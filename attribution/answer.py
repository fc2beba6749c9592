"""What any report answers, in the one shape that the API, the exports and the command line write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from attribution.measures import Measure, Unit
from attribution.runs import Run
from infra.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Period:
    """`first_day` and `last_day` are both inclusive, in the account's time zone. Raises `InvalidInput`."""

    first_day: date
    last_day: date

    def __post_init__(self) -> None:
        if self.last_day < self.first_day:
            raise InvalidInput("The period ends before it begins.", where="to")


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` has a column for each of `names` (text) and `figures` (numbers in the unit that each says), in that order.

    `run` is None where no run was read. `asked` is the question as JSON takes it; `about` is what else the reader must
    know, beside the rows. Where `rows` are a page of more, `groups` is how many there are, and `next` asks for the page
    after it.
    """

    subject: str
    run: Run | None
    names: tuple[str, ...]
    figures: tuple[Measure, ...]
    rows: pd.DataFrame
    asked: Mapping[str, Any]
    totals: dict[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    groups: int | None = None
    next: str | None = None

    @property
    def run_read(self) -> Run:
        """Raises `LookupError` where no run was read."""
        if self.run is None:
            raise LookupError(f"The answer of {self.subject} stands on no run.")
        return self.run

    @property
    def counts(self) -> frozenset[str]:
        return frozenset(figure.slug for figure in self.figures if figure.unit is Unit.COUNT)

    def items(self, most: int | None = None) -> list[dict[str, Any]]:
        """Rows, the first so many, as plain values: a missing figure is None, a whole count an integer."""
        return records(self.rows.head(most) if most else self.rows, self.counts)


def records(rows: pd.DataFrame, counts: frozenset[str]) -> list[dict[str, Any]]:
    """Rows as plain values; of `counts`, a whole one is an integer."""
    found = rows.to_dict("records")
    return [{str(name): _plain(value, str(name) in counts) for name, value in row.items()} for row in found]


def _plain(value: Any, counts: bool) -> Any:
    if isinstance(value, float):
        if pd.isna(value):
            return None
        return int(value) if counts and value.is_integer() else round(value, 9)
    if value is None or value is pd.NaT:
        return None
    return value.item() if hasattr(value, "item") else value
