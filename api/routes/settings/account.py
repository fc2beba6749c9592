"""The page of the account: currency, VAT, look-back, deadlines."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.account_settings_view import account_settings_view, told_in
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from attribution.account_settings import NAMES
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/account", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)]
)
_PAGE = "settings/account.html"


@router.get("", response_class=HTMLResponse)
def account_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """What is in force, and who set it."""
    return show(request, _PAGE, account_settings_view(services, viewer, done=done))


@router.post("", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def keep_account(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Keep what the form says, or let all be as the environment says."""
    if text_of(form, "do") == "environment":
        services.account.change(dict.fromkeys(NAMES), author=viewer.name)
        return RedirectResponse("/settings/account?done=environment", 303)
    told = told_in(form)
    try:
        services.account.change(told, author=viewer.name, based_on=number_of(form, "based_on"))
    except InvalidInput as error:
        return show(request, _PAGE, account_settings_view(services, viewer, told=told, error=error), 422)
    return RedirectResponse("/settings/account?done=kept", 303)
