"""Reports, status, and asking for an attribution run."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read, may_read_own
from api.exports import ExportFormat
from api.questions import Asked
from api.status import status
from attribution.caveats import romi_report_with_caveats

router = APIRouter()
health = APIRouter()


@router.get("/api/reports/romi", dependencies=[Depends(may_read_own)])
def romi(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "channel",
    model: str = "last_non_direct",
    calendar: str = "conversion",
    share: str = "leads",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    models: str = "",
    measures: str = "",
    where: str = "",
    sort: str = "",
    limit: int | None = None,
    next: str = "",  # noqa: A002
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What each group cost and brought; `from` and `to` are inclusive days in the account's time zone."""
    today = services.clock.now().astimezone(services.settings.zone).date()
    asked = Asked(by, model, calendar, share, first, last, models, measures, where, sort, limit, next)
    question = asked.question(services.definitions.catalog(), today)
    return answered(
        romi_report_with_caveats(services.warehouse, question, services.settings, seen=viewer.seen),
        form,
        services.settings,
    )


@router.get("/api/status", dependencies=[Depends(may_read)])
def tell_status(services: ServicesOf) -> dict[str, Any]:
    return status(services)


@health.get("/healthz")
def healthy() -> dict[str, str]:
    return {"status": "ok"}
