"""The page of keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.auth import ServicesOf, ViewerOf, may_administer
from api.forms import ToldForm, named, text_of, texts_of
from api.rendering import PageRoute, show
from api.settings_view import keys_view
from infra.access.keys import GRANTED, Key
from infra.access.rights import Right
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/keys", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_administer)]
)


@router.get("", response_class=HTMLResponse)
def keys_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Every key, revoked ones too, and a form for another one."""
    return show(request, "settings/keys.html", keys_view(services, viewer, done=done))


@router.post("", response_class=HTMLResponse)
def add_key(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """The answer shows the secret: no address does."""
    wanted = _told(form)
    try:
        made, secret = services.keys.add(wanted, author=viewer.name)
    except InvalidInput as error:
        return show(request, "settings/keys.html", keys_view(services, viewer, wanted=wanted, error=error), 422)
    return show(request, "settings/keys.html", keys_view(services, viewer, secret=secret) | {"made": made}, 201)


@router.post("/{key}/revoke")
def revoke_key(services: ServicesOf, viewer: ViewerOf, key: Annotated[int, Path(ge=1, lt=2**31)]) -> Response:
    """Once and for all."""
    services.keys.revoke(key, author=viewer.name)
    return RedirectResponse("/settings/keys?done=revoked", 303)


def _told(form: FormData) -> Key:
    scopes = frozenset(Right(word) for word in texts_of(form, "scopes") if word in GRANTED)
    dealers = named(form, "dealers", "other_dealers")
    contractors = named(form, "contractors", "other_contractors")
    return Key(text_of(form, "name"), scopes, dealers or None, contractors or None)
