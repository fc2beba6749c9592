"""Journeys in the warehouse, and the arrays that models ask of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from attribution.journeys.arrays import Floats
from attribution.journeys.markov import Transitions
from attribution.journeys.shapley import ChannelSets
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "journeys")
FIRST_PART = 0.7


@dataclass(frozen=True, slots=True)
class Span:
    """Journeys that ended within it, both moments inclusive, as the table's `ended` counts them."""

    since: int = 0
    until: int = 2**64 - 1


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How a journey is shared among its touches: `name` is one that `allocate` knows; `weights` are the channels'."""

    name: str
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """What channels get, from the first on, of conversions, of journeys that did not convert, and of value."""

    conversions: Floats
    nulls: Floats
    value: Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """How many journeys convert or not, what they are worth, and how many conversions come of one touch, or of none."""

    conversions: float
    nulls: float
    value: float
    touches: float
    of_one_touch: float
    of_no_touch: float
    value_of_no_touch: float


@dataclass(frozen=True, slots=True)
class Journeys:
    """A table that `create_journeys` made, and whose channels these are, in the order of their numbers.

    `timed` says whether the times of touches are known; where they are not, the rows are divided into parts 0 and 1.
    """

    warehouse: Warehouse
    table: str
    channels: Sequence[str]
    timed: bool
    half_life_days: float = 7.0
    direct: str = "direct"

    def counts(self, span: Span) -> Counts:
        return Counts(
            **{name: float(value) for name, value in self._table("count_journeys", span).to_pylist()[0].items()}
        )

    def parts(self) -> tuple[Span, Span]:
        """The journeys that ended first, and those that ended later."""
        asked = {"journeys": self.table, "first_part": FIRST_PART}
        last = int(self.warehouse.value(_SQL["end_of_first_part"], asked)) if self.timed else 0
        return Span(until=last), Span(since=last + 1)

    def transitions(self, order: int, span: Span) -> Transitions:
        found = self._table("transitions", span, order=order)
        return Transitions(*(found[name].to_numpy() for name in found.column_names))

    def channel_sets(self, span: Span) -> ChannelSets:
        found = self._table("channel_sets", span).combine_chunks()
        members = found["members"].combine_chunks()
        sizes = members.value_lengths().to_numpy().astype(np.int64)
        return ChannelSets(
            members.flatten().to_numpy().astype(np.int64),
            np.cumsum(sizes) - sizes,
            found["conversions"].to_numpy(),
            found["nulls"].to_numpy(),
        )

    def allocate(self, rule: Rule, span: Span, *, with_nulls: bool) -> Allocation:
        found = self._table("allocate", span, **self._of_rule(rule), with_nulls=with_nulls)
        places = found["channel"].to_numpy().astype(np.int64) - 1
        given = []
        for name in ("conversions", "nulls", "value"):
            whole = np.zeros(len(self.channels))
            whole[places] = found[name].to_numpy()
            given.append(whole)
        return Allocation(*given)

    def scores(self, rule: Rule, rates: Floats, span: Span) -> tuple[Floats, Floats, Floats]:
        """Scores, each once, and how many journeys of it converted and did not."""
        found = self._table("score", span, **self._of_rule(rule), rates=rates.tolist())
        score, conversions, nulls = (found[name].to_numpy() for name in found.column_names)
        return score, conversions, nulls

    def _of_rule(self, rule: Rule) -> Mapping[str, Any]:
        return {"rule": rule.name, "weights": rule.weights.tolist(), "half_life_s": self.half_life_days * 86_400}

    def _table(self, statement: str, span: Span, **asked: Any) -> pa.Table:
        parameters = {"journeys": self.table, "since": span.since, "until": span.until, **asked}
        return self.warehouse.table(_SQL[statement], parameters)


def drop_abandoned(warehouse: Warehouse, age: timedelta) -> None:
    """Take away tables of journeys that were made so long ago: a comparison takes minutes at the most."""
    for row in warehouse.rows(_SQL["abandoned_journeys"], {"age_s": int(age.total_seconds())}):
        warehouse.command(_SQL["drop_journeys"], {"journeys": row["name"]})


@contextmanager
def new_journeys(warehouse: Warehouse) -> Iterator[str]:
    """The name of an empty table of journeys, in memory, which is gone afterwards.

    Where the process is killed before that, the next use that begins a day later takes it away.
    """
    drop_abandoned(warehouse, timedelta(days=1))
    table = warehouse.value(_SQL["name_journeys"])
    warehouse.command(_SQL["create_journeys"], {"journeys": table})
    try:
        yield table
    finally:
        warehouse.command(_SQL["drop_journeys"], {"journeys": table})
