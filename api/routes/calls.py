"""The report of calls."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_own
from api.call_questions import read_calls_question
from api.exports import ExportFormat
from attribution.calls import calls_report
from attribution.target_calls import target_rules

router = APIRouter()


@router.get("/api/reports/calls", dependencies=[Depends(may_read_own)])
def calls(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "dealer",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    window: int = 30,
    whose: str = "holding",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """How calls were taken and called back; `from` and `to` are inclusive days in the account's time zone."""
    today = services.clock.now().astimezone(services.settings.zone).date()
    question = read_calls_question(by, first, last, window, whose, today)
    rules = target_rules(services.database)
    return answered(
        calls_report(services.warehouse, question, rules, services.settings, seen=viewer.seen), form, services.settings
    )
