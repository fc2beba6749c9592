"""The page of channel rules."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.channel_rules_view import cells_of_rules, columns_of_rules, rules_told, rules_view
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from api.table_forms import is_rearranging, read_lines, rearranged
from attribution.channel_rules import read_rules, rule_versions, rules_of_version
from attribution.reference import keep_channel_rules
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/channel-rules", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)]
)
_PAGE = "settings/channel_rules.html"


@router.get("", response_class=HTMLResponse)
def rules_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, version: int | None = None, done: str = ""
) -> Response:
    """The rules in force, or those of an earlier version: keep them, and they are in force again."""
    newest = rule_versions(services.database)[0]
    told = newest if version is None else rules_of_version(services.database, version)
    is_draft = told.version != newest.version
    view = rules_view(
        services, viewer, cells_of_rules(told), shown=told.version, based_on=newest.version, done=done, tried=is_draft
    )
    return show(request, _PAGE, view)


@router.post("", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_rules(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: change the table, try the rules, or keep them."""
    columns, action = columns_of_rules(), text_of(form, "do")
    drafted = rearranged(read_lines(form, columns), columns, action)
    shown, based_on = (number_of(form, name) for name in ("shown", "based_on"))
    error: InvalidInput | None = None
    if action == "keep":
        try:
            _check_still(services, based_on)
            keep_channel_rules(
                services.database, read_rules(rules_told(drafted)), author=viewer.name, clock=services.clock
            )
        except InvalidInput as wrong:
            error = wrong
        else:
            return RedirectResponse("/settings/channel-rules?done=kept", 303)
    tried = not is_rearranging(action) or bool(text_of(form, "live"))
    view = rules_view(services, viewer, drafted, shown=shown, based_on=based_on, error=error, tried=tried)
    return show(request, _PAGE, view, 422 if error else 200)


def _check_still(services: ServicesOf, based_on: int) -> None:
    """Raises `InvalidInput` where somebody kept other rules meanwhile."""
    newest = rule_versions(services.database)[0]
    if newest.version != based_on:
        raise InvalidInput(
            f"{newest.author} kept version {newest.version} while you were editing.",
            where="version",
            help="Load the page again, and write your change into those rules.",
        )
