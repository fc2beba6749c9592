"""Reports on opportunities and customers: funnel, lost leads, open deals, cohorts, maturity."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_own
from api.bootstrap import Services
from api.exports import ExportFormat
from api.opportunity_questions import (
    deadlines,
    read_cohort_question,
    read_lost_leads_question,
    read_maturity_question,
    read_opportunity_question,
)  # fmt: skip
from api.questions import read_names
from attribution.cohorts import cohort_report
from attribution.funnel import funnel_report
from attribution.lost_leads import lost_leads_report
from attribution.maturity import maturity_report
from attribution.open_deals import OpenDealsQuestion, open_deals_report

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read_own)])

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]


def _today(services: Services) -> date:
    return services.clock.now().astimezone(services.settings.zone).date()


@router.get("/funnel")
def funnel(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "",
    model: str = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """Of the opportunities opened in the period, how many reached each stage so far."""
    question = read_opportunity_question(by, model, first, last, _today(services))
    return answered(
        funnel_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@router.get("/lost-leads")
def lost_leads(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "dealer",
    model: str = "last_non_direct",
    first: First = "",
    last: Last = "",
    unprocessed_hours: int | None = None,
    late_minutes: int | None = None,
    form: Form = ExportFormat.JSON,
) -> Response:
    """Where leads are lost, and the margin that is expected to go with those nobody dealt with."""
    today = _today(services)
    limits = deadlines(services.settings, unprocessed_hours, late_minutes)
    question = read_lost_leads_question(by, model, first, last, limits, today)
    return answered(
        lost_leads_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@router.get("/cohorts")
def cohorts(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "month",
    start: str = "sale",
    first: First = "",
    last: Last = "",
    predict: bool = False,
    form: Form = ExportFormat.JSON,
) -> Response:
    """What persons who began in the period bought since, their LTV, CAC and payback."""
    question = read_cohort_question(by, start, first, last, predict, _today(services))
    return answered(
        cohort_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@router.get("/maturity")
def tell_maturity(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "month",
    since: str = "lead",
    kind: str = "sale",
    model: str = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """What share of each period's conversions has come by now."""
    question = read_maturity_question(by, since, kind, model, first, last, _today(services))
    return answered(
        maturity_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )


@router.get("/open-deals")
def open_deals(services: ServicesOf, viewer: ViewerOf, by: str = "stage", form: Form = ExportFormat.JSON) -> Response:
    """What is open now, and what it will still bring."""
    question = OpenDealsQuestion(read_names(by))
    return answered(
        open_deals_report(services.warehouse, question, services.settings, seen=viewer.seen), form, services.settings
    )
