"""`$filter`, read into a predicate over the columns of an entity set.

or      = and {"or" and}
and     = not {"and" not}
not     = "not" not | compared
compared = one [("eq" | "ne" | "lt" | "le" | "gt" | "ge") one | "in" "(" literal {"," literal} ")"]
one     = "(" or ")" | literal | column | function "(" or {"," or} ")"
"""

from dataclasses import dataclass

from api.odata.literals import FILTER, Sort, Word, is_literal, literal_of, words_of
from attribution.feed.comparing import Comparison, Literal, compared, searched
from attribution.feed.entities import EntitySet, Kind, Property
from attribution.feed.predicate import EVERY, NONE, And, Atom, Not, Or, Part, Predicate, Relation
from infra.errors import InvalidInput

_MOST_DEEP = 50
_SEARCHES = {"contains": Relation.CONTAINS, "startswith": Relation.STARTS, "endswith": Relation.ENDS}
_PARTS = {
    "year": Part.YEAR, "month": Part.MONTH, "day": Part.DAY, "tolower": Part.LOWER, "toupper": Part.UPPER,
}  # fmt: skip
_HELP = (
    "It has eq ne lt le gt ge in, and or not, ( ), contains startswith endswith tolower toupper year month day, as in "
    "Day ge 2026-01-01 and (Channel eq 'email' or contains(Campaign,'sale'))."
)
_TURNED = {
    Comparison.LESS: Comparison.MORE, Comparison.MORE: Comparison.LESS,
    Comparison.AT_MOST: Comparison.AT_LEAST, Comparison.AT_LEAST: Comparison.AT_MOST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    property: Property
    part: Part = Part.WHOLE


@dataclass(frozen=True, slots=True)
class Constant:
    value: Literal


_One = Predicate | Column | Constant


def read_filter(text: str, entity_set: EntitySet) -> Predicate:
    """Raises `InvalidInput`: it says what cannot be read, or what does not exist."""
    reader = _Reader(list(words_of(text)), entity_set)
    return reader.whole()


class _Reader:
    def __init__(self, words: list[Word], entity_set: EntitySet) -> None:
        self._words = words
        self._at = 0
        self._depth = 0
        self._entity_set = entity_set

    def whole(self) -> Predicate:
        found = self._any()
        if self._next.sort is not Sort.END:
            raise self._unexpected()
        return _predicate(found)

    @property
    def _next(self) -> Word:
        return self._words[self._at]

    def _take(self) -> Word:
        taken = self._next
        self._at += 1
        return taken

    def _take_if(self, sort: Sort, said: str) -> bool:
        is_next = (self._next.sort, self._next.said) == (sort, said)
        self._at += is_next
        return is_next

    def _demand(self, sign: str) -> None:
        if not self._take_if(Sort.SIGN, sign):
            raise self._unexpected(f"A `{sign}` is missing. ")

    def _any(self) -> _One:
        self._depth += 1
        if self._depth > _MOST_DEEP:
            raise _wrong(f"$filter has more than {_MOST_DEEP} steps within each other.", "Write it as several queries.")
        parts = [self._all()]
        while self._take_if(Sort.NAME, "or"):
            parts.append(self._all())
        self._depth -= 1
        return parts[0] if len(parts) == 1 else Or(tuple(map(_predicate, parts)))

    def _all(self) -> _One:
        parts = [self._not()]
        while self._take_if(Sort.NAME, "and"):
            parts.append(self._not())
        return parts[0] if len(parts) == 1 else And(tuple(map(_predicate, parts)))

    def _not(self) -> _One:
        turns = 0
        while self._take_if(Sort.NAME, "not"):
            turns += 1
        found = self._compared()
        if not turns:
            return found
        return Not(_predicate(found)) if turns % 2 else _predicate(found)

    def _compared(self) -> _One:
        one = self._one()
        if self._next.sort is not Sort.NAME:
            return one
        if self._take_if(Sort.NAME, "in"):
            return self._listed(one)
        if self._next.said not in list(Comparison):
            return one
        comparison = Comparison(self._take().said)
        return _compare(one, comparison, self._one())

    def _listed(self, one: _One) -> Predicate:
        if not isinstance(one, Column):
            raise _wrong("`in` stands behind a column.")
        self._demand("(")
        found = [self._equal(one)]
        while self._take_if(Sort.SIGN, ","):
            found.append(self._equal(one))
        self._demand(")")
        return _in_one(found)

    def _equal(self, column: Column) -> Predicate:
        if not is_literal(self._next):
            raise self._unexpected("A list has literals alone. ")
        return _compare(column, Comparison.EQUAL, Constant(literal_of(self._take())))

    def _one(self) -> _One:
        if self._take_if(Sort.SIGN, "("):
            found = self._any()
            self._demand(")")
            return found
        word = self._next
        if is_literal(word):
            return Constant(literal_of(self._take()))
        if word.sort is not Sort.NAME or word.said in ("and", "or", "in", *Comparison):
            raise self._unexpected()
        self._take()
        if self._take_if(Sort.SIGN, "("):
            return self._called(word)
        return Column(self._entity_set.property(word.said, FILTER))

    def _called(self, word: Word) -> _One:
        if word.said not in _SEARCHES and word.said not in _PARTS:
            raise _wrong(f"There is no function {word.said!r} here.")
        told = [self._any()]
        while self._take_if(Sort.SIGN, ","):
            told.append(self._any())
        self._demand(")")
        column = told[0]
        if not isinstance(column, Column) or len(told) != (2 if word.said in _SEARCHES else 1):
            raise _wrong(f"{word.said} is not written so.")
        if word.said in _PARTS:
            return _part(column, _PARTS[word.said])
        wanted = told[1]
        if not isinstance(wanted, Constant):
            raise _wrong(f"{word.said} takes a text in single quotes.")
        return searched(column.property, column.part, _SEARCHES[word.said], wanted.value, FILTER)

    def _unexpected(self, before: str = "") -> InvalidInput:
        word = self._next
        found = "its end" if word.sort is Sort.END else f"{word.said!r} at character {word.at}"
        return _wrong(f"{before}$filter cannot be read from {found} on.")


def _part(column: Column, part: Part) -> Column:
    kind = Kind.TEXT if part in (Part.LOWER, Part.UPPER) else Kind.DATE
    if column.property.kind is not kind or column.part is not Part.WHOLE:
        raise _wrong(f"{column.property.name} has no {part.value}.")
    return Column(column.property, part)


def _compare(one: _One, comparison: Comparison, other: _One) -> Predicate:
    if isinstance(one, Constant) and isinstance(other, Column):
        return _compare(other, _TURNED.get(comparison, comparison), one)
    if not isinstance(other, Constant):
        raise _wrong("A column is compared with a literal.")
    if isinstance(one, Column):
        return compared(one.property, one.part, comparison, other.value, FILTER)
    if comparison in (Comparison.EQUAL, Comparison.UNEQUAL) and isinstance(other.value, bool):
        said = _predicate(one)
        return said if other.value == (comparison is Comparison.EQUAL) else Not(said)
    raise _wrong("A column is compared with a literal.")


def _in_one(found: list[Predicate]) -> Predicate:
    """One test of all values of a list; what can equal nothing is left out."""
    atoms = [each for each in found if isinstance(each, Atom)]
    if not atoms:
        return NONE
    values = dict.fromkeys(value for atom in atoms for value in atom.values)
    return Atom(atoms[0].property, atoms[0].part, Relation.IN, tuple(values))


def _predicate(one: _One) -> Predicate:
    if isinstance(one, Constant) and isinstance(one.value, bool):
        return EVERY if one.value else NONE
    if isinstance(one, Column | Constant):
        raise _wrong("A column or a literal alone is no condition.")
    return one


def _wrong(message: str, help_text: str = _HELP) -> InvalidInput:
    return InvalidInput(message, where=FILTER, help=help_text)
