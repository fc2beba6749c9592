"""Short codes of visitors, which customers say on the telephone, and which stand in the addresses that they write to.

A code is a number and a check digit (ISO 7064, MOD 11,10): one wrong digit, and nearly every two that changed places,
make it no code. A visitor has one for ever, and nobody else gets it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Column, Engine, Integer, String, Table, select

from collectors.events import to_json
from infra.database import insert_or_meet, metadata

_FIRST = 1000
_MOST_AT_ONCE = 500
_NO_DIGIT = re.compile(r"\D")
_NAMED = b'"visit_code"'

visitor_codes = Table(
    "visitor_codes",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("visitor_id", String(40), nullable=False, unique=True),
)
_codes = visitor_codes.c


class VisitorCodes:
    """Safe to use from several threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def code_of(self, visitor: str) -> str:
        """The visitor's code, made when it is first asked for. Raises `DatabaseUnavailable`."""
        known = select(_codes.number).where(_codes.visitor_id == visitor)
        with self._engine.begin() as connection:
            number = connection.scalar(known)
            if number is None:
                connection.execute(
                    insert_or_meet(connection, visitor_codes).on_conflict_do_nothing(), {"visitor_id": visitor}
                )
                number = connection.execute(known).scalar_one()
        return _with_check_digit(str(_FIRST + number))

    def visitors(self, codes: Iterable[str]) -> dict[str, str]:
        """Whose each code is, as far as it is one; however it is written. Raises `DatabaseUnavailable`."""
        numbers = {code: number for code in codes if (number := number_of(code)) is not None}
        asked = sorted(set(numbers.values()))
        found: dict[int, str] = {}
        with self._engine.connect() as connection:
            for first in range(0, len(asked), _MOST_AT_ONCE):
                part = _codes.number.in_(asked[first : first + _MOST_AT_ONCE])
                found.update(
                    (row.number, row.visitor_id) for row in connection.execute(select(visitor_codes).where(part))
                )
        return {code: found[number] for code, number in numbers.items() if number in found}


def number_of(code: str) -> int | None:
    """The number within a code, between whose digits anything but letters may stand; None for what is none."""
    digits = _NO_DIGIT.sub("", code)
    if (
        any(sign.isalpha() for sign in code)
        or not 5 <= len(digits) <= 12
        or not digits.isascii()
        or _with_check_digit(digits[:-1]) != digits
    ):
        return None
    number = int(digits[:-1]) - _FIRST
    return number if 0 < number < 2**31 else None


def with_visitors(events: Mapping[str, bytes], codes: VisitorCodes) -> Mapping[str, bytes]:
    """Canonical leads or deals by id, with the visitor whose code their `visit_code` is, where they name none.

    Raises `DatabaseUnavailable`.
    """
    found = {key: orjson.loads(line) for key, line in events.items() if _NAMED in line}
    asked = {key: _code(event) for key, event in found.items() if not event.get("visitor_id") and _code(event)}
    if not asked:
        return events
    visitors = codes.visitors(asked.values())
    tied = {
        key: to_json(found[key] | {"visitor_id": visitors[code]}) for key, code in asked.items() if code in visitors
    }
    return {**events, **tied}


def _code(event: Mapping[str, Any]) -> str:
    told = event.get("properties", {}).get("visit_code")
    return str(told) if isinstance(told, str | int) else ""


def _with_check_digit(digits: str) -> str:
    product = 10
    for digit in digits:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return digits + str((11 - product) % 10)
