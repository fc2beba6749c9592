"""Formulas in pandas: columns of sums in, a column out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from attribution.formulas.tree import Figure, Formula, Number, Operator

_Column = npt.NDArray[np.float64]


def evaluate(formula: Formula, sums: pd.DataFrame) -> pd.Series:
    """The value for each row of `sums`, which has a column for each figure named; missing values are NaN."""
    with np.errstate(all="ignore"):
        found = _column(formula, sums)
    return pd.Series(np.broadcast_to(found, len(sums)).copy(), index=sums.index)


def _column(formula: Formula, sums: pd.DataFrame) -> _Column:
    if isinstance(formula, Number):
        return np.asarray(formula.value, dtype=np.float64)
    if isinstance(formula, Figure):
        return sums[formula.name].to_numpy(dtype=np.float64)
    found = _COMPUTED[formula.operator](*(_column(part, sums) for part in formula.parts))
    return np.where(np.isfinite(found), found, np.nan)


def _divide(above: _Column, below: _Column) -> _Column:
    return np.divide(above, np.where(below == 0, np.nan, below))


def _coalesce(first: _Column, second: _Column) -> _Column:
    return np.where(np.isnan(first), second, first)


def _round(value: _Column, parts: _Column) -> _Column:
    """Half away from zero."""
    rounded: _Column = np.sign(value) * (np.floor(np.abs(value) * parts + 0.5) / parts)
    return rounded


_COMPUTED: dict[Operator, Callable[..., Any]] = {
    Operator.ADD: np.add,
    Operator.SUBTRACT: np.subtract,
    Operator.MULTIPLY: np.multiply,
    Operator.DIVIDE: _divide,
    Operator.MIN: np.minimum,
    Operator.MAX: np.maximum,
    Operator.COALESCE: _coalesce,
    Operator.ROUND: _round,
    Operator.ABS: np.abs,
}
