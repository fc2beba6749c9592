"""In what a formula's value is counted, as far as its figures tell."""

from collections.abc import Mapping

from attribution.formulas.tree import Figure, Formula, Number, Operation, Operator
from attribution.units import Unit
from infra.errors import InvalidInput

_PLAIN = (Unit.SHARE, Unit.TIMES)
_ALIKE = (Operator.ADD, Operator.SUBTRACT, Operator.MIN, Operator.MAX, Operator.COALESCE)


def unit_of(formula: Formula, units: Mapping[str, Unit]) -> Unit:
    """Money over a count is money, and what is over its like is a share; what has no unit of these is `times`.

    Raises `InvalidInput` where things are added, or compared, that are not alike: money and leads.
    """
    return _unit(formula, units) or Unit.TIMES


def _unit(formula: Formula, units: Mapping[str, Unit]) -> Unit | None:
    """None for what a bare number is: it goes with everything."""
    if isinstance(formula, Number):
        return None
    if isinstance(formula, Figure):
        return units[formula.name]
    first, *rest = (_unit(part, units) for part in formula.parts)
    if formula.operator in _ALIKE:
        return _alike(formula, first, rest[0])
    if formula.operator is Operator.MULTIPLY:
        return _product(first, rest[0])
    if formula.operator is Operator.DIVIDE:
        return _quotient(first, rest[0])
    return first


def _alike(formula: Operation, left: Unit | None, right: Unit | None) -> Unit | None:
    if left is None or right is None or left is right:
        return left or right
    if left in _PLAIN and right in _PLAIN:
        return Unit.TIMES
    word = {Operator.ADD: "added to", Operator.SUBTRACT: "taken from"}.get(formula.operator, "compared with")
    one, other = (right, left) if formula.operator is Operator.SUBTRACT else (left, right)
    raise InvalidInput(
        f"In the formula, {_named(one)} cannot be {word} {_named(other)}.",
        where="formula",
        help="Divide one by something that makes them alike.",
    )


def _product(left: Unit | None, right: Unit | None) -> Unit | None:
    if left is None or right is None:
        return left or right
    if left in _PLAIN:
        return right
    if right in _PLAIN or right is Unit.COUNT:
        return left
    return right if left is Unit.COUNT else Unit.TIMES


def _quotient(above: Unit | None, below: Unit | None) -> Unit | None:
    if below is None or (above is not None and below in _PLAIN):
        return above
    if above is below:
        return Unit.SHARE
    return above if above is not None and above is not Unit.COUNT and below is Unit.COUNT else Unit.TIMES


def _named(unit: Unit) -> str:
    return {Unit.MONEY: "money", Unit.COUNT: "a count", Unit.SHARE: "a share"}.get(unit, "a plain number")
