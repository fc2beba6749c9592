"""The words of `$filter`, one after the other, and what its literals mean.

Written here, since no kept parser reads the standard: the best known takes `in ('a')` for a mistake.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from attribution.feed.comparing import Literal
from infra.errors import InvalidInput

FILTER = "$filter"


class Sort(StrEnum):
    TEXT = "text"
    MOMENT = "moment"
    DAY = "day"
    NUMBER = "number"
    NAME = "name"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Word:
    """`at` is where it begins, from 1."""

    sort: Sort
    said: str
    at: int


# The `+` of an offset is a space where the address has it as it stands.
_WORD = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')"
    r"|(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,12})?)?(?:Z|[+\- ]\d\d:\d\d)?)"
    r"|(?P<day>\d{4}-\d\d-\d\d)"
    r"|(?P<number>[+-]?\d{1,40}(?:\.\d{1,40})?(?:[eE][+-]?\d{1,2})?)(?!\w)"
    r"|(?P<name>[A-Za-z_][\w.]{0,127})"
    r"|(?P<sign>[(),])|(?P<end>$))",
    re.ASCII,
)
_CONSTANTS: dict[str, Literal] = {"true": True, "false": False, "null": None}


def words_of(text: str) -> Iterator[Word]:
    """Raises `InvalidInput` where something is none."""
    at = 0
    while (found := _WORD.match(text, at)) is not None:
        sort = Sort(found.lastgroup or Sort.END)
        yield Word(sort, found[sort], found.start(sort) + 1)
        if sort is Sort.END:
            return
        at = found.end()
    rest = text[at:].strip()
    hint = "A text has a single quote at both ends, and two within it for one: 'O''Brien'."
    raise InvalidInput(f"$filter cannot be read from {rest[:30]!r} on.", where=FILTER, help=hint)


def is_literal(word: Word) -> bool:
    return word.sort in (Sort.TEXT, Sort.MOMENT, Sort.DAY, Sort.NUMBER) or word.said in _CONSTANTS


def literal_of(word: Word) -> Literal:
    """Raises `InvalidInput` for a day or a time that is in no calendar."""
    if word.sort is Sort.TEXT:
        return word.said[1:-1].replace("''", "'")
    if word.sort is Sort.NUMBER:
        return Decimal(word.said)
    if word.sort is Sort.NAME:
        return _CONSTANTS[word.said]
    try:
        return date.fromisoformat(word.said) if word.sort is Sort.DAY else _moment(word.said)
    except ValueError:
        raise InvalidInput(
            f"{word.said} is no {word.sort}.", where=FILTER, help="Write 2026-01-31 or 2026-01-31T00:00:00Z."
        ) from None


def _moment(said: str) -> datetime:
    """As the wall clock shows it; parts of a second are cut after six digits."""
    clock = re.sub(r"(?:Z|[+\- ]\d\d:\d\d)$", "", said)
    whole, _, parts = clock.partition(".")
    return datetime.fromisoformat(f"{whole}.{parts[:6]:0<6}" if parts else whole)
