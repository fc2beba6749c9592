"""Which rows are wanted: a tree of tests on single columns.

A predicate is evaluated here, and by the engine of the warehouse, to which it travels as data. Law: both let the same
rows through. No column is ever empty of a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from attribution.feed.entities import EPOCH, Property

Stored = str | int


class Part(StrEnum):
    """What of a value is looked at: all of it, a part of a day, or a text in one case."""

    WHOLE = "whole"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    LOWER = "lower"
    UPPER = "upper"


class Relation(StrEnum):
    IN = "in"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class Atom:
    """`values` are as columns store them; every relation but `in` has one."""

    property: Property
    part: Part
    relation: Relation
    values: tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class And:
    """Of no parts it holds for every row."""

    parts: "tuple[Predicate, ...]" = ()


@dataclass(frozen=True, slots=True)
class Or:
    """Of no parts it holds for no row."""

    parts: "tuple[Predicate, ...]" = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: "Predicate"


Predicate = Atom | And | Or | Not
EVERY, NONE = And(), Or()


def holds(predicate: Predicate, row: Mapping[str, Stored]) -> bool:
    """Whether it lets a row through, which has stored values by the names of properties."""
    if isinstance(predicate, And):
        return all(holds(part, row) for part in predicate.parts)
    if isinstance(predicate, Or):
        return any(holds(part, row) for part in predicate.parts)
    if isinstance(predicate, Not):
        return not holds(predicate.part, row)
    found = _part_of(row[predicate.property.name], predicate.part)
    if predicate.relation is Relation.IN:
        return found in predicate.values
    return _passes(predicate.relation, found, predicate.values[0])


def _part_of(value: Stored, part: Part) -> Stored:
    if isinstance(value, str):
        return {Part.LOWER: value.lower, Part.UPPER: value.upper}.get(part, lambda: value)()
    if part is Part.WHOLE:
        return value
    day = EPOCH + timedelta(days=value)
    return {Part.YEAR: day.year, Part.MONTH: day.month}.get(part, day.day)


def _passes(relation: Relation, found: Stored, wanted: Stored) -> bool:
    if isinstance(found, str) and isinstance(wanted, str):
        return _text_passes(relation, found, wanted)
    if isinstance(found, int) and isinstance(wanted, int):
        return _orders(relation, (found > wanted) - (found < wanted))
    raise TypeError(f"{found!r} cannot be compared with {wanted!r}")


def _text_passes(relation: Relation, found: str, wanted: str) -> bool:
    if relation is Relation.CONTAINS:
        return wanted in found
    if relation is Relation.STARTS:
        return found.startswith(wanted)
    if relation is Relation.ENDS:
        return found.endswith(wanted)
    one, other = found.encode(), wanted.encode()
    return _orders(relation, (one > other) - (one < other))


def _orders(relation: Relation, sign: int) -> bool:
    return {
        Relation.LESS: sign < 0,
        Relation.AT_MOST: sign <= 0,
        Relation.MORE: sign > 0,
        Relation.AT_LEAST: sign >= 0,
    }[relation]
