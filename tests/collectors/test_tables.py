"""Tables as people save them: encodings, separators, quotes, spreadsheets."""

import io
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.bootstrap import Services
from collectors.formats import Format, format_of, read_items
from collectors.items import Item, Unreadable
from collectors.mapping import Mapping
from infra.errors import InvalidInput, UnreadableBody
from tests.collectors.readings import stored

ANY = Mapping()


def rows_of(text: str | bytes, mapping: Mapping = ANY) -> list[Item]:
    body = text if isinstance(text, bytes) else text.encode()
    return list(read_items(io.BytesIO(body), Format.CSV, mapping))


def workbook(*rows: list[Any], formats: dict[int, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"default_date_format": "dd.mm.yyyy"})
    sheet = book.add_worksheet()
    styles = {place: book.add_format({"num_format": form}) for place, form in (formats or {}).items()}
    for line, row in enumerate(rows):
        for place, value in enumerate(row):
            sheet.write(line, place, value, styles.get(place) if line else None)
    book.close()
    return buffer.getvalue()


def sheet_rows(*rows: list[Any], formats: dict[int, str] | None = None) -> list[Item]:
    return list(read_items(io.BytesIO(workbook(*rows, formats=formats)), Format.XLSX, ANY))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(encoding: str, separator: str, end: str) -> None:
    text = end.join([separator.join(("id", "имя")), separator.join(("1", "Ёлка №5")), separator.join(("2", "Юля")), ""])
    assert rows_of(text.encode(encoding)) == [{"id": "1", "имя": "Ёлка №5"}, {"id": "2", "имя": "Юля"}]


@pytest.mark.parametrize("size", [65_530, 65_534, 65_535, 65_536, 65_537])
def test_a_letter_across_the_end_of_the_head(size: int) -> None:
    padding = "x" * (size - len("id,имя\n1,".encode()))
    assert rows_of(f"id,имя\n1,{padding}Ж\n2,Ы\n") == [{"id": "1", "имя": f"{padding}Ж"}, {"id": "2", "имя": "Ы"}]


def test_windows_1251_pasted_far_into_utf_8() -> None:
    body = b"id,name\n" + b"1,plain\n" * 20_000 + "2,Иван\n".encode("cp1251") + "3,Иван\n".encode()
    assert rows_of(body)[-2:] == [{"id": "2", "name": "Иван"}, {"id": "3", "name": "Иван"}]


@pytest.mark.parametrize("body", ["", " \n \r\n\t", "\ufeff", "id,name", "id,name\n", "\n\nid,name\n\n , \n,\n"])
def test_nothing_comes_of_an_empty_table(body: str) -> None:
    assert rows_of(body) == []


def test_quoted_line_breaks_quotes_and_separators() -> None:
    assert rows_of('id;"long\nname"\r\n1;"a;b ""c""\r\nd"\r\n2;ООО "Ромашка"\r\n') == [
        {"id": "1", "long\nname": 'a;b "c"\r\nd'},
        {"id": "2", "long\nname": 'ООО "Ромашка"'},
    ]


def test_duplicate_and_missing_column_names_displace_nothing() -> None:
    assert rows_of("id,phone,phone,,phone\n1,2,3,4,5\n") == [
        {"id": "1", "phone": "2", "phone (2)": "3", "column 4": "4", "phone (3)": "5"}
    ]
    assert sheet_rows(["id", "phone", "phone"], [1, 2, 3]) == [{"id": 1, "phone": 2, "phone (2)": 3}]


def test_ragged_rows() -> None:
    short, padded, long = rows_of("id,a,b\n1\n2,x,y,,  ,\n3,x,y,z\n")
    assert short == {"id": "1"}
    assert padded == {"id": "2", "a": "x", "b": "y"}
    assert long == Unreadable("3,x,y,z", "line 4 has 4 values for 3 columns")


def test_an_open_quote_is_told_with_its_lines() -> None:
    first, broken = rows_of('id,a\n1,x\n2,"y\n3,z\n')
    assert first == {"id": "1", "a": "x"}
    assert broken == Unreadable('2,"y\n3,z', "line 3 opens a quote that nothing closes")
    with pytest.raises(UnreadableBody, match="header opens a quote"):
        rows_of('id,"a\n1,x\n')


def test_a_value_without_end_does_not_take_the_file_with_it() -> None:
    endless = '2,"' + "y" * 80 + "\n"
    found = rows_of("id,a\n1,x\n" + endless + ("y" * 80 + "\n") * 60_000 + "3,z\n")
    assert found[0] == {"id": "1", "a": "x"}
    assert isinstance(found[1], Unreadable)
    assert found[1].reason == "line 3 is no CSV: field larger than field limit (4194304)"
    assert found[1].text.startswith(endless)
    assert found[-1] == {"id": "3", "a": "z"}


def test_a_long_value_and_a_nul_byte_are_left_to_the_fields() -> None:
    assert rows_of("id,a\n1," + "y" * 1_000_000 + "\n2,\x00\n") == [
        {"id": "1", "a": "y" * 1_000_000},
        {"id": "2", "a": "\x00"},
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_as_a_table(body: bytes) -> None:
    try:
        found = rows_of(body)
    except UnreadableBody:
        return
    assert all(isinstance(item, dict | Unreadable) for item in found)


@given(
    st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufeff")), min_size=3, max_size=3),
        max_size=8,
    )
)
def test_every_value_written_by_a_csv_writer_comes_back(table: list[list[str]]) -> None:
    lines = [["a", "b", "c"], *table]
    text = "\r\n".join(";".join('"' + value.replace('"', '""') + '"' for value in line) for line in lines)
    kept = [
        {name: value for name, value in zip("abc", row, strict=True) if value}
        for row in table
        if any(map(str.strip, row))
    ]
    assert [{k: v for k, v in row.items() if v.strip()} for row in rows_of(text + "\r\n") if isinstance(row, dict)] == [
        {k: v for k, v in row.items() if v.strip()} for row in kept
    ]


def test_cells_of_a_spreadsheet() -> None:
    moment = datetime.fromisoformat("2026-01-31T12:30")
    (row,) = sheet_rows(
        ["date cell", "moment cell", "serial", "text date", "percent", "money", "number", "flag", "duration", "empty"],
        [date(2026, 1, 31), moment, 46053.5, "31.01.2026", 0.125, 1234.5, 7, True, timedelta(seconds=95), None],
        formats={0: "dd.mm.yyyy", 1: "dd.mm.yyyy hh:mm", 4: "0.0%", 5: "# ##0.00", 8: "[h]:mm:ss"},
    )
    assert isinstance(row, dict)
    created = {
        name: stored("leads", created_at=row[name])["created_at"] for name in ("date cell", "serial", "text date")
    }
    assert created["date cell"] == created["text date"] == datetime(2026, 1, 30, 21, tzinfo=UTC)
    assert created["serial"] == datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert stored("leads", created_at=row["moment cell"])["created_at"] == datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
    assert (row["percent"], row["money"], row["number"], row["flag"]) == (0.125, 1234.5, 7, True)
    assert stored("calls", duration_s=row["duration"])["duration_s"] == 95
    assert "empty" not in row


def test_a_time_of_day_and_a_number_beyond_exactness() -> None:
    (row,) = sheet_rows(["time", "big"], [time(0, 1, 35), 1e300], formats={0: "hh:mm:ss"})
    assert isinstance(row, dict)
    assert stored("calls", duration_s=row["time"])["duration_s"] == 95
    assert row["big"] == 1e300


def test_empty_rows_and_sheets() -> None:
    assert sheet_rows([], ["id", "a"], [], ["1", "x"], ["", ""], ["2", "y"]) == [
        {"id": "1", "a": "x"},
        {"id": "2", "a": "y"},
    ]
    assert sheet_rows() == []
    assert sheet_rows(["id", "a"]) == []


@pytest.mark.parametrize("body", [b"PK\x03\x04 cut off", b"PK\x03\x04", b"no zip at all"])
def test_what_is_no_workbook_is_told(body: bytes) -> None:
    with pytest.raises(UnreadableBody, match="no XLSX workbook"):
        list(read_items(io.BytesIO(body), Format.XLSX, ANY))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or password-protected Excel workbook"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "packed with gzip"),
    ],
)
def test_a_foreign_format_is_named(body: bytes, words: str) -> None:
    with pytest.raises(UnreadableBody, match=words):
        format_of("text/csv", body)


@pytest.mark.parametrize(
    ("said", "body", "form"),
    [
        ("", b"[]", Format.JSON), ("", b'{"a": 1}\n{"a": 2}', Format.NDJSON), ("", b'{\n"a": 1\n}', Format.JSON),
        ("", b"a;b\n1;2", Format.CSV), ("", b"PK\x03\x04", Format.XLSX), ("application/json", b"7", Format.JSON),
        ("application/x-ndjson", b"{broken\n{}", Format.NDJSON), (".jsonl", b"{broken\n{}", Format.NDJSON),
        ("text/csv; charset=utf-8", b"[a],b", Format.CSV), ("", b"\xef\xbb\xbf[]", Format.JSON),
    ],
)  # fmt: skip
def test_formats_are_told_apart(said: str, body: bytes, form: Format) -> None:
    assert format_of(said, body) is form


def test_a_table_without_any_field_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput, match="None of the columns is a field of leads: имя, телефон") as caught:
        rows_of("имя,телефон\nИван,1\n", Mapping.parse([], "leads"))
    assert "field=column" in caught.value.help


WRITER = """
import sys, xlsxwriter
book = xlsxwriter.Workbook(sys.argv[1], {"constant_memory": True})
sheet = book.add_worksheet()
sheet.write_row(0, 0, ["date", "cost", "source", "campaign", "clicks"])
for line in range(1, 100_001):
    sheet.write_row(line, 0, ["2026-01-31", line / 100, "yandex", f"c{line}", line])
book.close()
"""
READER = """
import re, sys
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
count = total = 0
with open(sys.argv[1], "rb") as stream:
    for row in read_items(stream, Format.XLSX, Mapping.parse([], "spend")):
        count, total = count + 1, total + row["clicks"]
print(count, total, re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.fixture(scope="module")
def hundred_thousand_rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "spend.xlsx"
    subprocess.run([sys.executable, "-c", WRITER, str(path)], check=True)
    return path


def test_a_hundred_thousand_rows_of_a_workbook_in_bounded_memory(hundred_thousand_rows: Path) -> None:
    path = hundred_thousand_rows
    ran = subprocess.run([sys.executable, "-c", READER, str(path)], check=True, capture_output=True, text=True)
    count, total, kilobytes = map(int, ran.stdout.split())
    assert (count, total) == (100_000, 100_000 * 100_001 // 2)
    assert kilobytes * 1024 < 512 * 1024**2


def test_a_hundred_thousand_rows_arrive(hundred_thousand_rows: Path, client: TestClient, services: Services) -> None:
    answer = client.post(
        "/collect/spend", content=hundred_thousand_rows.read_bytes(), headers={"Authorization": "Bearer w"}
    )
    assert answer.json() == {"accepted": 100_000, "duplicates": 0, "rejected": []}
    loader = services.new_loader()
    assert loader.drain() == 100_000
    loader.close()
    assert services.warehouse.value("select sum(clicks) from spend") == 100_000 * 100_001 // 2
    assert services.warehouse.value("select toString(sum(cost)) from spend") == "50000500"
