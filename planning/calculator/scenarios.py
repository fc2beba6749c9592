"""Scenarios: questions of the calculator that are kept under a name, with what was answered.

A scenario of a dealer is seen by whoever sees the dealer; one of all dealers by whoever sees all, and by its author.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput, NotFound
from planning.calculator.question import CalculatorQuestion
from planning.calculator.tables import calculator_scenarios
from planning.media.months import Month

_its = calculator_scenarios.c
_MOST = 500


@dataclass(frozen=True, slots=True)
class Scenario:
    """`answer` is what the API answered when it was kept. Moments are in UTC."""

    id: int
    name: str
    dealer: str
    month: Month
    currency: str
    asked: Mapping[str, Any]
    answer: Mapping[str, Any]
    revision: int
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str

    @property
    def question(self) -> CalculatorQuestion:
        return CalculatorQuestion.model_validate(self.asked)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "dealer": self.dealer,
            "month": str(self.month),
            "currency": self.currency,
            "question": self.asked,
            "answer": self.answer,
            "revision": self.revision,
            "created_at": self.created_at.isoformat(),
            "created_by": self.created_by,
            "changed_at": self.changed_at.isoformat(),
            "changed_by": self.changed_by,
        }


class Scenarios:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def list(self, *, viewer: str, seen: Visibility = EVERYTHING) -> Sequence[Scenario]:
        """The newest first."""
        rows = select(calculator_scenarios).order_by(_its.changed_at.desc(), _its.id.desc())
        with self._engine.connect() as connection:
            return [each for each in map(_scenario, connection.execute(rows)) if _is_seen(each, viewer, seen)]

    def get(self, key: int, *, viewer: str, seen: Visibility = EVERYTHING) -> Scenario:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return _with(connection, key, viewer, seen)

    def save(self, name: str, question: CalculatorQuestion, answer: Mapping[str, Any], *, author: str) -> Scenario:
        """Raises `InvalidInput`. The answer is to that question, and says its currency."""
        now = self._clock.now()
        row = _row(name, question, answer) | {
            "revision": 1, "created_at": now, "created_by": author, "changed_at": now, "changed_by": author,
        }  # fmt: skip
        with self._engine.begin() as connection:
            if len(connection.execute(select(_its.id).limit(_MOST)).all()) == _MOST:
                raise InvalidInput(
                    f"There are {_MOST} scenarios already.", where="name", help="Delete some that nobody needs."
                )
            key = connection.execute(insert(calculator_scenarios).returning(_its.id), row).scalar_one()
            made = _read(connection, key)
            self._note(connection, author, key, after=made)
            return made

    def change(
        self,
        key: int,
        name: str,
        question: CalculatorQuestion,
        answer: Mapping[str, Any],
        *,
        based_on: int,
        author: str,
        seen: Visibility = EVERYTHING,
    ) -> Scenario:
        """Raises `InvalidInput`, `NotFound` and `Conflict`."""
        row = _row(name, question, answer)
        stamps = {"revision": based_on + 1, "changed_at": self._clock.now(), "changed_by": author}
        with self._engine.begin() as connection:
            before = _with(connection, key, author, seen)
            wanted = (_its.id == key) & (_its.revision == based_on)
            changed = connection.execute(update(calculator_scenarios).where(wanted).values(row | stamps))
            _check_based(changed.rowcount, before)
            after = _read(connection, key)
            self._note(connection, author, key, before=before, after=after)
            return after

    def remove(self, key: int, *, based_on: int, author: str, seen: Visibility = EVERYTHING) -> None:
        """Raises `NotFound` and `Conflict`."""
        with self._engine.begin() as connection:
            before = _with(connection, key, author, seen)
            wanted = (_its.id == key) & (_its.revision == based_on)
            _check_based(connection.execute(delete(calculator_scenarios).where(wanted)).rowcount, before)
            self._note(connection, author, key, before=before)

    def _note(
        self,
        connection: Connection,
        author: str,
        key: int,
        *,
        before: Scenario | None = None,
        after: Scenario | None = None,
    ) -> None:
        what = f"calculator scenario {key}"
        note_change(connection, self._clock, who=author, what=what, before=_text(before), after=_text(after))


def _with(connection: Connection, key: int, viewer: str, seen: Visibility) -> Scenario:
    row = connection.execute(select(calculator_scenarios).where(_its.id == key)).one_or_none()
    if row is None or not _is_seen(_scenario(row), viewer, seen):
        raise NotFound(
            f"There is no scenario {key}.", where="key", help="The calculator lists the scenarios that you see."
        )
    return _scenario(row)


def _read(connection: Connection, key: int) -> Scenario:
    return _scenario(connection.execute(select(calculator_scenarios).where(_its.id == key)).one())


def _is_seen(scenario: Scenario, viewer: str, seen: Visibility) -> bool:
    if seen.is_everything:
        return True
    return seen.sees_dealer(scenario.dealer) if scenario.dealer else scenario.created_by == viewer


def _check_based(rowcount: int, before: Scenario) -> None:
    if rowcount == 0:
        raise Conflict(
            f"{before.changed_by} has changed this scenario meanwhile; it is called {before.name!r} now.",
            where="based_on",
            help="Load the page again, and change what is there now.",
        )


def _row(name: str, question: CalculatorQuestion, answer: Mapping[str, Any]) -> dict[str, Any]:
    told = " ".join(name.split())
    if not told or len(told) > 200 or not told.isprintable():
        raise InvalidInput(
            "A scenario needs a name of up to 200 characters.", where="name", help="Say what it tries, in a few words."
        )
    month = question.of_month
    return {
        "name": told,
        "dealer": question.dealer,
        "year": month.year,
        "month": month.month,
        "currency": answer["currency"],
        "asked": question.as_dict(),
        "answer": dict(answer),
    }


def _scenario(row: Row[Any]) -> Scenario:
    found = dict(row._mapping)
    found["month"] = Month(found.pop("year"), found["month"])
    return Scenario(**found)


def _text(scenario: Scenario | None) -> str:
    """What was asked, and the whole of what was answered, without channels and curves."""
    if scenario is None:
        return ""
    said = {"name": scenario.name, "question": scenario.asked, "totals": scenario.answer.get("totals")}
    return orjson.dumps(said).decode()
