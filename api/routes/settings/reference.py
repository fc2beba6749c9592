"""The pages of the tables of reference data: dealers, numbers, addresses, promo codes, target calls and the like."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.forms import ToldForm, number_of, text_of
from api.reference_tables import cells_in_force, keep_table, reference_table
from api.reference_view import table_view
from api.rendering import PageRoute, show
from api.table_forms import is_rearranging, read_lines, rearranged
from attribution.reference import newest_reference, reference_document
from infra.errors import InvalidInput

router = APIRouter(
    prefix="/settings/reference", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)]
)
_PAGE = "settings/reference.html"


@router.get("/{name}", response_class=HTMLResponse)
def table_page(request: Request, services: ServicesOf, viewer: ViewerOf, name: str, done: str = "") -> Response:
    """A table as it is in force."""
    based_on = newest_reference(services.database)
    known = reference_document(services.database)
    table = reference_table(name, known)
    view = table_view(services, viewer, table, cells_in_force(table, known), based_on=based_on, done=done)
    return show(request, _PAGE, view)


@router.post("/{name}", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_table(request: Request, services: ServicesOf, viewer: ViewerOf, name: str, form: ToldForm) -> Response:
    """Whatever the button says: change the table, check it, or keep it."""
    table = reference_table(name, reference_document(services.database))
    action, based_on = text_of(form, "do"), number_of(form, "based_on")
    drafted = rearranged(read_lines(form, table.columns), table.columns, action)
    error: InvalidInput | None = None
    if action == "keep":
        try:
            keep_table(services, table, drafted, based_on=based_on, author=viewer.name)
        except InvalidInput as wrong:
            error = wrong
        else:
            return RedirectResponse(f"/settings/reference/{name}?done=kept", 303)
    checked = not is_rearranging(action)
    view = table_view(services, viewer, table, drafted, based_on=based_on, error=error, checked=checked)
    return show(request, _PAGE, view, 422 if error else 200)
