"""Workbooks as people make them, written by another program than the one that reads them."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import openpyxl

MONTHS = ["янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
Sheet = Sequence[Sequence[Any]]


def book(shape: Callable[[Any], None] | None = None, /, **sheets: Sheet) -> bytes:
    """A workbook of these sheets; `shape` changes it further, such as merging cells."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    if shape:
        shape(workbook)
    return saved(workbook)


def saved(workbook: Any) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def year(*rows: Sequence[Any], months: Sequence[Any] = MONTHS, heads: Sequence[str] = ("Дилер", "Показатель")) -> Sheet:
    """A table with a header of one row."""
    return [[*heads, *months], *rows]


def with_part(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """The same archive, one of its parts rewritten."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content.decode()).encode() if part == name else content)
    return buffer.getvalue()


def calculated(data: bytes, values: dict[str, str]) -> bytes:
    """As a spreadsheet saves it: formulas beside what they come to."""

    def fill(xml: str) -> str:
        for cell, value in values.items():
            xml = re.sub(rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v ?/>', rf"\1<v>{value}</v>", xml)
            xml = re.sub(rf'(<c r="{cell}"[^>]*><f>[^<]*</f>)<v></v>', rf"\1<v>{value}</v>", xml)
        return xml

    return with_part(with_part(data, "xl/worksheets/sheet1.xml", fill), "xl/workbook.xml", _needs_no_calculation)


def _needs_no_calculation(xml: str) -> str:
    return xml.replace('fullCalcOnLoad="1"', "")


def bomb(size: int) -> bytes:
    """A workbook one part of which grows beyond measure, and says that it is small."""
    data = book(План=year())
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            if part != "xl/worksheets/sheet1.xml":
                new.writestr(part, old.read(part))
        with new.open("xl/worksheets/sheet1.xml", "w", force_zip64=False) as grown:
            for _ in range(size // 2**20):
                grown.write(b" " * 2**20)
    packed = bytearray(buffer.getvalue())
    end = packed.rindex(b"xl/worksheets/sheet1.xml")
    packed[end - 22 : end - 18] = (1000).to_bytes(4, "little")  # the size that the central directory tells
    return bytes(packed)
