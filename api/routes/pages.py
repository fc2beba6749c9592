"""The report as a page."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.templating import Jinja2Templates

from api.auth import COOKIE, ServicesOf, may_read
from api.bootstrap import Services
from api.chart import draw
from api.errors import status_of
from api.exports import ExportFormat
from api.numbers import written
from api.questions import read_question
from attribution.measures import MEASURES
from attribution.models import Model
from attribution.reports import DIMENSIONS, Calendar, Question, records, romi_report
from infra.errors import ClosedLoopError, NotAllowed, NotReady

router = APIRouter(include_in_schema=False)
_templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_templates.env.globals["written"] = written
_SHOWN = (
    "cost", "clicks", "sessions", "leads", "qualified", "visits", "sales", "revenue", "margin", "cpl", "cpql", "cpv",
    "cps", "roas", "drr", "romi",
)  # fmt: skip


@router.get("/", response_class=HTMLResponse)
def romi_page(
    request: Request,
    services: ServicesOf,
    key: str = "",
    by: str = "channel",
    model: str = "last_non_direct",
    calendar: str = "conversion",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
) -> Response:
    """The ROMI/CPL report with pickers, a chart over time, a sortable table and totals."""
    if key:
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, key, httponly=True, samesite="lax", max_age=30 * 86_400)
        return answer
    asked = {"by": by, "model": model, "calendar": calendar, "from": first, "to": last}
    try:
        may_read(request, services)
        today = services.clock.now().astimezone(services.settings.zone).date()
        question = read_question(by, model, calendar, "leads", first, last, today)
        return _templates.TemplateResponse(request, "romi.html", _filled(services, question))
    except NotAllowed as error:
        return _templates.TemplateResponse(request, "message.html", {"error": error}, 401)
    except NotReady as error:
        return _templates.TemplateResponse(request, "empty.html", {"error": error, "services": services})
    except ClosedLoopError as error:
        return _templates.TemplateResponse(request, "message.html", {"error": error, "asked": asked}, status_of(error))


def _filled(services: Services, question: Question) -> dict[str, Any]:
    report = romi_report(services.warehouse, question, services.settings.timezone)
    step = "month" if (question.last_day - question.first_day).days > 62 else "day"
    over_time = Question((step,), question.first_day, question.last_day, question.model, question.calendar)
    line = romi_report(services.warehouse, over_time, services.settings.timezone)
    address = {
        "by": ",".join(question.by),
        "model": question.model.value,
        "calendar": question.calendar.value,
        "from": question.first_day.isoformat(),
        "to": question.last_day.isoformat(),
    }
    return {
        "question": question,
        "rows": records(report.rows),
        "totals": report.totals,
        "measures": [measure for measure in MEASURES if measure.slug in _SHOWN],
        "chart": draw(records(line.rows.sort_values(step)), step),
        "models": list(Model),
        "calendars": list(Calendar),
        "dimensions": DIMENSIONS,
        "exports": [
            (form.value, f"/api/reports/romi?{urlencode({**address, 'format': form.value})}") for form in ExportFormat
        ],
        "currency": services.settings.currency,
        "run": report.run,
        "zone": services.settings.zone,
    }
