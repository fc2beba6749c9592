"""Files by a preset: every export that one ships for, and sheets as people keep them."""

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from collectors.events import family_model, to_json
from collectors.formats import format_of
from collectors.items import Unreadable
from collectors.preset import Preset, latin_vin, preset, preset_names, shipped_preset
from collectors.preset_files import read_by_preset
from infra.errors import InvalidInput, NotFound, UnreadableBody
from tests.collectors.readings import reading

GOLDEN = Path(__file__).parent / "golden" / "presets"
EXAMPLES = sorted(place for place in GOLDEN.iterdir() if not place.name.endswith(".events.json"))
SHEET = "Дата;Салон;ФИО;Телефон;Сумма;Статус\n17.01.2025;Север;Тестов;89000000001;10;Выдача\n"


def events(body: bytes, suffix: str, chosen: Preset) -> list[dict[str, Any]]:
    """The events as they would be stored."""
    items = list(read_by_preset(io.BytesIO(body), format_of(suffix, body), chosen))
    assert not any(isinstance(item, Unreadable) for item in items)
    model = family_model(chosen.family)
    return [json.loads(to_json(model.model_validate(item, context=reading()).canonical())) for item in items]


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_that_ships_can_be_read(name: str) -> None:
    chosen = preset(name)
    assert chosen.title
    assert {"id"} <= set(chosen.fields)


@pytest.mark.parametrize("place", EXAMPLES, ids=lambda place: str(place.stem))
def test_an_export_is_read_by_its_preset(place: Path) -> None:
    found = events(place.read_bytes(), place.suffix, preset(place.stem))
    assert found == json.loads((GOLDEN / f"{place.stem}.events.json").read_text("utf-8"))


def test_every_preset_for_deals_has_its_example() -> None:
    assert {name for name in preset_names() if preset(name).family == "deals"} <= {place.stem for place in EXAMPLES}


def test_a_workbook_with_titles_and_totals_is_read_too() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["Отчёт о продажах"], [], ["Дата", "Салон", "ФИО", "Телефон", "Сумма", "Статус"],
                [45674.5, "Север", "Тестов", 79000000001.0, 2349000.5, "Выдача"],
                ["Итого по салону:", None, None, None, 2349000.5]):  # fmt: skip
        sheet.append(row)
    sheet.merge_cells("A1:F1")
    packed = io.BytesIO()
    book.save(packed)
    (deal,) = events(packed.getvalue(), ".xlsx", preset("dealer_sheet"))
    assert (deal["occurred_at"], deal["amount"], deal["stage"]) == ("2025-01-17T09:00:00Z", "2349000.5000", "sale")
    assert deal["contact"] == {"phone": "+79000000001"}


def test_a_name_that_begins_like_a_total_is_none() -> None:
    body = SHEET.replace("Дата;Салон", "Салон;Дата").replace("17.01.2025;Север", "Итоговый салон;17.01.2025").encode()
    (deal,) = events(body, ".csv", preset("dealer_sheet"))
    assert deal["dealer"] == "Итоговый салон"


def test_the_same_sheet_again_is_the_same_events() -> None:
    chosen = preset("dealer_sheet")
    assert events(SHEET.encode(), ".csv", chosen)[0]["id"] == events(SHEET.encode("cp1251"), ".csv", chosen)[0]["id"]
    later = SHEET.replace("Выдача", "Отказ")
    first, second = events(SHEET.encode(), ".csv", chosen)[0], events(later.encode(), ".csv", chosen)[0]
    assert first["deal_id"] == second["deal_id"]
    assert first["id"] != second["id"]


@pytest.mark.parametrize("body", [b"a;b;c\n1;2;3\n", b"\xef\xbb\xbf\xd0\x94\xd0\xb0\xd1\x82\xd0\xb0\n1\n"])
def test_a_table_of_other_columns_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match="None of the first rows names columns of Spreadsheet"):
        list(read_by_preset(io.BytesIO(body), format_of(".csv", body), preset("dealer_sheet")))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ХТА000000R0000001", "XTA000000R0000001"),
        (" xta-000000 R0000001 ", "XTA000000R0000001"),
        ("ВМW", "ВМW"),
        ("без номера", "без номера"),
    ],
)
def test_a_vin_typed_in_cyrillic_is_the_same_car(typed: str, meant: str) -> None:
    assert latin_vin(typed) == meant


def test_only_presets_that_ship_are_read_for_callers_from_outside(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('title = "Own"\nlevel = "A"\nfamily = "leads"\n[fields]\nid = "n"\n')
    assert preset(str(own)).name == "own"
    for name in (str(own), "../pyproject", "none"):
        with pytest.raises(NotFound):
            shipped_preset(name)


def test_joined_paths_need_all_of_their_parts() -> None:
    chosen = Preset.parse('title = "x"\nlevel = "A"\nfamily = "leads"\n[fields]\nid = ["a+b", "c"]\n', "x")
    assert chosen.read({"A": 1, "B": 2, "c": 3})["id"] == "1:2"
    assert chosen.read({"a": 1, "c": 3})["id"] == 3
    assert "id" not in chosen.read({"a": 1})
    assert chosen.read({"a+b": "whole", "a": 1, "b": 2})["id"] == "whole"


def test_a_preset_that_names_an_unknown_field_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no field"):
        Preset.parse('title = "x"\nlevel = "A"\nfamily = "deals"\n[fields]\nsalon = "a"\n', "x")


def test_items_are_found_where_the_preset_says() -> None:
    text = 'title = "x"\nlevel = "A"\nfamily = "leads"\nrows = "d.results"\n[fields]\nid = "n"\n'
    chosen = Preset.parse(text, "x")
    assert chosen.items({"d": {"results": [{"n": 1}, 2, {"n": 3}]}}) == [{"n": 1}, {"n": 3}]
    for plain in ({"n": 1}, {"d": [1]}, {"d": {"results": {"n": 1}}}):
        assert chosen.items(plain) == [plain]
