"""From text to tree: of the grammar of Python's expressions, numbers, names, + - * / and a few calls are let in."""

import ast
import math
from collections.abc import Collection
from difflib import get_close_matches
from functools import reduce

from attribution.formulas.tree import Figure, Formula, Number, Operation, Operator
from infra.errors import InvalidInput

FUNCTIONS = ("min", "max", "abs", "round", "coalesce", "if_null")
_MOST_CHARACTERS = 500
_MOST_DIGITS = 9
MOST_DEEP = 60
_OPERATORS: dict[type[ast.operator], Operator] = {
    ast.Add: Operator.ADD,
    ast.Sub: Operator.SUBTRACT,
    ast.Mult: Operator.MULTIPLY,
    ast.Div: Operator.DIVIDE,
}
_HELP = f"A formula has figures, numbers, + - * / ( ) and the functions {', '.join(FUNCTIONS)}."


def read_formula(text: str, known: Collection[str] | None = None) -> Formula:
    """The tree of a formula over the figures that are `known`, or any. Raises `InvalidInput`: it says what is wrong."""
    if len(text) > _MOST_CHARACTERS:
        raise _wrong(f"The formula is longer than {_MOST_CHARACTERS} characters.")
    if not text.strip():
        raise _wrong("The formula is empty.")
    try:
        return _Reader(text.strip(), known).read(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError as error:
        raise _wrong(f"{text!r} is no formula.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _wrong("The formula cannot be read: it is nested too deeply, or has signs that are none.") from error


class _Reader:
    def __init__(self, text: str, known: Collection[str] | None) -> None:
        self._text = text
        self._known = known
        self._depth = 0

    def read(self, node: ast.expr) -> Formula:
        self._depth += 1
        if self._depth > MOST_DEEP:
            raise _wrong(f"The formula has more than {MOST_DEEP} steps within each other.")
        formula = self._read(node)
        self._depth -= 1
        return formula

    def _read(self, node: ast.expr) -> Formula:
        if isinstance(node, ast.Constant):
            return self._number(node)
        if isinstance(node, ast.Name):
            return self._figure(node.id)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return Operation(_OPERATORS[type(node.op)], (self.read(node.left), self.read(node.right)))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            part = self.read(node.operand)
            return part if isinstance(node.op, ast.UAdd) else Operation(Operator.SUBTRACT, (Number(0.0), part))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            return self._call(node.func.id, node.args)
        raise _wrong(f"{self._said(node)!r} cannot stand in a formula.{_comma(node)}")

    def _number(self, node: ast.Constant) -> Number:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise _wrong(f"{self._said(node)!r} is no number.")
        if len(str(node.value)) > 400 or not math.isfinite(value := float(node.value)):
            raise _wrong(f"{self._said(node)!r} is too large.")
        return Number(value)

    def _figure(self, name: str) -> Figure:
        if self._known is None or name in self._known:
            return Figure(name)
        raise _wrong(f"There is no figure {name!r}.", _suggested(name, self._known))

    def _call(self, name: str, nodes: list[ast.expr]) -> Formula:
        if name not in FUNCTIONS:
            raise _wrong(f"There is no function {name!r}.", _suggested(name, FUNCTIONS))
        if name == "round":
            return self._round(nodes)
        parts = [self.read(node) for node in nodes]
        if name == "abs":
            if len(parts) != 1:
                raise _wrong("`abs` takes one value.")
            return Operation(Operator.ABS, tuple(parts))
        if len(parts) < 2:
            raise _wrong(f"`{name}` takes two values or more.")
        operator = Operator.COALESCE if name == "if_null" else Operator(name)
        return reduce(lambda left, right: Operation(operator, (left, right)), parts)

    def _round(self, nodes: list[ast.expr]) -> Formula:
        if len(nodes) not in (1, 2):
            raise _wrong("`round` takes a value and, if wanted, a number of digits.")
        told = nodes[1] if len(nodes) == 2 else ast.Constant(0)
        digits = told.value if isinstance(told, ast.Constant) else None
        if not isinstance(digits, int) or not 0 <= digits <= _MOST_DIGITS:
            raise _wrong(f"The digits of `round` are a whole number from 0 to {_MOST_DIGITS}.")
        return Operation(Operator.ROUND, (self.read(nodes[0]), Number(10.0**digits)))

    def _said(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._text, node) or self._text


def _comma(node: ast.expr) -> str:
    return " Write decimals with a point." if isinstance(node, ast.Tuple) else ""


def _suggested(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=3)
    return f"Is {' or '.join(near)} meant?" if near else f"Known are {', '.join(known)}."


def _wrong(message: str, help_text: str = _HELP) -> InvalidInput:
    return InvalidInput(message, where="formula", help=help_text)
