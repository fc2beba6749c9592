"""Comparisons as people write them, made into tests on what columns store."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_FLOOR, Decimal, localcontext
from enum import StrEnum

from attribution.feed.entities import EPOCH, Kind, Property
from attribution.feed.predicate import EVERY, NONE, Atom, Not, Part, Predicate, Relation
from infra.errors import InvalidInput

Literal = str | bool | Decimal | date | datetime | None
_LARGEST = 2**63 - 1
_PARTS_OF_DAYS = (Part.YEAR, Part.MONTH, Part.DAY)
_WORDS = {Kind.TEXT: "a text in single quotes, such as 'email'", Kind.DATE: "a day, such as 2026-01-31"}


class Comparison(StrEnum):
    EQUAL = "eq"
    UNEQUAL = "ne"
    LESS = "lt"
    AT_MOST = "le"
    MORE = "gt"
    AT_LEAST = "ge"


_RELATIONS = {
    Comparison.LESS: Relation.LESS,
    Comparison.AT_MOST: Relation.AT_MOST,
    Comparison.MORE: Relation.MORE,
    Comparison.AT_LEAST: Relation.AT_LEAST,
}


def compared(column: Property, part: Part, comparison: Comparison, literal: Literal, where: str) -> Predicate:
    """A column, or a part of it, compared with what was written.

    A moment is read as its wall clock shows, whatever its offset: days are the account's. Nothing equals null. Raises
    `InvalidInput`, naming the option, where the two cannot be compared.
    """
    if comparison is Comparison.UNEQUAL:
        return Not(compared(column, part, Comparison.EQUAL, literal, where))
    if literal is None:
        return NONE
    if column.is_text:
        if not isinstance(literal, str):
            raise _mismatch(column, where)
        return _atom(column, part, comparison, literal)
    if column.kind is Kind.DATE and part not in _PARTS_OF_DAYS:
        return _number(column, part, comparison, _days(column, literal, where))
    if isinstance(literal, bool) or not isinstance(literal, Decimal):
        raise _mismatch(column, where)
    with localcontext(prec=200):
        return _number(column, part, comparison, literal.scaleb(column.scale))


def searched(column: Property, part: Part, relation: Relation, literal: Literal, where: str) -> Predicate:
    """`relation` is one of those on parts of texts. Raises `InvalidInput`, naming the option."""
    if not column.is_text or not isinstance(literal, str):
        raise InvalidInput(
            f"{column.name} is not searched for this.",
            where=where,
            help="Write contains, startswith or endswith with a column of texts and a text: contains(Campaign,'sale').",
        )
    return Atom(column, part, relation, (literal,)) if literal else EVERY


def _days(column: Property, literal: Literal, where: str) -> Decimal:
    """Since 1970, with the part of the day that a moment has gone through."""
    if isinstance(literal, datetime):
        gone = datetime.combine(EPOCH, literal.time()) - datetime.combine(EPOCH, time())
        return Decimal((literal.date() - EPOCH).days) + Decimal(gone // timedelta(microseconds=1)) / 86_400_000_000
    if isinstance(literal, date):
        return Decimal((literal - EPOCH).days)
    raise _mismatch(column, where)


def _number(column: Property, part: Part, comparison: Comparison, wanted: Decimal) -> Predicate:
    """Columns store whole numbers: what lies between two of them is compared with the one below."""
    if abs(wanted) > _LARGEST:
        above = comparison in (Comparison.LESS, Comparison.AT_MOST)
        return EVERY if comparison is not Comparison.EQUAL and above == (wanted > 0) else NONE
    whole = int(wanted.to_integral_value(ROUND_FLOOR))
    if whole != wanted:
        if comparison is Comparison.EQUAL:
            return NONE
        below = comparison in (Comparison.LESS, Comparison.AT_MOST)
        comparison = Comparison.AT_MOST if below else Comparison.MORE
    return _atom(column, part, comparison, whole)


def _atom(column: Property, part: Part, comparison: Comparison, value: str | int) -> Atom:
    relation = Relation.IN if comparison is Comparison.EQUAL else _RELATIONS[comparison]
    return Atom(column, part, relation, (value,))


def _mismatch(column: Property, where: str) -> InvalidInput:
    wanted = _WORDS.get(column.kind, "a number, such as 1.5")
    return InvalidInput(f"{column.name} is compared with what it cannot be.", where=where, help=f"Write {wanted}.")
