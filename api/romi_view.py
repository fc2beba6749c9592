"""What the page of the ROMI/CPL report shows."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.caveats import caveats_in_words, computed_in_words, to_come
from api.chart import draw, step_of
from api.exports import ExportFormat, as_document
from api.questions import as_parameters
from api.status import freshness
from attribution.caveats import romi_report_with_caveats
from attribution.dimensions import OF_DEALERS
from attribution.measures import MEASURES, Measure
from attribution.models import Model
from attribution.reports import Calendar, Question, romi_report
from attribution.sharing import DealerShare
from attribution.visibility import Visibility

MOST_ROWS = 500
_COLUMNS = (
    "cost", "leads", "cpl", "visits", "cpv", "sales", "cps", "revenue", "margin", "romi", "roas", "drr", "clicks",
    "sessions", "qualified", "cpql", "cr_lead_sale",
)  # fmt: skip
_CARDS = ("cost", "leads", "cpl", "sales", "cps", "revenue", "margin", "romi")
_PICKERS = ("Group by", "then by", "and by", "and last by")
_MEASURES = {measure.slug: measure for measure in MEASURES}


def romi_view(services: Services, seen: Visibility, question: Question) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    timezone, today = services.settings.timezone, services.today
    columns = _columns(question)
    needed = dict.fromkeys(figure.slug for figure in (*columns, *MEASURES))
    shown = replace(question, measures=tuple(needed))
    report = romi_report_with_caveats(services.warehouse, shown, services.settings, seen=seen)
    document = as_document(report)
    step = step_of(question.first_day, question.last_day)
    over_time = replace(question, by=(step,), order=None, limit=None, measures=())
    return {
        "question": question,
        "rows": document["items"],
        "caveats": caveats_in_words(document),
        "to_come": to_come(document),
        "computed": computed_in_words(document),
        "hidden_rows": (report.groups or 0) - len(report.rows),
        "totals": report.totals,
        "columns": columns,
        "cards": [_MEASURES[slug] for slug in _CARDS],
        "chart": draw(romi_report(services.warehouse, over_time, timezone, seen=seen).rows, step),
        "models": list(Model),
        "calendars": list(Calendar),
        "shares": list(DealerShare),
        "dimensions": list(question.catalog.dimensions),
        "pickers": _pickers(question),
        "asked": as_parameters(question),
        "shares_cost": bool(set(question.inputs) & set(OF_DEALERS)),
        "periods": [(name, _address("/channels", question, first, last)) for name, first, last in _periods(today)],
        "exports": [(form.value, _address("/api/reports/romi", question, format=form.value)) for form in ExportFormat],
        "currency": services.settings.currency,
        "run": report.run,
        "fresh": freshness(services)["fresh"],
        "zone": services.settings.zone,
    }


def _columns(question: Question) -> list[Measure]:
    """The measures that were asked for; else the usual ones, and all that users defined."""
    if question.measures:
        return list(question.figures)
    return [*(_MEASURES[slug] for slug in _COLUMNS), *question.catalog.own_measures]


def _pickers(question: Question) -> list[tuple[str, str]]:
    """A picker for each grouping, and an empty one for the next: its label, and what is chosen."""
    chosen = [*question.by, ""][: len(_PICKERS)]
    return list(zip(_PICKERS, chosen, strict=False))


def _periods(today: date) -> list[tuple[str, date, date]]:
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    a_year_ago = (this_month - timedelta(days=330)).replace(day=1)
    return [
        ("this month", this_month, today),
        ("last month", last_month, this_month - timedelta(days=1)),
        ("last 30 days", today - timedelta(days=29), today),
        ("this year", today.replace(month=1, day=1), today),
        ("12 months", a_year_ago, today),
    ]


def _address(path: str, question: Question, first: date | None = None, last: date | None = None, **more: str) -> str:
    """Asks for the same, without the page's own limit."""
    asked = replace(
        question, first_day=first or question.first_day, last_day=last or question.last_day, limit=None, offset=0
    )
    return f"{path}?{urlencode(as_parameters(asked) | more)}"
