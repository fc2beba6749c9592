"""A report's answer as JSON, CSV, XLSX or Parquet."""

import io
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
import pandas as pd

from attribution.answer import Answer
from attribution.measures import Unit


class ExportFormat(StrEnum):
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES = {
    ExportFormat.JSON: "application/json",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
_FORMULA = re.compile(r"^([=+\-@\t\r])")
_TEXT_IS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False}
_NUMBER_FORMATS = {
    Unit.MONEY: "#,##0.00",
    Unit.COUNT: "#,##0.##",
    Unit.SHARE: "0.0%",
    Unit.TIMES: "0.00",
    Unit.DAYS: "0.0",
    Unit.SECONDS: "0",
}


def as_document(answer: Answer) -> dict[str, Any]:
    """`items`, `totals`, and what was asked and computed."""
    return {
        "items": answer.items(),
        "total": len(answer.rows) if answer.groups is None else answer.groups,
        "next": answer.next,
        "totals": answer.totals,
        **answer.about,
        "question": answer.asked,
        "run": {"number": answer.run.number, "rule_version": answer.run.rule_version} if answer.run else None,
    }


def export(answer: Answer, form: ExportFormat) -> bytes:
    if form is ExportFormat.JSON:
        return orjson.dumps(as_document(answer), option=orjson.OPT_INDENT_2)
    if form is ExportFormat.CSV:
        return _harmless(answer.rows, answer.names).to_csv(index=False).encode()
    buffer = io.BytesIO()
    if form is ExportFormat.PARQUET:
        answer.rows.to_parquet(buffer, index=False)
    else:
        _write_xlsx(answer, buffer)
    return buffer.getvalue()


def _harmless(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Names that a spreadsheet would compute get an apostrophe before them: anybody can write a campaign's name."""
    return rows.assign(**{name: rows[name].astype(str).str.replace(_FORMULA, r"'\1", regex=True) for name in names})


def _write_xlsx(answer: Answer, buffer: io.BytesIO) -> None:
    titles = {figure.slug: figure.title for figure in answer.figures}
    name = answer.subject.upper() if len(answer.subject) < 5 else answer.subject.capitalize()
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": _TEXT_IS_TEXT}) as writer:
        answer.rows.rename(columns=titles).to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 1))
        sheet = writer.sheets[name]
        for place, figure in enumerate(answer.figures, len(answer.names)):
            style = writer.book.add_format({"num_format": _NUMBER_FORMATS[figure.unit]})
            sheet.set_column(place, place, 14, style)
        sheet.set_column(0, len(answer.names) - 1, 24)
