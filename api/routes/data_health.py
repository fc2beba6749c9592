"""Marks that no rule knows and deals that name nobody, as reports; and the pages on which data are put in order."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read, may_read_own
from api.bootstrap import Services
from api.exports import ExportFormat
from api.forms import ToldForm, text_of
from api.health_pages import handover_view, matching_view, noise_view, notices_view, rates_view, report_view
from api.health_view import window
from api.questions import read_period
from api.rendering import PageRoute, show
from attribution.answer import Period
from attribution.data_health import deals_without_contacts, unknown_marks
from attribution.rates import read_rates, set_rates
from attribution.same_campaigns import CampaignNames, tell_same, undo_same

router = APIRouter(prefix="/api/reports", dependencies=[Depends(may_read)])
pages = APIRouter(prefix="/sources", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])
own_pages = APIRouter(
    prefix="/sources", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)]
)
"""Narrowed to what their viewers see."""

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]
Number = Annotated[int, Path(ge=1, lt=2**31)]
_NAMES = ("source", "medium", "campaign")


@router.get("/unknown-utm")
def tell_unknown_marks(
    services: ServicesOf, first: First = "", last: Last = "", form: Form = ExportFormat.JSON
) -> Response:
    """Sources, media and campaigns that no channel rule knows, and what came by them."""
    return answered(unknown_marks(services.warehouse, _period(services, first, last)), form, services.settings)


@router.get("/deals-without-contacts")
def tell_nameless_deals(
    services: ServicesOf, first: First = "", last: Last = "", form: Form = ExportFormat.JSON
) -> Response:
    """Deals that name nobody, by dealer."""
    period = _period(services, first, last)
    return answered(
        deals_without_contacts(services.warehouse, period, services.settings.timezone), form, services.settings
    )


@pages.get("/utm", response_class=HTMLResponse)
def marks_page(request: Request, services: ServicesOf, first: First = "", last: Last = "") -> Response:
    """Marks that no channel rule knows."""
    period = _period(services, first, last)
    view = report_view(unknown_marks(services.warehouse, period), period)
    return show(request, "sources/utm.html", view)


@pages.get("/contacts", response_class=HTMLResponse)
def contacts_page(request: Request, services: ServicesOf, first: First = "", last: Last = "") -> Response:
    """Deals that name nobody."""
    period = _period(services, first, last)
    answer = deals_without_contacts(services.warehouse, period, services.settings.timezone)
    return show(request, "sources/contacts.html", report_view(answer, period))


@pages.get("/noise", response_class=HTMLResponse)
def noise_page(
    request: Request, services: ServicesOf, first: First = "", last: Last = "", reason: str = ""
) -> Response:
    """Noise by rule, and examples of one."""
    return show(request, "sources/noise.html", noise_view(services, _period(services, first, last), reason))


@pages.get("/matching", response_class=HTMLResponse)
def matching_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, first: First = "", last: Last = "", done: str = ""
) -> Response:
    """Spend without touches, touches without spend, and what people said belongs together."""
    view = matching_view(services, viewer, _period(services, first, last), done)
    return show(request, "sources/matching.html", view)


@pages.post("/matching", dependencies=[Depends(may_change_rules)])
def join(services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """From the next run on, that spend lies with those touches."""
    cost, touches = (CampaignNames(*(text_of(form, f"{side}_{name}") for name in _NAMES)) for side in ("cost", "touch"))
    tell_same(services.database, cost, touches, author=viewer.name, clock=services.clock)
    return _back("/sources/matching", form, "joined")


@pages.post("/matching/{key}/undo", dependencies=[Depends(may_change_rules)])
def part(services: ServicesOf, viewer: ViewerOf, key: Number, form: ToldForm) -> Response:
    """The rules match that spend again."""
    undo_same(services.database, key, author=viewer.name, clock=services.clock)
    return _back("/sources/matching", form, "parted")


@pages.get("/rates", response_class=HTMLResponse)
def rates_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Money without an exchange rate, and the rates in force."""
    return show(request, "sources/rates.html", rates_view(services, viewer, done))


@pages.post("/rates", dependencies=[Depends(may_change_rules)])
def set_rate(services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """One rate, from its date on."""
    told = {name: text_of(form, name) for name in ("currency", "date", "rate", "nominal")}
    set_rates(services.database, read_rates([told]), author=viewer.name, clock=services.clock)
    return RedirectResponse("/sources/rates?done=set", 303)


@pages.get("/handover", response_class=HTMLResponse)
def handover_page(request: Request, services: ServicesOf) -> Response:
    """How leads that are handed to CRMs fare, and conversions that are handed back to ad systems."""
    return show(request, "sources/handover.html", handover_view(services))


@own_pages.get("/notices", response_class=HTMLResponse)
def notices_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, state: str = "open,acknowledged"
) -> Response:
    """What does not behave as it always did."""
    return show(request, "sources/notices.html", notices_view(services, viewer, state))


@own_pages.post("/notices/{key}/acknowledge", dependencies=[Depends(may_change_rules)])
def acknowledge(services: ServicesOf, viewer: ViewerOf, key: Number) -> Response:
    """Whoever presses looks after it."""
    services.notices.acknowledge(key, who=viewer.name)
    return RedirectResponse(f"/sources/notices#notice-{key}", 303)


def _period(services: Services, first: str, last: str) -> Period:
    return read_period(first, last, services.today) if first or last else window(services)


def _back(page: str, form: ToldForm, done: str) -> Response:
    """To the same days."""
    days = {name: text_of(form, name) for name in ("from", "to") if text_of(form, name)}
    return RedirectResponse(f"{page}?{urlencode({**days, 'done': done})}", 303)
