"""A report as JSON, CSV, XLSX or Parquet."""

import io
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
import pandas as pd

from attribution.measures import MEASURES, Unit
from attribution.reports import Report, records


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
_NUMBER_FORMATS = {Unit.MONEY: "#,##0.00", Unit.COUNT: "#,##0.##", Unit.SHARE: "0.0%", Unit.TIMES: "0.00"}


def as_document(report: Report) -> dict[str, Any]:
    """`items`, `totals`, and what was asked and computed."""
    question = report.question
    return {
        "items": records(report.rows),
        "total": len(report.rows),
        "next": None,
        "totals": report.totals,
        "question": {
            "by": list(question.by),
            "model": question.model,
            "calendar": question.calendar,
            "from": question.first_day.isoformat(),
            "to": question.last_day.isoformat(),
            "share": question.share,
        },
        "run": {"number": report.run.number, "rule_version": report.run.rule_version},
    }


def export(report: Report, form: ExportFormat) -> bytes:
    if form is ExportFormat.JSON:
        return orjson.dumps(as_document(report), option=orjson.OPT_INDENT_2)
    if form is ExportFormat.CSV:
        return _harmless(report.rows, report.question.by).to_csv(index=False).encode()
    buffer = io.BytesIO()
    if form is ExportFormat.PARQUET:
        report.rows.to_parquet(buffer, index=False)
    else:
        _write_xlsx(report, buffer)
    return buffer.getvalue()


def _harmless(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Names that a spreadsheet would compute get an apostrophe before them: anybody can write a campaign's name."""
    return rows.assign(**{name: rows[name].str.replace(_FORMULA, r"'\1", regex=True) for name in names})


def _write_xlsx(report: Report, buffer: io.BytesIO) -> None:
    names = {measure.slug: measure.title for measure in MEASURES}
    with pd.ExcelWriter(buffer, engine="xlsxwriter", engine_kwargs={"options": _TEXT_IS_TEXT}) as writer:
        report.rows.rename(columns=names).to_excel(writer, sheet_name="ROMI", index=False, freeze_panes=(1, 1))
        sheet = writer.sheets["ROMI"]
        for place, measure in enumerate(MEASURES, len(report.question.by)):
            style = writer.book.add_format({"num_format": _NUMBER_FORMATS[measure.unit]})
            sheet.set_column(place, place, 14, style)
        sheet.set_column(0, len(report.question.by) - 1, 24)
