"""Pages of an entity set, from what the newest run stored.

A page begins after the last row of the one before, not at a number of rows: whatever a run changes between two pages,
no row comes twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from attribution.credit import credit_by
from attribution.feed.entities import EPOCH, FACTS, EntitySet, Property
from attribution.feed.narrowing import span_of, values_of
from attribution.feed.predicate import EVERY, And, Atom, Or, Part, Predicate, Relation, Stored
from attribution.feed.program import program_of
from attribution.models import Model
from attribution.question import Calendar
from attribution.reference import reference_document
from attribution.reports import calendar_column
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "feed")

Row = Mapping[str, Stored]


@dataclass(frozen=True, slots=True)
class SortKey:
    property: Property
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """`most` rows that meet the predicate, after `skip` of them, or after the row whose sort keys are `after`.

    Rows are in the order of `sort`, then of their keys. `model` and `calendar` are those of facts.
    """

    entity_set: EntitySet
    predicate: Predicate = EVERY
    sort: tuple[SortKey, ...] = ()
    after: tuple[Stored, ...] | None = None
    skip: int = 0
    most: int = 10_000
    model: Model = Model.LAST_NON_DIRECT
    calendar: Calendar = Calendar.CONVERSION

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
    """`rows` have stored values by the names of properties; `matching` counts those of this page and all behind it.

    `last` are the sort keys of the last row, where there are rows behind it.
    """

    rows: Sequence[Row]
    matching: int
    last: tuple[Stored, ...] | None


def read_page(warehouse: Warehouse, engine: Engine, question: PageQuestion, *, seen: Visibility = EVERYTHING) -> Page:
    """Facts that are seen, and the names that these have. Raises `NotReady` where nothing was attributed yet."""
    found = warehouse.rows(_SQL["rows_of_feed"], _parameters(warehouse, engine, question, seen))
    rows = [_row(question.entity_set, each["texts"], each["numbers"]) for each in found[: question.most]]
    is_more = rows and len(found) > question.most
    last = tuple(rows[-1][key.property.name] for key in question.order) if is_more else None
    return Page(rows, int(found[0]["matching"]) if found else 0, last)


def _row(entity_set: EntitySet, texts: Sequence[str], numbers: Sequence[int]) -> Row:
    return {
        each.name: texts[each.place - 1] if each.is_text else numbers[each.place - 1] for each in entity_set.properties
    }


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


def _parameters(warehouse: Warehouse, engine: Engine, question: PageQuestion, seen: Visibility) -> dict[str, Any]:
    run = newest_run(warehouse)
    atoms, steps = program_of(question.wanted)
    return {
        "run": run.number,
        "entities": question.entity_set.source,
        "filtered": "every" if question.wanted == EVERY else "meeting",
        "atoms": atoms,
        "steps": steps,
        "order": [(key.property.place, key.property.is_text, key.descending) for key in question.order],
        "skip": question.skip,
        "most": question.most + 1,
        "contractors": _contractors(engine, seen),
        "origins": "every_origin" if seen.is_everything else "origins_seen",
        "dealers_of_origins": "no_dealers" if seen.contractors is None else "dealers_of_origins_seen",
        "model": question.model.value,
        "calendar": calendar_column(question.calendar),
        **_narrowed(question),
        **seen.parameters,
        **credit_by(warehouse, run.number, question.model),
    }


def _narrowed(question: PageQuestion) -> dict[str, Any]:
    """Which days and dealers of facts are read at all."""
    if question.entity_set is not FACTS:
        return {"from": EPOCH, "to": EPOCH, "dealers": []}
    day, dealer = (FACTS.property(name, "") for name in ("Day", "Dealer"))
    first, last = span_of(question.wanted, day)
    dealers = values_of(question.wanted, dealer)
    return {
        "from": EPOCH + timedelta(days=first),
        "to": EPOCH + timedelta(days=last),
        "dealers": sorted(dealers or ()),
    }


def _contractors(engine: Engine, seen: Visibility) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in reference_document(engine, seen=seen).contractors]
