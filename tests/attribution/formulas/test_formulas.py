"""Formulas: what is read, what is refused, in what a value is counted, and that pandas and the engine find the same."""

import math
from collections.abc import Iterator
from contextlib import suppress

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.formulas import (
    Figure,
    Formula,
    Number,
    Operation,
    Operator,
    evaluate,
    names_in,
    program_of,
    read_formula,
    unit_of,
    with_figures,
)  # fmt: skip
from attribution.measures import MEASURES, RATIOS, SUMS
from attribution.units import Unit
from infra.errors import InvalidInput
from infra.settings import read_settings
from infra.sql import Statements
from infra.warehouse import Warehouse, open_warehouse

UNITS = {measure.slug: measure.unit for measure in MEASURES}
NAMES = ("cost", "leads", "margin")


def value(text: str, **figures: float) -> float:
    return float(evaluate(read_formula(text, tuple(figures)), pd.DataFrame([figures])).iloc[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(margin - cost - 0.1*revenue) / sales", (700 - 100 - 0.1 * 2000) / 4),
        ("-cost + +sales", -96),
        ("margin - cost - sales", 596),
        ("margin / cost / sales", 1.75),
        ("min(margin, cost, sales)", 4),
        ("max(margin, cost, sales)", 700),
        ("abs(sales - cost)", 96),
        ("round(cost / 3)", 33),
        ("round(-cost / 3, 2)", -33.33),
        ("round(0.5) + round(-0.5)", 0),
        ("coalesce(cost / 0, none / none, sales)", 4),
        ("if_null(none / none, 7)", 7),
        ("1_000 + 1e3", 2000),
    ],
)
def test_what_a_formula_is_worth(text: str, expected: float) -> None:
    assert value(text, margin=700, cost=100, revenue=2000, sales=4, none=0) == expected


@pytest.mark.parametrize(
    "text",
    ["cost / none", "none / none", "1 + cost / none", "min(cost, cost / none)", "abs(none / none)", "1e300 * 1e300"],
)
def test_what_is_no_finite_number_is_missing(text: str) -> None:
    assert math.isnan(value(text, cost=5, none=0))


@pytest.mark.parametrize(
    ("text", "sentence", "help_text"),
    [
        (" ", "The formula is empty.", "A formula has"),
        ("lead / cost", "There is no figure 'lead'.", "Is leads meant?"),
        ("xyz / cost", "There is no figure 'xyz'.", "Known are cost, impressions"),
        ("mim(cost, 1)", "There is no function 'mim'.", "Is min meant?"),
        ("cost +", "'cost +' is no formula.", "A formula has"),
        ("cost ** 2", "'cost ** 2' cannot stand in a formula.", "A formula has"),
        ("cost > 2", "'cost > 2' cannot stand in a formula.", "A formula has"),
        ("cost.real", "'cost.real' cannot stand in a formula.", "A formula has"),
        ("[cost][0]", "'[cost][0]' cannot stand in a formula.", "A formula has"),
        ("(lambda: cost)()", "'(lambda: cost)()' cannot stand in a formula.", "A formula has"),
        ("min(cost, default=1)", "'min(cost, default=1)' cannot stand in a formula.", "A formula has"),
        ("0,1 * cost", "Write decimals with a point.", "A formula has"),
        ("'cost'", "\"'cost'\" is no number.", "A formula has"),
        ("True", "'True' is no number.", "A formula has"),
        ("1j", "'1j' is no number.", "A formula has"),
        ("1e999", "'1e999' is too large.", "A formula has"),
        ("9" * 450, "is too large.", "A formula has"),
        ("1" * 501, "The formula is longer than 500 characters.", "A formula has"),
        ("cost\0", "'cost\\x00' is no formula.", "A formula has"),
        ("-" * 400 + "1", "more than 60 steps within each other.", "A formula has"),
        ("(" * 240 + "1" + ")" * 240, "is no formula.", "A formula has"),
        ("min(cost)", "`min` takes two values or more.", "A formula has"),
        ("abs(cost, 1)", "`abs` takes one value.", "A formula has"),
        ("round()", "`round` takes a value", "A formula has"),
        ("round(cost, leads)", "The digits of `round` are a whole number from 0 to 9.", "A formula has"),
        ("round(cost, -1)", "The digits of `round` are a whole number from 0 to 9.", "A formula has"),
    ],
)
def test_what_is_wrong_with_a_formula_is_said(text: str, sentence: str, help_text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_formula(text, SUMS)
    assert sentence in raised.value.message
    assert raised.value.help.startswith(help_text)
    assert raised.value.where == "formula"


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert names_in(read_formula(text, SUMS)) <= set(SUMS)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("(margin - cost - 0.1*revenue) / sales", Unit.MONEY), ("leads + sales", Unit.COUNT),
        ("sales / leads", Unit.SHARE), ("margin / revenue", Unit.SHARE), ("sales * cpl", Unit.MONEY),
        ("romi * cost", Unit.MONEY), ("1 - romi", Unit.SHARE), ("romi + roas", Unit.TIMES),
        ("1000 * leads", Unit.COUNT),
        ("leads / cost", Unit.TIMES), ("1 / leads", Unit.TIMES), ("cost * cost", Unit.TIMES), ("1 + 1", Unit.TIMES),
        ("round(abs(cost), 2)", Unit.MONEY), ("coalesce(cpl, 0)", Unit.MONEY), ("cost / roas", Unit.MONEY),
    ],
)  # fmt: skip
def test_in_what_a_value_is_counted(text: str, unit: Unit) -> None:
    assert unit_of(read_formula(text, list(UNITS)), UNITS) is unit


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cost + leads", "money cannot be added to a count."),
        ("cost - leads", "a count cannot be taken from money."),
        ("max(cost, romi)", "money cannot be compared with a share."),
    ],
)
def test_what_is_not_alike_is_not_added(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        unit_of(read_formula(text, list(UNITS)), UNITS)


def test_the_built_in_ratios_are_formulas_like_any_other() -> None:
    for measure in RATIOS:
        assert measure.over_sums == read_formula(measure.formula, SUMS)
        derived = unit_of(measure.over_sums, UNITS)
        assert derived is measure.unit or {derived, measure.unit} == {Unit.SHARE, Unit.TIMES}


def test_a_figure_is_replaced_by_what_it_is_made_of() -> None:
    romi = read_formula("(margin - cost) / cost", SUMS)
    assert with_figures(read_formula("2 * romi + sales", ("romi", "sales")), {"romi": romi}) == read_formula(
        "2 * ((margin - cost) / cost) + sales", SUMS
    )


numbers = st.floats(-1e9, 1e9) | st.sampled_from([0.0, 1.0, 0.1, -3.0, 1e300])
leaves: st.SearchStrategy[Formula] = st.builds(Number, numbers) | st.builds(Figure, st.sampled_from(NAMES))
TWO = [each for each in Operator if each not in (Operator.ROUND, Operator.ABS)]


def grown(inner: st.SearchStrategy[Formula]) -> st.SearchStrategy[Formula]:
    digits = st.integers(0, 9).map(lambda places: Number(10.0**places))
    return (
        st.builds(Operation, st.sampled_from(TWO), st.tuples(inner, inner))
        | st.builds(Operation, st.just(Operator.ABS), st.tuples(inner))
        | st.builds(Operation, st.just(Operator.ROUND), st.tuples(inner, digits))
    )


formulas = st.recursive(leaves, grown, max_leaves=12)
rows_of_sums = st.lists(st.tuples(*(numbers | st.integers(0, 50).map(float) for _ in NAMES)), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    opened = open_warehouse(read_settings(data=tmp_path_factory.mktemp("formulas"), _env_file=None))
    yield opened
    opened.close()


def in_the_engine(warehouse: Warehouse, formula: Formula, rows: list[tuple[float, ...]]) -> list[float]:
    """The value that the report's own statement would sort each row by."""
    statement = Statements("attribution", "reports")["romi"]
    start = statement.index("arrayMap(\n            program ->")
    expression = statement[start : statement.index(" as keys", start)]
    sql = f"with arrayJoin({{rows:Array(Array(Float64))}}) as sums select {expression}[1] as value"
    found = warehouse.rows(sql, {"rows": [list(row) for row in rows], "sort": [program_of(formula, NAMES)]})
    return [row["value"] for row in found]


@settings(max_examples=150)
@given(formula=formulas, rows=rows_of_sums)
def test_pandas_and_the_engine_find_the_same_to_the_last_bit(
    warehouse: Warehouse, formula: Formula, rows: list[tuple[float, ...]]
) -> None:
    found = evaluate(formula, pd.DataFrame(rows, columns=list(NAMES))).tolist()
    for ours, theirs in zip(found, in_the_engine(warehouse, formula, rows), strict=True):
        assert ours == theirs or (math.isnan(ours) and math.isnan(theirs)), formula


def test_the_engine_runs_every_operator(warehouse: Warehouse) -> None:
    text = "round(abs(min(cost, 2) - max(leads, 3)) * 10 / 3, 2) + coalesce(margin / 0, 1)"
    formula = read_formula(text, NAMES)
    row = (5.0, 7.0, 9.0)
    assert in_the_engine(warehouse, formula, [row]) == [17.67]
    assert {each for each, _ in program_of(formula, NAMES)} == {*Operator, "number", "figure"}
