"""Formulas for the engine: steps over a stack, that a statement takes as a parameter and runs with `arrayFold`.

A step is a word and a number. `number` puts its number on the stack, `figure` the sum at that place, counted from 1;
any other word is an operator, which takes its parts off the stack and puts its value there. So no formula is ever
written into a statement.
"""

from collections.abc import Sequence

from attribution.formulas.tree import Figure, Formula, Number

Program = list[tuple[str, float]]


def program_of(formula: Formula, sums: Sequence[str]) -> Program:
    """The steps that find the formula's value, for an engine that has the sums in this order."""
    if isinstance(formula, Number):
        return [("number", formula.value)]
    if isinstance(formula, Figure):
        return [("figure", float(sums.index(formula.name) + 1))]
    return [*(step for part in formula.parts for step in program_of(part, sums)), (formula.operator.value, 0.0)]
