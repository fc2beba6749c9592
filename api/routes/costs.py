"""What spend found its touches by which rule, what offline media brought, and what people tell of costs."""

import io
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.bootstrap import Services
from api.exports import ExportFormat
from api.questions import read_day, read_period
from api.routes.collect import read_body
from api.row_ids import RowId
from attribution.answer import Period
from attribution.cost_matching import cost_matching
from attribution.offline import offline_report
from attribution.rates import list_rates, missing_rates, read_rates, remove_rate, set_rates
from attribution.runs import newest_run
from attribution.same_campaigns import CampaignNames, list_same, tell_same, undo_same
from collectors.formats import HEAD_BYTES, format_of, read_items
from collectors.mapping import Mapping
from infra.errors import NotReady, UnreadableBody

_ONE_RATE = "Send at least one rate, with `date`, `currency` and `rate`."

router = APIRouter(prefix="/api", dependencies=[Depends(may_read)])
First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]


class Names(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str = ""
    medium: str = ""
    campaign: str = ""

    def names(self) -> CampaignNames:
        return CampaignNames(self.source, self.medium, self.campaign)


class Same(BaseModel):
    """Names as spend has them, and those of the touches that it paid for."""

    model_config = ConfigDict(extra="forbid")

    cost: Names
    touches: Names


@router.get("/reports/cost-matching")
def tell_cost_matching(
    services: ServicesOf, first: First = "", last: Last = "", form: Form = ExportFormat.JSON
) -> Response:
    """Which spend found its touches by which rule, and what found nothing on either side, with suggestions."""
    return answered(cost_matching(services.warehouse, _period(services, first, last)), form, services.settings)


@router.get("/reports/offline")
def tell_offline(services: ServicesOf, first: First = "", last: Last = "", form: Form = ExportFormat.JSON) -> Response:
    """What offline media cost, and how much more there was where and when they ran."""
    period = _period(services, first, last)
    return answered(
        offline_report(services.warehouse, services.database, period, services.settings.timezone),
        form,
        services.settings,
    )


@router.get("/same-campaigns")
def list_same_campaigns(services: ServicesOf) -> dict[str, Any]:
    items = [each.as_dict() for each in list_same(services.database)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/same-campaigns", status_code=201, dependencies=[Depends(may_change_rules)])
def tell_same_campaign(services: ServicesOf, viewer: ViewerOf, same: Same) -> dict[str, Any]:
    """From the next run on, that spend lies with those touches."""
    cost, touches = same.cost.names(), same.touches.names()
    return tell_same(services.database, cost, touches, author=viewer.name, clock=services.clock).as_dict()


@router.delete("/same-campaigns/{key}", status_code=204, dependencies=[Depends(may_change_rules)])
def undo_same_campaign(services: ServicesOf, viewer: ViewerOf, key: RowId) -> None:
    undo_same(services.database, key, author=viewer.name, clock=services.clock)


@router.get("/rates")
def tell_rates(services: ServicesOf, currency: str = "") -> dict[str, Any]:
    """The newest thousand, and the money that the newest run found no rate for."""
    items, total = list_rates(services.database, currency)
    return {"items": items, "total": total, "next": None, "missing": _missing(services)}


@router.post("/rates", dependencies=[Depends(may_change_rules)])
async def take_rates(request: Request, services: ServicesOf, viewer: ViewerOf) -> dict[str, int]:
    """Rates as CSV, JSON, NDJSON or XLSX: all of them, or none."""
    body = await read_body(request, services.settings.max_body_mb * 1024**2)
    if not body.strip():
        raise UnreadableBody("The body is empty.", where="body", help=_ONE_RATE)
    form = format_of(request.headers.get("content-type", ""), body[:HEAD_BYTES])
    rates = await run_in_threadpool(lambda: read_rates(read_items(io.BytesIO(body), form, Mapping())))
    if not rates:
        raise UnreadableBody("The body holds no rate.", where="body", help=_ONE_RATE)
    taken = await run_in_threadpool(set_rates, services.database, rates, author=viewer.name, clock=services.clock)
    return {"accepted": taken}


@router.delete("/rates/{currency}/{day}", status_code=204, dependencies=[Depends(may_change_rules)])
def forget_rate(services: ServicesOf, viewer: ViewerOf, currency: str, day: str) -> None:
    remove_rate(services.database, currency, read_day(day, "day"), author=viewer.name, clock=services.clock)


def _missing(services: Services) -> list[dict[str, Any]]:
    try:
        return [each.as_dict() for each in missing_rates(services.warehouse, newest_run(services.warehouse))]
    except NotReady:
        return []


def _period(services: Services, first: str, last: str) -> Period:
    return read_period(first, last, services.clock.now().astimezone(services.settings.zone).date())
