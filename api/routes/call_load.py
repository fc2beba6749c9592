"""The load of call centres, how to move their people, and what is told of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.call_load.asking import Handling, Patience, ServiceLevel, Within, read_load_question
from api.call_load.keeping import keep_centre
from api.call_load.reports import load_report, rota_report
from api.exports import ExportFormat
from api.media.bodies import Revision

router = APIRouter(prefix="/api/call-load", dependencies=[Depends(may_read_of_dealers)])
Dealer = Annotated[str, Query(description="Its own call centre; one for all unless said.")]
Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("")
def tell_load(
    services: ServicesOf,
    viewer: ViewerOf,
    dealer: Dealer = "",
    month: str = "",
    by: Annotated[str, Query(description="`hour` of the week, or `dealer`.")] = "hour",
    service_level: ServiceLevel = None,
    within_s: Within = None,
    patience_s: Patience = None,
    handling_s: Handling = None,
    form: Form = ExportFormat.JSON,
) -> Response:
    """Calls to expect, people needed and at work, calls missed and the margin that they cost, with intervals."""
    question = read_load_question(dealer, month, services.today, service_level, within_s, patience_s, handling_s)
    return answered(load_report(services, viewer.seen, question, by), form, services.settings)


@router.get("/shifts")
def tell_shifts(
    services: ServicesOf,
    viewer: ViewerOf,
    dealer: Dealer = "",
    month: str = "",
    way: str = "shifts",
    patience_s: Patience = None,
    handling_s: Handling = None,
    form: Form = ExportFormat.JSON,
) -> Response:
    """The rota by which the same hours of work lose least."""
    question = read_load_question(dealer, month, services.today, None, None, patience_s, handling_s)
    return answered(rota_report(services, viewer.seen, question, way), form, services.settings)


@router.get("/settings")
def tell_settings(services: ServicesOf, viewer: ViewerOf, dealer: str = "") -> dict[str, Any]:
    """What a call centre aims at, who is at work when, and its shifts; the holding's without a dealer."""
    centre, revision = services.call_centres.get(dealer, seen=viewer.seen)
    return {"dealer": dealer, **centre.as_dict(), "revision": revision}


@router.put("/settings", dependencies=[Depends(may_plan)])
def put_settings(
    services: ServicesOf,
    viewer: ViewerOf,
    centre: Annotated[dict[str, Any], Body()],
    based_on: Annotated[Revision, Body()],
    dealer: Annotated[str, Body(max_length=200)] = "",
) -> dict[str, Any]:
    """Put this in force; what is left out is as it ships. The holding's is set by whoever may change rules."""
    keep_centre(services, viewer, dealer, centre, based_on)
    return tell_settings(services, viewer, dealer)
