"""A report's answer as JSON, CSV, XLSX or Parquet."""

import io
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import orjson
import pandas as pd

from api.report_notes import report_notes
from api.workbook import workbook
from attribution.answer import Answer
from infra.settings import Settings


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
_FORMULA = re.compile(r"^([=+\-@\t\r\n＝＋－＠])")


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


def export(answer: Answer, form: ExportFormat, settings: Settings) -> bytes:
    """CSV and Parquet have the rows alone; JSON and XLSX say what was asked and computed, too. CSV is in UTF-8."""
    if form is ExportFormat.JSON:
        return orjson.dumps(as_document(answer), option=orjson.OPT_INDENT_2)
    if form is ExportFormat.CSV:
        return _harmless(answer.rows, answer.names).to_csv(index=False).encode()
    if form is ExportFormat.XLSX:
        return workbook(answer, report_notes(answer, settings))
    buffer = io.BytesIO()
    answer.rows.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _harmless(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Names that a spreadsheet would compute get an apostrophe before them: anybody can write a campaign's name."""
    return rows.assign(**{
        name: rows[name].fillna("").astype(str).str.replace(_FORMULA, r"'\1", regex=True) for name in names
    })  # fmt: skip
