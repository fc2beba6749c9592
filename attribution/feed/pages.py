"""Pages of an entity set: what is asked for, and what is answered.

A page begins after the last row of the one before, not at a number of rows, and is of the run that the first page was
of: so all pages together are the rows of one run, each once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attribution.feed.entities import EntitySet, Property
from attribution.feed.predicate import EVERY, And, Atom, Or, Part, Predicate, Relation, Stored
from attribution.models import Model
from attribution.question import Calendar

Row = Mapping[str, Stored]


@dataclass(frozen=True, slots=True)
class SortKey:
    property: Property
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """`most` rows that meet the predicate, after `skip` of them, or after the row whose sort keys are `after`.

    Rows are in the order of `sort`, then of their keys. `model` and `calendar` are those of facts. They are of the run
    of that number, or of the newest.
    """

    entity_set: EntitySet
    predicate: Predicate = EVERY
    sort: tuple[SortKey, ...] = ()
    after: tuple[Stored, ...] | None = None
    skip: int = 0
    most: int = 10_000
    model: Model = Model.LAST_NON_DIRECT
    calendar: Calendar = Calendar.CONVERSION
    run: int | None = None

    @property
    def order(self) -> tuple[SortKey, ...]:
        """In which no two rows are alike."""
        sorted_by = [each.property for each in self.sort]
        return *self.sort, *(SortKey(each) for each in self.entity_set.key if each not in sorted_by)

    @property
    def wanted(self) -> Predicate:
        if self.after is None:
            return self.predicate
        return And((self.predicate, *_beyond(self.order, self.after)))


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` have stored values by the names of properties; `run` is the number of the run that they are of.

    `last` are the sort keys of the last row, where there are rows behind it.
    """

    rows: Sequence[Row]
    run: int
    last: tuple[Stored, ...] | None


def _beyond(order: Sequence[SortKey], after: Sequence[Stored]) -> tuple[Predicate, ...]:
    """What rows after that one meet; of the first key it is said once more by itself, as the statement can use it."""
    keys = list(zip(order, after, strict=True))
    first, value = keys[0]
    ways = [
        And((*(_atom(key, Relation.IN, same) for key, same in keys[:place]), _atom(key, _further(key), passed)))
        for place, (key, passed) in enumerate(keys)
    ]
    return _atom(first, Relation.AT_MOST if first.descending else Relation.AT_LEAST, value), Or(tuple(ways))


def _further(key: SortKey) -> Relation:
    return Relation.LESS if key.descending else Relation.MORE


def _atom(key: SortKey, relation: Relation, value: Stored) -> Atom:
    return Atom(key.property, Part.WHOLE, relation, (value,))
