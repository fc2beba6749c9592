"""The page of what plans are made of."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.bootstrap import Services
from api.errors import status_of
from api.forms import ToldForm, text_of
from api.plan_basis import basis_table, basis_tables, keep_basis
from api.rendering import PageRoute, show
from api.table_forms import Cells, EditedTable, is_rearranging, lines_with, read_lines, rearranged
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import ClosedLoopError

router = APIRouter(
    prefix="/plans/basis", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)]
)
_PAGE = "plans/basis.html"


@router.get("", response_class=HTMLResponse)
def basis_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Directions, capacities, and when cars are due, each as a table."""
    return show(request, _PAGE, _view(services, viewer) | {"done": done})


@router.post("/{name}", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_basis(request: Request, services: ServicesOf, viewer: ViewerOf, name: str, form: ToldForm) -> Response:
    """Whatever the button says: change the table, or keep it."""
    table, action = basis_table(services, name), text_of(form, "do")
    drafted = rearranged(read_lines(form, table.columns), table.columns, action)
    if is_rearranging(action):
        return show(request, _PAGE, _view(services, viewer, name, drafted))
    try:
        keep_basis(table, drafted, viewer.name)
    except ClosedLoopError as error:
        return show(request, _PAGE, _view(services, viewer, name, drafted) | {"error": error}, status_of(error))
    return RedirectResponse(f"/plans/basis?done={name}#{name}", 303)


def _view(services: Services, viewer: Viewer, name: str = "", drafted: list[Cells] | None = None) -> dict[str, Any]:
    """As it is kept, but for the table that is being edited."""
    tables = [
        (each, EditedTable(each.columns, lines_with(drafted if each.name == name and drafted else each.cells, {})))
        for each in basis_tables(services)
    ]
    return {"tables": tables, "may_change": viewer.may(Right.RULES), "edited": name}
