"""Formulas over the sums of a report, such as `(margin - cost - 0.1*revenue) / sales`.

A text becomes one tree. pandas evaluates the tree, and so does the engine of the warehouse, to which it travels as
data. Law: both find the same value, to the last bit. A value that is no finite number is missing: division by 0, what
is too large, and whatever is computed of a missing one but for `coalesce`.
"""

from attribution.formulas.deriving import unit_of
from attribution.formulas.evaluating import evaluate
from attribution.formulas.program import Program, program_of
from attribution.formulas.reading import FUNCTIONS, read_formula
from attribution.formulas.tree import Figure, Formula, Number, Operation, Operator, names_in, with_figures

__all__ = [
    "FUNCTIONS", "Figure", "Formula", "Number", "Operation", "Operator", "Program", "evaluate", "names_in",
    "program_of", "read_formula", "unit_of", "with_figures",
]  # fmt: skip
