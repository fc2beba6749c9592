"""Coming in and going out: with a password, or by the admin link."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_come, viewer_by_key, viewer_by_session
from api.bootstrap import Services
from api.credentials import COOKIE
from api.csrf import check_same_origin
from api.language import COOKIE as LANGUAGE
from api.language import LANGUAGES
from api.language import gettext as _
from api.navigation import first_page
from api.rendering import PageRoute, show
from infra.access.rights import Right
from infra.access.sessions import LONGEST
from infra.access.users import User

router = APIRouter(include_in_schema=False, route_class=PageRoute)

Next = Annotated[str, Form(alias="next")]


@router.get("/")
def come_in(request: Request, services: ServicesOf, key: str = "") -> Response:
    """The viewer's first page. The admin link's key begins a session, and leaves the address."""
    if key:
        viewer = viewer_by_key(services, key)
        if viewer is None or not viewer.may(Right.USERS):
            return _form(
                request, services, "/", wrong=_("The key of this admin link is wrong: the start prints the right one.")
            )
        return begin_session(request, services, None, "/")
    viewer = viewer_by_session(request, services)
    return RedirectResponse(first_page(viewer) if viewer else "/sign-in", 303)


@router.get("/sign-in", response_class=HTMLResponse)
def ask_to_sign_in(request: Request, services: ServicesOf, next: str = "") -> Response:  # noqa: A002
    """A form, and what to do where nobody has a password yet."""
    return _form(request, services, next)


@router.post("/sign-in", response_class=HTMLResponse)
def sign_in(
    request: Request,
    services: ServicesOf,
    email: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    next: Next = "",  # noqa: A002
) -> Response:
    check_same_origin(request)
    tried = (f"as {email.strip().lower()}", f"from {request.client.host if request.client else ''}")
    services.rates.check_sign_in(*tried)
    user = services.users.signed_in(email, password)
    if user is None:
        services.rates.count_failure(*tried)
        return _form(request, services, next, email=email, wrong=_("This e-mail and password do not belong together."))
    return begin_session(request, services, user, next)


@router.post("/sign-out", dependencies=[Depends(may_come)])
def sign_out(services: ServicesOf, viewer: ViewerOf) -> Response:
    if viewer.session:
        services.sessions.end(viewer.session)
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def begin_session(request: Request, services: Services, user: User | None, after: str) -> Response:
    """On to where one wanted to go, within the application."""
    answer = RedirectResponse(within(after), 303)
    answer.set_cookie(
        COOKIE,
        services.sessions.begin(user),
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https" or services.environment.public_url.startswith("https:"),
    )
    if user and user.language in LANGUAGES:
        answer.set_cookie(LANGUAGE, user.language, max_age=int(LONGEST.total_seconds()), httponly=True, samesite="lax")
    return answer


def _form(request: Request, services: Services, after: str, *, email: str = "", wrong: str = "") -> Response:
    view = {
        "next": within(after),
        "email": email,
        "wrong": wrong,
        "single_sign_on": services.single_sign_on.is_set_up,
        "nobody": not any(user.has_password for user in services.users.all()),
    }
    return show(request, "sign_in.html", view, 401 if wrong else 200)


def within(address: str) -> str:
    """An address of ours without a host; anything else leads to the first page."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if inside else "/"
