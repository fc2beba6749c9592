"""The ROMI/CPL report of a part of the holding, as a small table that leads into the report itself."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.exports import ExportFormat
from api.numbers import written_in
from api.questions import as_parameters
from attribution.measures import MEASURES, Measure
from attribution.question import Condition, Question
from attribution.reports import romi_report
from attribution.runs import newest_run
from attribution.standings import FEW
from attribution.visibility import Visibility

COLUMNS = ("cost", "leads", "cpl", "visits", "sales", "cps", "margin", "romi")
_MEASURES = {measure.slug: measure for measure in MEASURES}
_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)


@dataclass(frozen=True, slots=True)
class Line:
    """A row: `key` is what the report calls it; `cells` have the value to sort by, and how it is written.

    `is_few` where few leads came, so that chance alone moves its figures; `loses` where it does so by enough sales.
    """

    key: str
    name: str
    address: str
    cells: list[tuple[Any, str]]
    is_few: bool
    loses: bool


@dataclass(frozen=True, slots=True)
class ReportTable:
    columns: list[Measure]
    lines: list[Line]
    totals: list[str]
    report: str
    exports: list[tuple[str, str]]


def report_table(services: Services, seen: Visibility, question: Question) -> ReportTable:
    """By the first grouping of the question; each line leads to the report of it alone."""
    asked = replace(question, measures=COLUMNS)
    warehouse, timezone = services.warehouse, services.settings.timezone
    answer = services.per_run.answer(
        newest_run(warehouse).number,
        ("romi", tuple(as_parameters(asked).items()), seen),
        lambda: romi_report(warehouse, asked, timezone, seen=seen),
    )
    columns = [_MEASURES[slug] for slug in COLUMNS]
    return ReportTable(
        columns,
        [_line(row, columns, asked) for row in answer.items()],
        [written_in(each.unit, answer.totals[each.slug]) for each in columns],
        f"/channels?{urlencode(as_parameters(question))}",
        [
            (form.value, f"/api/reports/romi?{urlencode(as_parameters(asked) | {'format': form.value})}")
            for form in _EXPORTED
        ],
    )


def _line(row: dict[str, Any], columns: list[Measure], question: Question) -> Line:
    by, *_others = question.by
    inside = "campaign" if by == "channel" else "channel"
    where = (*question.where, Condition(by, (row[by],)))
    deeper = replace(question, by=(inside,), where=where, measures=())
    return Line(
        row[by],
        row[by],
        f"/channels?{urlencode(as_parameters(deeper))}",
        [(row[each.slug], written_in(each.unit, row[each.slug])) for each in columns],
        row["leads"] < FEW,
        row["sales"] >= FEW and row["romi"] is not None and row["romi"] < 0,
    )
