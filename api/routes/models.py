"""Models side by side: on a table of journeys that the body holds, and on the newest run's journeys."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.answered import answered
from api.auth import ServicesOf, may_read
from api.exports import ExportFormat
from api.questions import read_period
from api.routes.collect import read_body
from attribution.journeys.on_file import FileQuestion, compare_apart
from attribution.model_report import ModelQuestion, model_report
from infra.errors import InvalidInput

router = APIRouter()
_turn = asyncio.Lock()  # one at a time: each takes the memory of a large query


@router.post("/api/models", dependencies=[Depends(may_read)])
async def models(
    request: Request,
    services: ServicesOf,
    order: int = 1,
    separator: str = ">",
    rules: Annotated[list[str] | None, Query(alias="map")] = None,
    lookback: float | None = None,
    by: str = "channel",
    direct: str = "direct",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """CSV, JSON or Parquet: path, conversions, value, nulls; or visitor, time, channel, converted, value."""
    settings = await run_in_threadpool(lambda: services.settings)
    days = settings.lookback_days if lookback is None else lookback
    question = FileQuestion(order, separator, _columns(rules or []), days, by, direct)
    body = await read_body(request, settings.max_body_mb * 1024**2)
    async with _turn:
        found = await asyncio.to_thread(compare_apart, body, question, settings)
    return answered(found, form, settings)


@router.get("/api/reports/models", dependencies=[Depends(may_read)])
def model_reports(
    services: ServicesOf,
    kind: str = "sale",
    by: str = "channel",
    order: int = 1,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """All models side by side on the newest run's journeys; `from` and `to` are inclusive days of the account."""
    today = services.clock.now().astimezone(services.settings.zone).date()
    question = ModelQuestion(read_period(first, last, today), kind, by, order)
    return answered(model_report(services.warehouse, question, services.settings), form, services.settings)


def _columns(rules: list[str]) -> dict[str, str]:
    pairs = [rule.partition("=") for rule in rules]
    for rule, (_, separator, _) in zip(rules, pairs, strict=True):
        if not separator:
            raise InvalidInput(f"{rule!r} is no mapping.", where="map", help="Write ours=column: path=route.")
    return {ours.strip(): column.strip() for ours, _, column in pairs}
