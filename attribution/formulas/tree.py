"""What a formula is made of: numbers, figures by name, and operations of two parts each, or of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """`round` cuts its first part at as many parts of one as its second says: 1, 10, 100. `abs` alone has one part."""

    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"
    MIN = "min"
    MAX = "max"
    COALESCE = "coalesce"
    ROUND = "round"
    ABS = "abs"


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    operator: Operator
    parts: "tuple[Formula, ...]"


Formula = Number | Figure | Operation


def names_in(formula: Formula) -> frozenset[str]:
    """The figures that it is made of."""
    if isinstance(formula, Figure):
        return frozenset((formula.name,))
    if isinstance(formula, Operation):
        return frozenset[str]().union(*(names_in(part) for part in formula.parts))
    return frozenset()


def with_figures(formula: Formula, made_of: Mapping[str, Formula]) -> Formula:
    """The same formula, in which each figure that is made of others is replaced by what it is made of."""
    if isinstance(formula, Figure):
        return made_of.get(formula.name, formula)
    if isinstance(formula, Operation):
        return Operation(formula.operator, tuple(with_figures(part, made_of) for part in formula.parts))
    return formula


def depth_of(formula: Formula) -> int:
    """How many steps stand within each other."""
    return 1 + max(depth_of(part) for part in formula.parts) if isinstance(formula, Operation) else 1
