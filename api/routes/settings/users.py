"""The pages of users."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.administering import change_user, set_password
from api.auth import ServicesOf, ViewerOf, may_administer
from api.forms import ToldForm, named, text_of
from api.rendering import PageRoute, show
from api.settings_view import user_view, users_view
from infra.access.rights import UserRole
from infra.access.users import User
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/users", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_administer)]
)
UserId = Annotated[int, Path(ge=1, lt=2**31)]
_NEW = User("", UserRole.ANALYST)


@router.get("", response_class=HTMLResponse)
def users_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Everybody who may come in."""
    return show(request, "settings/users.html", users_view(services, viewer, done))


@router.get("/new", response_class=HTMLResponse)
def new_user_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """A form."""
    return show(request, "settings/user.html", user_view(services, viewer, _NEW))


@router.post("/new", response_class=HTMLResponse)
def add_user(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """What is wrong stands above the form, which keeps what was written."""
    wanted = _told(_NEW, form)
    try:
        services.users.add(wanted, text_of(form, "password"), author=viewer.name)
    except InvalidInput as error:
        return show(request, "settings/user.html", user_view(services, viewer, wanted, error), 422)
    return RedirectResponse("/settings/users?done=added", 303)


@router.get("/{key}", response_class=HTMLResponse)
def user_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: UserId) -> Response:
    """The form of one user."""
    return show(request, "settings/user.html", user_view(services, viewer, services.users.get(key)))


@router.post("/{key}", response_class=HTMLResponse)
def keep_user(request: Request, services: ServicesOf, viewer: ViewerOf, key: UserId, form: ToldForm) -> Response:
    """Change the user."""
    wanted = replace(_told(services.users.get(key), form), is_active=text_of(form, "is_active") == "yes")
    try:
        change_user(services, viewer, wanted)
    except InvalidInput as error:
        return show(request, "settings/user.html", user_view(services, viewer, wanted, error), 422)
    return RedirectResponse("/settings/users?done=changed", 303)


@router.post("/{key}/password", response_class=HTMLResponse)
def keep_password(request: Request, services: ServicesOf, viewer: ViewerOf, key: UserId, form: ToldForm) -> Response:
    """Give the user a password, or another one."""
    try:
        set_password(services, viewer, key, text_of(form, "password"))
    except InvalidInput as error:
        return show(request, "settings/user.html", user_view(services, viewer, services.users.get(key), error), 422)
    return RedirectResponse("/settings/users?done=password", 303)


def _told(user: User, form: FormData) -> User:
    role = text_of(form, "role")
    if role not in list(UserRole):
        raise InvalidInput(f"There is no role {role!r}.", where="role", help=f"Choose of {', '.join(UserRole)}.")
    return replace(
        user,
        email=text_of(form, "email"),
        name=text_of(form, "name"),
        role=UserRole(role),
        dealers=named(form, "dealers", "other_dealers"),
        contractors=named(form, "contractors", "other_contractors"),
        brands=named(form, "brands", "other_brands"),
        language=text_of(form, "language")[:10],
    )
