"""One's own account: a new password, and the language of pages."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.account_view import account_view
from api.auth import ServicesOf, ViewerOf, may_come, may_plan, may_work
from api.language import COOKIE, LANGUAGES
from api.rendering import PageRoute, show
from infra.errors import InvalidInput
from planning.approval.reminding import switch_reminders

router = APIRouter(prefix="/account", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_come)])
_A_YEAR = 365 * 86_400


@router.get("", response_class=HTMLResponse)
def account_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    return show(request, "account.html", account_view(services, viewer))


@router.post("/password", response_class=HTMLResponse)
def change_password(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    former: Annotated[str, Form(max_length=1000)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Every other session of the user ends with it. Raises `InvalidInput`."""
    if viewer.user is None or viewer.session is None:
        raise InvalidInput("The admin link has no password.", where="password", help="Add a user on the page Users.")
    if viewer.user.has_password:
        services.rates.check_sign_in(f"as {viewer.user.email}")
        if services.users.signed_in(viewer.user.email, former) is None:
            services.rates.count_failure(f"as {viewer.user.email}")
            raise InvalidInput("This is not your present password.", where="former", help="Go back, and try again.")
    services.users.set_password(viewer.user.id, password, author=viewer.name)
    services.sessions.end_all_of(viewer.user, but=viewer.session.token_hash)
    return show(request, "account.html", account_view(services, viewer) | {"done": True})


@router.post("/language")
def choose_language(services: ServicesOf, viewer: ViewerOf, language: Annotated[str, Form()] = "") -> Response:
    """Of this browser, of whatever browser the user signs in with, and of mails that the user has sent."""
    answer = RedirectResponse("/account", 303)
    if language in LANGUAGES:
        answer.set_cookie(COOKIE, language, max_age=_A_YEAR, httponly=True, samesite="lax")
        if viewer.user:
            services.users.change(replace(viewer.user, language=language), author=viewer.name)
    return answer


@router.post("/reminders", dependencies=[Depends(may_work)])
def choose_reminders(services: ServicesOf, viewer: ViewerOf, wanted: Annotated[str, Form()] = "") -> Response:
    """Whether letters remind the user of deadlines."""
    if viewer.user:
        with services.database.begin() as connection:
            switch_reminders(connection, viewer.user.email, services.clock, on=wanted == "yes")
    return RedirectResponse("/account", 303)


@router.post("/calendar", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def renew_calendar(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """A new address of the feed of deadlines, which is shown once; the one before leads nowhere."""
    view = account_view(services, viewer)
    if viewer.user:
        token = services.calendar_feeds.renew(viewer.user.email)
        view |= {"calendar": f"{services.environment.address}/calendar/{token}.ics", "has_calendar": True}
    return show(request, "account.html", view)
