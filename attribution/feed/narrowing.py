"""What a predicate says about a single column, whichever rows it lets through besides."""

from collections.abc import Callable
from datetime import date
from functools import reduce

from attribution.feed.entities import EPOCH, Property
from attribution.feed.predicate import And, Atom, Not, Or, Part, Predicate, Relation

Span = tuple[int, int]
FIRST, LAST = 0, 65_535
_WHOLE: Span = (FIRST, LAST)
_NOTHING: Span = (LAST, FIRST)


def span_of(predicate: Predicate, column: Property) -> Span:
    """The first and last number that a column of days can have in a row that is let through, if any.

    Where there can be no such row, the last comes before the first.
    """
    if isinstance(predicate, And):
        return reduce(_both, (span_of(part, column) for part in predicate.parts), _WHOLE)
    if isinstance(predicate, Or):
        return reduce(_either, (span_of(part, column) for part in predicate.parts), _NOTHING)
    if isinstance(predicate, Not) or predicate.property != column:
        return _WHOLE
    numbers = [value for value in predicate.values if isinstance(value, int)]
    if predicate.part is Part.YEAR:
        return _both(_WHOLE, _span_of_years(predicate.relation, numbers))
    return _both(_WHOLE, _span_of_numbers(predicate.relation, numbers)) if predicate.part is Part.WHOLE else _WHOLE


def values_of(predicate: Predicate, column: Property) -> frozenset[str] | None:
    """The texts that a column can have in a row that is let through; None where that is not said."""
    if isinstance(predicate, And):
        told = [found for part in predicate.parts if (found := values_of(part, column)) is not None]
        return frozenset.intersection(*told) if told else None
    if isinstance(predicate, Or):
        each = [values_of(part, column) for part in predicate.parts]
        return frozenset[str]().union(*(found for found in each if found is not None)) if None not in each else None
    if not isinstance(predicate, Atom) or (predicate.property, predicate.part) != (column, Part.WHOLE):
        return None
    return frozenset(map(str, predicate.values)) if predicate.relation is Relation.IN else None


def _both(one: Span, other: Span) -> Span:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else _NOTHING


def _either(one: Span, other: Span) -> Span:
    if _NOTHING in (one, other):
        return other if one == _NOTHING else one
    return min(one[0], other[0]), max(one[1], other[1])


def _span_of_numbers(relation: Relation, numbers: list[int]) -> Span:
    if relation is Relation.IN:
        return (min(numbers), max(numbers)) if numbers else _NOTHING
    spans: dict[Relation, Callable[[int], Span]] = {
        Relation.LESS: lambda number: (FIRST, number - 1),
        Relation.AT_MOST: lambda number: (FIRST, number),
        Relation.MORE: lambda number: (number + 1, LAST),
        Relation.AT_LEAST: lambda number: (number, LAST),
    }
    return spans[relation](numbers[0])


def _span_of_years(relation: Relation, years: list[int]) -> Span:
    """All days of the years that are meant; years outside of the calendar are as its ends."""
    first, last = _span_of_numbers(relation, [min(max(year, 1969), 2150) for year in years])
    if first > last or last < 1970:
        return _NOTHING
    return _first_day(max(first, 1970)), _first_day(min(last, 2150) + 1) - 1


def _first_day(year: int) -> int:
    return (date(year, 1, 1) - EPOCH).days
