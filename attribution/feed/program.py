"""Predicates for the engine: tests by number, and steps over a stack that a statement runs with `arrayFold`.

A step is a word and a number: `atom` puts on the stack whether that test holds, counted from 1; `yes` and `no` put so;
`not` takes one off the stack, `and` and `or` take two, and put what follows. So no predicate is ever written into a
statement.
"""

from collections.abc import Iterator

from attribution.feed.predicate import And, Atom, Not, Predicate

Told = tuple[int, bool, str, str, list[str], list[int]]
Step = tuple[str, int]


def program_of(predicate: Predicate) -> tuple[list[Told], list[Step]]:
    """The tests, each once, and the steps."""
    atoms: dict[Atom, int] = {}
    steps = list(_steps(predicate, atoms))
    return [_told(atom) for atom in atoms], steps


def _steps(predicate: Predicate, atoms: dict[Atom, int]) -> Iterator[Step]:
    if isinstance(predicate, Atom):
        yield "atom", atoms.setdefault(predicate, len(atoms) + 1)
    elif isinstance(predicate, Not):
        yield from _steps(predicate.part, atoms)
        yield "not", 0
    else:
        word, empty = ("and", "yes") if isinstance(predicate, And) else ("or", "no")
        if not predicate.parts:
            yield empty, 0
        for place, part in enumerate(predicate.parts):
            yield from _steps(part, atoms)
            if place:
                yield word, 0


def _told(atom: Atom) -> Told:
    texts = [value for value in atom.values if isinstance(value, str)]
    numbers = [value for value in atom.values if isinstance(value, int)]
    column = atom.property
    return column.place, column.is_text, atom.part.value, atom.relation.value, texts, numbers
