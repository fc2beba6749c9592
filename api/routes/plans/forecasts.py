"""Forecasts: as a report, as a page, and taken over into drafts of plans."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.exports import ExportFormat
from api.forecast.page_view import forecast_view
from api.forecast.question import ForecastAddress
from api.forms import ToldForm, number_of, text_of
from api.plan_addresses import PlanId, VersionNumber
from api.plan_bodies import Name, Told
from api.rendering import PageRoute, show
from api.viewer import Viewer
from attribution.runs import newest_run
from planning.editing import Edited
from planning.forecast.against_plan import plans_beside
from planning.forecast.forecasting import LONGEST
from planning.forecast.past import MEASURES
from planning.forecast.report import ForecastQuestion, forecast_report
from planning.forecast.taking_over import take_over

router = APIRouter(prefix="/api", dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(
    prefix="/forecasts",
    include_in_schema=False,
    route_class=PageRoute,
    dependencies=[Depends(may_read_of_dealers)],
)
_MONTHS = Query(ge=1, le=LONGEST)


class TakeOver(Told):
    """Which measure of the forecast, and how many months of it."""

    measure: Name = "sales"
    months: Annotated[int, Field(strict=True, ge=1, le=LONGEST)] = 12


@router.get("/forecasts")
def tell_forecasts(
    services: ServicesOf,
    viewer: ViewerOf,
    measure: str = "",
    dealer: str = "",
    direction: str = "",
    level: str = "",
    months: Annotated[int, _MONTHS] = 12,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What is expected of each dealer, direction and month, within which bounds, beside the plan; and the backtest."""
    question = ForecastQuestion(measure, dealer, direction, level, months)
    outlook = services.outlook(months, viewer.seen)
    with services.database.connect() as connection:
        plans = plans_beside(connection, MEASURES, outlook.months, outlook.series, seen=viewer.seen)
    run = newest_run(services.warehouse)
    answer = forecast_report(run, services.forecasts(), outlook, plans, question, seen=viewer.seen)
    return answered(answer, form, services.settings)


@router.post("/plans/{plan}/versions/{number}/forecast", dependencies=[Depends(may_plan)])
def plan_forecast(
    services: ServicesOf, viewer: ViewerOf, plan: PlanId, number: VersionNumber, told: TakeOver
) -> dict[str, Any]:
    """Take the forecast over as the numbers of the draft; locked cells keep theirs."""
    done = _taken(services, viewer, services.plans.version_of(plan, number).id, told.measure, told.months)
    return {"edit": done.edit, "lines": done.lines}


@pages.get("", response_class=HTMLResponse)
def forecast_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    measure: str = "sales",
    dealer: str = "",
    direction: str = "",
    months: Annotated[int, _MONTHS] = 12,
    done: str = "",
) -> Response:
    """History, forecast and bounds; dealers; and how well the methods did."""
    ForecastQuestion(measure, months=months)
    asked = ForecastAddress(measure, dealer, direction, months)
    return show(request, "forecasts/page.html", forecast_view(services, viewer, asked, done=done))


@pages.post("/draft", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def take_over_forecast(services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Into the draft that was chosen; then its page."""
    version = services.plans.version(number_of(form, "version"))
    _taken(services, viewer, version.id, text_of(form, "measure"), number_of(form, "months"))
    return RedirectResponse(f"/plans/{version.plan}?measure={text_of(form, 'measure')}", 303)


def _taken(services: Services, viewer: Viewer, version: int, measure: str, months: int) -> Edited:
    outlook = services.outlook(months, viewer.seen)
    return take_over(services.database, services.clock, version, outlook, measure, author=viewer.name, seen=viewer.seen)
