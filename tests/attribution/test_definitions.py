"""What users define for reports: kept in versions, checked before it is kept, noted, and one meaning a name."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from attribution.defining import Definitions, read_dimension, read_measure
from attribution.definitions import Kind
from attribution.units import Unit
from infra.audit import audit_log
from infra.clock import FrozenClock
from infra.errors import InvalidInput, NotFound
from tests.attribution.world import NOW


@pytest.fixture
def definitions(database: Engine) -> Definitions:
    return Definitions(database, FrozenClock(NOW))


def add(definitions: Definitions, name: str, formula: str, **more: Any) -> None:
    definitions.keep_measure(name, read_measure({"formula": formula, **more}), author="anna")


def test_every_version_stays(definitions: Definitions, database: Engine) -> None:
    for formula in ("margin / sales", "margin / sales", "(margin - cost) / sales"):
        add(definitions, "per_sale", formula)
    definitions.remove(Kind.MEASURE, "per_sale", author="boris")
    add(definitions, "per_sale", "margin / leads", title="Margin per lead")
    told = [(each.version, each.author, each.body) for each in definitions.versions(Kind.MEASURE, "per_sale")]
    assert told == [
        (4, "anna", {"formula": "margin / leads", "title": "Margin per lead"}), (3, "boris", {}),
        (2, "anna", {"formula": "(margin - cost) / sales"}), (1, "anna", {"formula": "margin / sales"}),
    ]  # fmt: skip
    assert definitions.versions(Kind.MEASURE, "per_sale")[0].at == NOW
    with database.connect() as connection:
        notes = connection.execute(select(audit_log).order_by(audit_log.c.id)).all()
    assert [(note.who, note.what, bool(note.before), bool(note.after)) for note in notes] == [
        ("anna", "measure per_sale", False, True), ("anna", "measure per_sale", True, True),
        ("boris", "measure per_sale", True, False), ("anna", "measure per_sale", False, True),
    ]  # fmt: skip
    assert definitions.catalog().versions == {"per_sale": 4}


def test_what_is_removed_is_no_measure(definitions: Definitions) -> None:
    add(definitions, "per_sale", "margin / sales")
    definitions.remove(Kind.MEASURE, "per_sale", author="anna")
    assert "per_sale" not in definitions.catalog().measures
    for name in ("per_sale", "never"):
        with pytest.raises(NotFound, match=f"There is no measure '{name}'"):
            definitions.remove(Kind.MEASURE, name, author="anna")


def test_measures_are_made_of_measures_whatever_came_first(definitions: Definitions) -> None:
    add(definitions, "net", "margin - cost")
    add(definitions, "a_share", "net / revenue")
    add(definitions, "net", "margin - 2 * cost")
    catalog = definitions.catalog()
    sums = {"margin", "cost", "revenue"}
    assert catalog.measures["a_share"].unit is Unit.SHARE
    assert str(catalog.measures["a_share"].over_sums).count("Figure") == len(sums)
    with pytest.raises(InvalidInput, match="net cannot be removed: a_share would be made of nothing"):
        definitions.remove(Kind.MEASURE, "net", author="anna")
    with pytest.raises(InvalidInput, match="The measures a_share, net are made of each other"):
        add(definitions, "net", "a_share * 2")
    assert definitions.catalog() == catalog
    definitions.remove(Kind.MEASURE, "a_share", author="anna")
    definitions.remove(Kind.MEASURE, "net", author="anna")


def test_a_long_chain_of_measures_is_cut(definitions: Definitions) -> None:
    add(definitions, "m0", "cost" + " + 1" * 50)
    with pytest.raises(InvalidInput, match="The formula of m1 has more than 60 steps within each other"):
        add(definitions, "m1", "m0" + " + 1" * 50)
    assert "m1" not in definitions.catalog().measures


def test_a_unit_is_told_or_derived(definitions: Definitions) -> None:
    add(definitions, "one", "margin / cost")
    add(definitions, "two", "margin / cost", unit="times")
    measures = definitions.catalog().measures
    assert (measures["one"].unit, measures["two"].unit, measures["one"].title) == (Unit.SHARE, Unit.TIMES, "one")


@pytest.mark.parametrize("name", ["cost", "romi", "channel", "month", "min", "if_null", "lambda", "segment"])
def test_a_name_means_one_thing(definitions: Definitions, name: str) -> None:
    definitions.keep_dimension("segment", read_dimension({"property": "segment"}), author="anna")
    with pytest.raises(InvalidInput, match=f"The name '{name}' means something else already"):
        add(definitions, name, "cost / sales")


def test_a_dimension_is_no_measure(definitions: Definitions) -> None:
    add(definitions, "mine", "cost / sales")
    with pytest.raises(InvalidInput, match="The name 'mine' means something else already"):
        definitions.keep_dimension("mine", read_dimension({"property": "segment"}), author="anna")


@pytest.mark.parametrize("name", ["", "Net", "net margin", "1st", "a" * 61, "маржа", "a.b"])
def test_what_cannot_be_a_name(definitions: Definitions, name: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be a name") as raised:
        add(definitions, name, "cost / sales")
    assert raised.value.help


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "a dimension has either `rules` or a `property`"),
        ({"property": "x", "rules": [{"value": "a"}]}, "a dimension has either `rules` or a `property`"),
        ({"property": "a.b"}, "property: "),
        ({"rules": [{"when": {}}]}, "rules.0.value: Field required"),
        ({"rules": [{"value": "a", "when": {"deler": "x"}}]}, "rules.0: there is no dimension 'deler'"),
        ({"rules": [{"value": "a", "when": {"dealer": "(x"}}]}, "rules.0.when.dealer: '(x' is no regular expression"),
        ({"rules": [{"value": "a", "when": {"dealer": "x(?=y)"}}]}, "rules.0.when.dealer: 'x(?=y)' is no regular"),
        ({"rules": [{"value": "a", "when": {"dealer": []}}]}, "a condition is a pattern, or a list of values"),
        ({"rules": [{"value": "a", "when": {"dealer": [1]}}]}, "a condition is a pattern, or a list of values"),
        ({"rule": []}, "rule: Extra inputs are not permitted"),
    ],
)
def test_what_is_wrong_with_a_dimension_is_said(body: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_dimension(body)
    assert sentence in raised.value.message


def test_a_dimension_comes_back_as_it_was_told(definitions: Definitions) -> None:
    body = {
        "rules": [{"value": "a", "when": {"dealer": ["d1", "d2"], "product": "x|y"}}, {"value": "b"}],
        "otherwise": "c",
    }
    for _ in range(2):
        definitions.keep_dimension("mine", read_dimension(body), author="anna")
    (kept,) = definitions.in_force(Kind.DIMENSION)
    assert (kept.body, kept.version) == (body, 1)
    assert definitions.catalog().dimensions["mine"].inputs == ("dealer", "product")
