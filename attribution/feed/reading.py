"""Reading pages of an entity set from what a run stored, and counting all their rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine

from attribution.credit import credit_by
from attribution.feed.entities import EPOCH, FACTS, EntitySet
from attribution.feed.narrowing import FIRST, Span, span_of, values_of
from attribution.feed.pages import Page, PageQuestion, Row
from attribution.feed.predicate import EVERY
from attribution.feed.program import program_of
from attribution.feed.windows import cut_window, first_length, next_length
from attribution.reference import reference_document
from attribution.reports import calendar_column
from attribution.runs import is_kept, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import Replaced
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "feed")
_DAY = FACTS.property("Day", "")
_DEALER = FACTS.property("Dealer", "")


def read_page(warehouse: Warehouse, engine: Engine, question: PageQuestion, *, seen: Visibility = EVERYTHING) -> Page:
    """Facts that are seen, and the names that these have.

    Raises `NotReady` where nothing was attributed yet, `Replaced` where the run that is asked for is no longer kept.
    """
    reading = _Reading(warehouse, engine, question, seen, _run_of(warehouse, question))
    wanted = question.most + 1
    found = reading.day_by_day(wanted) if reading.goes_by_days else reading.rows(reading.days, wanted)
    rows = found[: question.most]
    is_more = rows and len(found) > question.most
    last = tuple(rows[-1][key.property.name] for key in question.order) if is_more else None
    return Page(rows, reading.run, last)


def count_rows(warehouse: Warehouse, engine: Engine, question: PageQuestion, *, seen: Visibility = EVERYTHING) -> int:
    """How many rows meet the predicate, on all pages. Raises as `read_page` does."""
    every = replace(question, skip=0, after=None, sort=())
    return _Reading(warehouse, engine, every, seen, _run_of(warehouse, question)).count()


def _run_of(warehouse: Warehouse, question: PageQuestion) -> int:
    newest = newest_run(warehouse).number
    if question.run in (None, newest):
        return newest
    if not is_kept(warehouse, question.run):
        raise Replaced(
            "The figures have been computed anew since the first page.",
            where="$skiptoken",
            help="Ask for the first page again, and follow its links.",
        )
    return question.run


@dataclass(frozen=True, slots=True)
class _Reading:
    warehouse: Warehouse
    engine: Engine
    question: PageQuestion
    seen: Visibility
    run: int

    @property
    def goes_by_days(self) -> bool:
        """Whether pages can be read without what lies behind them."""
        return self.question.entity_set is FACTS and self.question.order[0].property == _DAY and not self.question.skip

    @property
    def days(self) -> Span:
        """Which days of facts are read at all."""
        return span_of(self.question.wanted, _DAY) if self.question.entity_set is FACTS else (FIRST, FIRST)

    def day_by_day(self, wanted: int) -> list[Row]:
        left, most = self._days_with_facts()
        length, found = first_length(left, most, wanted), list[Row]()
        backwards = self.question.order[0].descending
        while left[0] <= left[1] and len(found) < wanted:
            missing = wanted - len(found)
            window, left = cut_window(left, length, backwards=backwards)
            more = self.rows(window, missing)
            length = next_length(length, len(more), missing)
            found += more
        return found

    def rows(self, days: Span, most: int) -> list[Row]:
        found = self.warehouse.rows(_SQL["rows_of_feed"], self._parameters(days) | {"most": most})
        return [_row(self.question.entity_set, each["texts"], each["numbers"]) for each in found]

    def count(self) -> int:
        found = self.warehouse.rows(_SQL["rows_of_feed"], self._parameters(self.days) | {"most": 1})
        return int(found[0]["matching"]) if found else 0

    def _days_with_facts(self) -> tuple[Span, int]:
        """Between which days they lie, and how many there are at the most, whatever the day."""
        first, last = self.days
        told = {"run": self.run, "calendar": calendar_column(self.question.calendar)}
        (known,) = self.warehouse.rows(_SQL["days_with_facts"], told)
        return (max(first, known["first"]), min(last, known["last"])), known["most"]

    def _parameters(self, days: Span) -> dict[str, Any]:
        question = self.question
        atoms, steps = program_of(question.wanted)
        return {
            "run": self.run,
            "entities": question.entity_set.source,
            "filtered": "every" if question.wanted == EVERY else "meeting",
            "atoms": atoms,
            "steps": steps,
            "order": [(key.property.place, key.property.is_text, key.descending) for key in question.order],
            "skip": question.skip,
            "contractors": _contractors(self.engine, self.seen),
            "origins": "every_origin" if self.seen.is_everything else "origins_seen",
            "dealers_of_origins": "no_dealers" if self.seen.contractors is None else "dealers_of_origins_seen",
            "model": question.model.value,
            "calendar": calendar_column(question.calendar),
            "from": EPOCH + timedelta(days=days[0]),
            "to": EPOCH + timedelta(days=days[1]),
            "dealers": sorted(values_of(question.wanted, _DEALER) or ()) if question.entity_set is FACTS else [],
            **self.seen.parameters,
            **credit_by(self.warehouse, self.run, question.model),
        }


def _row(entity_set: EntitySet, texts: Sequence[str], numbers: Sequence[int]) -> Row:
    return {
        each.name: texts[each.place - 1] if each.is_text else numbers[each.place - 1] for each in entity_set.properties
    }


def _contractors(engine: Engine, seen: Visibility) -> list[tuple[str, str]]:
    return [(each.id, each.name) for each in reference_document(engine, seen=seen).contractors]
