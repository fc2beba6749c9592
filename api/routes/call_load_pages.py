"""The pages of the load of calls, and of what is told of call centres."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.call_load.asking import read_load_question, read_number
from api.call_load.keeping import keep_centre
from api.call_load.settings_form import read_told, settings_address, settings_view, shift_columns, told_of
from api.call_load.view import call_load_view
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from api.table_forms import is_rearranging, rearranged
from infra.errors import Conflict, InvalidInput

router = APIRouter(prefix="/call-load", include_in_schema=False, route_class=PageRoute)
_PAGE, _SETTINGS = "call_load/page.html", "call_load/settings.html"


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def load_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    dealer: str = "",
    month: str = "",
    way: str = "hours",
    service_percent: str = "",
    within_s: str = "",
    patience_s: str = "",
) -> Response:
    """Calls by hour, people against need, what is missed, and how to move the people there are."""
    level = read_number(service_percent, "service_percent")
    within = read_number(within_s, "within_s")
    question = read_load_question(
        dealer,
        month,
        services.today,
        None if level is None else level / 100,
        None if within is None else round(within),
        read_number(patience_s, "patience_s"),
    )
    return show(request, _PAGE, call_load_view(services, viewer, question, way))


@router.get("/settings", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def settings_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, dealer: str = "", done: str = ""
) -> Response:
    """What a call centre aims at, who is at work when, and its shifts."""
    return show(request, _SETTINGS, settings_view(services, viewer, dealer, done=bool(done)))


@router.post("/settings", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_settings(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: change the table of shifts, or keep all."""
    action, dealer, based_on = text_of(form, "do"), text_of(form, "dealer"), number_of(form, "based_on")
    told = told_of(form)
    if is_rearranging(action):
        told = told.with_lines(rearranged(told.lines, shift_columns(), action))
        return show(request, _SETTINGS, settings_view(services, viewer, dealer, told=told, based_on=based_on))
    try:
        keep_centre(services, viewer, dealer, read_told(told, dealer), based_on)
    except (InvalidInput, Conflict) as error:
        view = settings_view(services, viewer, dealer, told=told, based_on=based_on, error=error)
        return show(request, _SETTINGS, view, status_of(error))
    return RedirectResponse(settings_address(dealer, done="kept"), 303)
