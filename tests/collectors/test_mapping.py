"""Columns become fields by rules, and a rule that cannot work says what would."""

import json
from pathlib import Path
from typing import Any

import pytest

from collectors.mapping import Mapping
from infra.errors import InvalidInput

COLUMNS = ["№ заявки", "Телефон ", "Дата", "Город", "Марка"]
ROW = {"№ заявки": "7", "Телефон ": "8 900", "Дата": "31.01.2026", "Город": "Казань", "Марка": ""}


def mapped(*rules: str, family: str = "leads", row: dict[str, Any] = ROW) -> dict[str, Any]:
    return Mapping.parse(rules, family).for_columns(list(row))(row)


def refused(*rules: str, family: str = "leads") -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        mapped(*rules, family=family)
    return caught.value


def test_a_column_becomes_a_field_and_the_others_keep_their_names() -> None:
    assert mapped("id=№ заявки", "phone=телефон", "created_at = Дата") == {
        "id": "7", "phone": "8 900", "created_at": "31.01.2026", "Город": "Казань",
    }  # fmt: skip


def test_several_columns_make_one_key() -> None:
    assert mapped("id=Город+№ заявки")["id"] == "Казань:7"
    assert mapped("id=Марка+№ заявки")["id"] == ":7"
    assert "id" not in mapped("id=a+b", row={"a": "", "b": None}), "nothing is no key: it would be everybody's"


def test_a_column_whose_name_holds_a_plus_is_one_column() -> None:
    assert mapped("id=a+b", row={"a+b": "whole", "a": "1", "b": "2"})["id"] == "whole"


def test_a_constant_is_the_same_in_every_row() -> None:
    assert mapped("kind:=form", "source:=a=b")["source"] == "a=b"


def test_nested_fields() -> None:
    row = {"contact": "Иван", "phone": "1", "yclid": "y", "m": "x", "contact.email": "a@b.c"}
    found = mapped("contact.phone=phone", "properties.model=m", family="deals", row=row)
    assert found["contact"] == {"phone": "1", "email": "a@b.c"}
    assert found["properties"] == {"contact": "Иван", "model": "x"}
    assert mapped("click_ids.yclid=yclid", family="touches", row=row)["click_ids"] == {"yclid": "y"}


def test_a_nested_object_is_joined_and_not_changed() -> None:
    sent = {"contact": {"crm_id": "5"}, "tel": "1"}
    assert mapped("contact.phone=tel", family="deals", row=sent)["contact"] == {"crm_id": "5", "phone": "1"}
    assert sent == {"contact": {"crm_id": "5"}, "tel": "1"}


def test_the_last_rule_that_finds_a_value_counts() -> None:
    assert mapped("product=Город", "product=№ заявки")["product"] == "7"
    assert mapped("product=Город", "product=Марка")["product"] == "Казань"


def test_an_empty_cell_of_the_caller_is_a_hidden_number() -> None:
    assert mapped("caller=from", family="calls", row={"from": "", "called": ""}) == {"caller": ""}
    assert mapped("called=to", family="calls", row={"to": "1", "caller": None}) == {"caller": "", "called": "1"}
    assert mapped("called=to", family="calls", row={"to": "1"}) == {"called": "1"}


@pytest.mark.parametrize("rule", ["id", "=x", "id=", ":=x", "", "id:=", "id= "])
def test_what_is_no_rule(rule: str) -> None:
    assert refused(rule).message == f"{rule!r} is no mapping."
    assert "field=column" in refused(rule).help


@pytest.mark.parametrize(
    ("rule", "message", "help_words"),
    [
        ("emial=x", "leads have no field 'emial'.", "Did you mean email?"),
        ("Phone=x", "leads have no field 'Phone'.", "Did you mean phone?"),
        ("zzz=x", "leads have no field 'zzz'.", "anything else is properties.zzz"),
        ("name.first=x", "name of leads has no fields within it.", "Write name=column"),
        ("properties.=x", "properties of leads has no field ''.", "Write properties.name=column"),
    ],
)
def test_an_unknown_field_suggests_the_closest(rule: str, message: str, help_words: str) -> None:
    assert refused(rule).message == message
    assert help_words in refused(rule).help


def test_an_unknown_field_of_a_contact_lists_its_fields() -> None:
    error = refused("contact.tel=x", family="deals")
    assert error.message == "contact of deals has no field 'tel'."
    assert error.help == "Its fields are crm_id, phone, email."


def test_a_missing_column_lists_those_that_are_there() -> None:
    error = refused("phone=Телефн")
    assert error.message == "There is no column 'Телефн' for the field phone."
    assert error.help == "Did you mean Телефон? The columns are № заявки, Телефон , Дата, Город, Марка."
    assert refused("id=Город+Улица").message == "There is no column 'Улица' for the field id."


def test_a_long_list_of_columns_is_cut() -> None:
    with pytest.raises(InvalidInput) as caught:
        Mapping.parse(["id=x"], "leads").for_columns([f"column{number}" for number in range(500)])
    assert caught.value.help.endswith("column39 and 460 more.")


TOML = """
id = "№ заявки"
phone = "Телефон"
properties.city = "Город"

[constants]
kind = "form"
properties.import = 5
"""
SAME_IN_JSON = {
    "id": "№ заявки", "phone": "Телефон", "properties.city": "Город",
    "constants": {"kind": "form", "properties": {"import": 5}},
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [("m.toml", TOML), ("m.json", "\ufeff" + json.dumps(SAME_IN_JSON))])
def test_a_mapping_file(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert Mapping.read(path, "leads").for_columns(COLUMNS)(ROW) == {
        "id": "7", "phone": "8 900", "kind": "form", "Дата": "31.01.2026",
        "properties": {"city": "Казань", "import": "5"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("m.toml", "id = ", "cannot be read"), ("m.json", "{", "cannot be read"), ("m.json", "[1]", "must be a table"),
        ("m.json", '{"constants": 5}', "must be a table"), ("m.toml", 'emial = "x"', "no field 'emial'"),
        ("m.toml", None, "No such file"),
    ],
)  # fmt: skip
def test_a_mapping_file_that_cannot_be_read(tmp_path: Path, name: str, text: str | None, words: str) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text)
    with pytest.raises(InvalidInput, match=words):
        Mapping.read(path, "leads")
