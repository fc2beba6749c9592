"""What the page of the ROMI/CPL report shows."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.chart import draw, step_of
from api.exports import ExportFormat
from api.status import freshness
from attribution.measures import MEASURES
from attribution.models import Model
from attribution.reports import DIMENSIONS, Calendar, Question, romi_report
from attribution.sharing import DealerShare

MOST_ROWS = 500
_COLUMNS = (
    "cost", "leads", "cpl", "visits", "cpv", "sales", "cps", "revenue", "margin", "romi", "roas", "drr", "clicks",
    "sessions", "qualified", "cpql", "cr_lead_sale",
)  # fmt: skip
_CARDS = ("cost", "leads", "cpl", "sales", "cps", "revenue", "margin", "romi")
_MEASURES = {measure.slug: measure for measure in MEASURES}


def romi_view(services: Services, question: Question, today: date) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    timezone = services.settings.timezone
    report = romi_report(services.warehouse, question, timezone)
    step = step_of(question.first_day, question.last_day)
    over_time = Question((step,), question.first_day, question.last_day, question.model, question.calendar)
    return {
        "question": question,
        "rows": report.items(MOST_ROWS),
        "hidden_rows": max(0, len(report.rows) - MOST_ROWS),
        "totals": report.totals,
        "columns": [_MEASURES[slug] for slug in _COLUMNS],
        "cards": [_MEASURES[slug] for slug in _CARDS],
        "chart": draw(romi_report(services.warehouse, over_time, timezone).rows, step),
        "models": list(Model),
        "calendars": list(Calendar),
        "shares": list(DealerShare),
        "dimensions": DIMENSIONS,
        "periods": [(name, _address("/", question, first, last)) for name, first, last in _periods(today)],
        "exports": [(form.value, _address("/api/reports/romi", question, format=form.value)) for form in ExportFormat],
        "currency": services.settings.currency,
        "run": report.run,
        "fresh": freshness(services)["fresh"],
        "zone": services.settings.zone,
    }


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
    asked = {
        "by": ",".join(question.by),
        "model": question.model.value,
        "calendar": question.calendar.value,
        "share": question.share.value,
        "from": (first or question.first_day).isoformat(),
        "to": (last or question.last_day).isoformat(),
    }
    return f"{path}?{urlencode(asked | more)}"
