"""What stands behind the ROMI/CPL report: conversions, journeys, and the same by other models."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_read_own
from api.exports import ExportFormat
from api.questions import Asked, read_model, read_names, read_order
from attribution.conversion_journey import conversion_journey
from attribution.conversions_behind import conversions_behind
from attribution.models_beside import models_beside

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read_own)])
First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/conversions")
def list_conversions(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "channel",
    model: str = "last_non_direct",
    calendar: str = "conversion",
    share: str = "leads",
    first: First = "",
    last: Last = "",
    models: str = "",
    measures: str = "",
    where: str = "",
    sort: str = "",
    kind: str = "",
    limit: int | None = None,
    next: str = "",  # noqa: A002
    form: Form = ExportFormat.JSON,
) -> Response:
    """The conversions that are credited to what the conditions leave, and how much of each."""
    asked = Asked(by, model, calendar, share, first, last, models, measures, where, sort, limit, next)
    question = asked.question(services.definitions.catalog(), services.today)
    settings = services.settings
    found = conversions_behind(services.warehouse, question, settings.timezone, kind=kind, seen=viewer.seen)
    return answered(found, form, settings)


@router.get("/journey")
def tell_journey(
    services: ServicesOf,
    viewer: ViewerOf,
    kind: str = "",
    conversion: Annotated[str, Query(alias="id")] = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """The touches that led to one conversion, and the credit that each model gives them."""
    found = conversion_journey(services.warehouse, kind, conversion, services.settings, seen=viewer.seen)
    return answered(found, form, services.settings)


@router.get("/models-beside")
def compare_models(
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "channel",
    model: str = "last_non_direct",
    calendar: str = "conversion",
    share: str = "leads",
    first: First = "",
    last: Last = "",
    models: str = "",
    measures: str = "",
    where: str = "",
    sort: str = "",
    compare: str = "last_non_direct,first,linear",
    measure: str = "sales",
    rank: str = "",
    limit: int | None = None,
    next: str = "",  # noqa: A002
    form: Form = ExportFormat.JSON,
) -> Response:
    """One measure by several models, and what each differs from the first."""
    asked = Asked(by, model, calendar, share, first, last, models, measures, where, sort, limit, next)
    question = asked.question(services.definitions.catalog(), services.today)
    compared = [read_model(each) for each in read_names(compare)]
    found = models_beside(
        services.warehouse, question, compared, measure, services.settings.timezone, order=read_order(rank),
        seen=viewer.seen,
    )  # fmt: skip
    return answered(found, form, services.settings)
