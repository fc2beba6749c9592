"""The pages of the marketing calendar."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_own
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.media.calendar_view import CalendarQuestion, Rows, Span, calendar_view, event_view
from api.media.spent import asked_month
from api.questions import read_choice, read_day
from api.rendering import PageRoute, show
from api.row_ids import RowId
from infra.errors import Conflict, InvalidInput, NotPermitted
from planning.calendar.events import EventKind, ToldEvent

router = APIRouter(prefix="/calendar", include_in_schema=False, route_class=PageRoute)
_EVENT = "media/event.html"
_FIELDS = ("title", "kind", "from", "to", "dealer", "brand", "note", "revision")


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_read_own)])
def calendar_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    month: str = "",
    span: str = "month",
    rows: str = "dealer",
    dealer: str = "",
) -> Response:
    """Flights and events of a month or a year."""
    question = CalendarQuestion(
        asked_month(month, services.today),
        read_choice(Span, span, "span"),
        read_choice(Rows, rows, "rows"),
        dealer,
    )
    return show(request, "media/calendar.html", calendar_view(services, viewer, question))


@router.get("/events/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def new_event_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """The form of an event that is still to be entered."""
    return show(request, _EVENT, event_view(services, viewer))


@router.post("/events/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def add_event(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Enter it, or show what is wrong with it."""
    try:
        made = services.calendar_events.add(_read(form), author=viewer.name, seen=viewer.seen)
    except (InvalidInput, NotPermitted) as error:
        told = {name: text_of(form, name) for name in _FIELDS}
        return show(request, _EVENT, event_view(services, viewer, told=told, error=error), status_of(error))
    return RedirectResponse(f"/calendar?month={made.first:%Y-%m}", 303)


@router.get("/events/{key}", response_class=HTMLResponse, dependencies=[Depends(may_read_own)])
def event_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """One event."""
    event = services.calendar_events.get(key, seen=viewer.seen)
    return show(request, _EVENT, event_view(services, viewer, event=event))


@router.post("/events/{key}", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_event(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Change it, or remove it, as the button says."""
    event = services.calendar_events.get(key, seen=viewer.seen)
    based_on = number_of(form, "revision")
    try:
        if text_of(form, "do") == "remove":
            services.calendar_events.remove(key, based_on=based_on, author=viewer.name, seen=viewer.seen)
        else:
            event = services.calendar_events.change(
                key, _read(form), based_on=based_on, author=viewer.name, seen=viewer.seen
            )
    except (InvalidInput, NotPermitted, Conflict) as error:
        told = {name: text_of(form, name) for name in _FIELDS}
        view = event_view(services, viewer, event=event, told=told, error=error)
        return show(request, _EVENT, view, status_of(error))
    return RedirectResponse(f"/calendar?month={event.first:%Y-%m}", 303)


def _read(form: FormData) -> ToldEvent:
    """Raises `InvalidInput`."""
    return ToldEvent(
        text_of(form, "title"),
        read_choice(EventKind, text_of(form, "kind"), "kind"),
        read_day(text_of(form, "from"), "from"),
        read_day(text_of(form, "to") or text_of(form, "from"), "to"),
        text_of(form, "dealer"),
        text_of(form, "brand"),
        text_of(form, "note"),
    )
