"""Dealers like for like, contractors, what people say themselves, and the ROMI report that experiments calibrate."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read, may_read_own
from api.bootstrap import Services
from api.comparison_questions import read_comparison, read_contractors, read_self_reported
from api.exports import ExportFormat
from api.questions import read_question
from attribution.contractors import contractor_report
from attribution.dealers import dealer_comparison
from attribution.experiments.calibration import calibrated_report
from attribution.experiments.register import experiments
from attribution.self_reported import self_reported_report

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read_own)])

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/dealers")
def dealers(
    services: ServicesOf,
    viewer: ViewerOf,
    measures: str = "cr_lead_sale,cps,romi",
    peers: str = "holding",
    model: str = "last_non_direct",
    share: str = "leads",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """Every dealer's figures, as they are and like for like."""
    question = read_comparison(measures, peers, model, share, first, last, _today(services))
    return answered(
        dealer_comparison(services.warehouse, question, services.settings.timezone, seen=viewer.seen),
        form,
        services.settings,
    )


@router.get("/contractors")
def contractors(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "contractor",
    model: str = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """What each contractor cost and brought, raw and pooled, beside what it claims."""
    question = read_contractors(by, model, first, last, _today(services))
    answer = contractor_report(
        services.warehouse, services.database, question, services.settings.timezone, seen=viewer.seen
    )
    return answered(answer, form, services.settings)


@router.get("/self-reported")
def self_reported(
    services: ServicesOf,
    viewer: ViewerOf,
    of: str = "lead",
    model: str = "last_non_direct",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """What people say brought them, beside the channel that attribution allocates."""
    question = read_self_reported(of, model, first, last, _today(services))
    answered_in = services.settings.self_reported_property
    return answered(
        self_reported_report(services.warehouse, services.database, question, answered_in, seen=viewer.seen),
        form,
        services.settings,
    )


@router.get("/calibrated", dependencies=[Depends(may_read)])
def calibrated(
    services: ServicesOf,
    model: str = "last_non_direct",
    calendar: str = "conversion",
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """The ROMI report by channel, scaled by what experiments found."""
    question = read_question("channel", model, calendar, "leads", first, last, _today(services))
    told = experiments(services.database)
    return answered(
        calibrated_report(services.warehouse, told, question, services.settings.timezone), form, services.settings
    )


def _today(services: Services) -> date:
    return services.clock.now().astimezone(services.settings.zone).date()
