"""Saved views and the mail that brings them, as pages: saved from any page, listed, opened, sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.forms import ToldForm, number_of, text_of, texts_of
from api.rendering import PageRoute, show
from api.saved_views_view import Wanted, new_schedule_view, saved_views_view, schedule_view
from api.views.guard import check_may_send
from api.views.moments import EVERY_DAY, EVERY_WORKDAY, Rhythm
from infra.errors import InvalidInput

router = APIRouter(include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_own)])
Text = Annotated[str, Form()]
_HOME = "/views"


@router.get("/views", response_class=HTMLResponse)
def views_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """One's own views, those that others share, and what is mailed."""
    return show(request, "views/page.html", saved_views_view(services, viewer, done))


@router.post("/views")
def save_view(
    services: ServicesOf, viewer: ViewerOf, name: Text = "", address: Text = "", period: Text = "", shared: Text = ""
) -> Response:
    """Keep an address under a name, and show it again."""
    saved = services.saved_views.save(name, address, viewer=viewer.name, period=period, shared=bool(shared))
    return RedirectResponse(f"/views/{saved.id}", 303)


@router.get("/views/{key}")
def open_view(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """Leads on to the page that was saved."""
    view = services.saved_views.get(key, viewer.name)
    return RedirectResponse(view.address_on(services.today).text, 303)


@router.post("/views/{key}")
def change_view(
    services: ServicesOf, viewer: ViewerOf, key: str, name: Text = "", period: Text = "", shared: Text = ""
) -> Response:
    """Another name or period, for oneself or for everybody."""
    services.saved_views.change(key, viewer=viewer.name, name=name, period=period, shared=bool(shared))
    return _home("changed")


@router.post("/views/{key}/remove")
def remove_view(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """No schedule may send it."""
    services.saved_views.remove(key, viewer=viewer.name)
    return _home("removed")


@router.post("/views/{key}/default")
def open_page_with(services: ServicesOf, viewer: ViewerOf, key: str, chosen: Text = "") -> Response:
    """The navigation opens its page with this view, or as it was."""
    services.saved_views.open_with(key, viewer=viewer.name, chosen=bool(chosen))
    return _home("default" if chosen else "no-default")


@router.get("/views/{key}/mail", response_class=HTMLResponse)
def new_schedule_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """A form: when a view is sent, to whom, and how."""
    check_may_send(services, viewer, key)
    return show(request, "views/schedule.html", new_schedule_view(services, viewer, key))


@router.post("/views/{key}/mail", response_class=HTMLResponse)
def add_schedule(request: Request, services: ServicesOf, viewer: ViewerOf, key: str, form: ToldForm) -> Response:
    """What is wrong stands above the form, which keeps what was written."""
    check_may_send(services, viewer, key)
    wanted = _wanted(form)
    try:
        services.schedules.add(
            key, wanted.form, _rhythm(wanted), wanted.recipients, viewer=viewer.name, language=wanted.language
        )
    except InvalidInput as error:
        return show(request, "views/schedule.html", new_schedule_view(services, viewer, key, wanted, error), 422)
    return _home("scheduled")


@router.get("/schedules/{key}", response_class=HTMLResponse)
def schedule_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """The form of a schedule, and what became of its mails."""
    return show(request, "views/schedule.html", schedule_view(services, viewer, key))


@router.post("/schedules/{key}", response_class=HTMLResponse)
def keep_schedule(request: Request, services: ServicesOf, viewer: ViewerOf, key: str, form: ToldForm) -> Response:
    """Change the schedule."""
    wanted = _wanted(form)
    try:
        services.schedules.change(
            key,
            viewer=viewer.name,
            form=wanted.form,
            rhythm=_rhythm(wanted),
            recipients=wanted.recipients,
            language=wanted.language,
        )
    except InvalidInput as error:
        return show(request, "views/schedule.html", schedule_view(services, viewer, key, wanted, error), 422)
    return _home("rescheduled")


@router.post("/schedules/{key}/send")
def send_now(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """Once, beside its days."""
    services.mail_ledger.ask(services.schedules.get(key, viewer.name))
    return _home("sending")


@router.post("/schedules/{key}/pause")
def pause_schedule(services: ServicesOf, viewer: ViewerOf, key: str, paused: Text = "") -> Response:
    """Until it is resumed."""
    services.schedules.change(key, viewer=viewer.name, paused=bool(paused))
    return _home("paused" if paused else "resumed")


@router.post("/schedules/{key}/remove")
def remove_schedule(services: ServicesOf, viewer: ViewerOf, key: str) -> Response:
    """With what waits to be sent."""
    services.schedules.remove(key, viewer=viewer.name)
    return _home("unscheduled")


def _home(done: str) -> Response:
    return RedirectResponse(f"{_HOME}?done={done}", 303)


def _wanted(form: FormData) -> Wanted:
    return Wanted(
        recipients=[each for line in text_of(form, "recipients").splitlines() for each in _addresses(line)],
        form=text_of(form, "form"),
        rhythm=text_of(form, "rhythm"),
        weekdays=tuple(int(day) for day in texts_of(form, "weekdays") if day in "1234567" and len(day) == 1),
        month_day=number_of(form, "month_day"),
        hour=number_of(form, "hour"),
        language=text_of(form, "language"),
    )


def _addresses(line: str) -> list[str]:
    """Several may stand on a line, with commas or semicolons between."""
    return [each.strip() for each in line.replace(";", ",").split(",") if each.strip()]


def _rhythm(wanted: Wanted) -> Rhythm:
    """Raises `InvalidInput`."""
    if wanted.rhythm == "monthly":
        if not 1 <= wanted.month_day <= 31:
            raise InvalidInput("A day of the month is from 1 to 31.", where="month_day", help="31 is always the last.")
        return Rhythm((), wanted.month_day, wanted.hour)
    days = {"daily": EVERY_DAY, "workdays": EVERY_WORKDAY}.get(wanted.rhythm, wanted.weekdays)
    if not days:
        raise InvalidInput("No day of the week is chosen.", where="weekdays", help="Tick one at least.")
    return Rhythm(days, 0, wanted.hour)
