"""The pages of stock: what to order, what is there, and how long orders take."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import UploadFile

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.errors import status_of
from api.forms import ToldForm, text_of
from api.rendering import PageRoute, show
from api.stock_forms import level_lines, read_levels, read_terms, terms_columns, terms_lines
from api.stock_view import stock_names, stock_view
from api.table_forms import Cells, EditedTable, is_rearranging, lines_with, rearranged
from api.table_forms import read_lines as read_table
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import ClosedLoopError, InvalidInput
from planning.dimensions import known_network
from planning.stock.files import read_stock
from planning.stock.levels import keep_levels
from planning.stock.report import MOST_MONTHS, StockQuestion
from planning.stock.terms import keep_terms

router = APIRouter(
    prefix="/stock", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)]
)
_LEVELS, _TERMS = "stock/levels.html", "stock/terms.html"


@router.get("", response_class=HTMLResponse)
def stock_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, dealer: str = "", brand: str = "", months: str = ""
) -> Response:
    """How long stock lasts by model, what runs out, and what to order by when."""
    count = int(months) if months.isdecimal() and 0 < int(months[:3]) <= MOST_MONTHS else None
    question = StockQuestion(("dealer", "model"), dealer=dealer, brand=brand, months=count)
    return show(request, "stock/page.html", stock_view(services, viewer, question))


@router.get("/levels", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def levels_page(request: Request, services: ServicesOf, viewer: ViewerOf, dealer: str = "", done: str = "") -> Response:
    """What a dealer has, and what is on its way: entered, or sent as a table."""
    return show(request, _LEVELS, _levels(services, viewer, dealer) | {"done": done})


@router.post("/levels", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def keep_levels_of_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever is wrong stands above the table; what was written stays."""
    dealer = text_of(form, "dealer")
    try:
        told = read_levels(form, dealer)
        keep_levels(services.database, services.clock, told, services.today, author=viewer.name, seen=viewer.seen)
    except ClosedLoopError as error:
        names = ("model", "in_stock", "transit", "revision")
        cells = zip(*([str(each) for each in form.getlist(name)] for name in names), strict=False)
        lines = [dict(zip(names, each, strict=True)) | {"told": "", "is_new": not each[3].strip("0")} for each in cells]
        view = _levels(services, viewer, dealer) | {"error": error, "lines": lines}
        return show(request, _LEVELS, view, status_of(error))
    return RedirectResponse(f"/stock/levels?done=kept&dealer={dealer}", 303)


@router.post("/file", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def take_file_of_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """A table of stock, taken whole or not at all."""
    file = form.get("file")
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise InvalidInput("No file is chosen.", where="file", help="Choose a table, and send it then.")
        told = read_stock(file.file.read(), *stock_names(services, viewer), services.today)
        keep_levels(services.database, services.clock, told, services.today, author=viewer.name, seen=viewer.seen)
    except ClosedLoopError as error:
        return show(request, _LEVELS, _levels(services, viewer, "") | {"error": error}, status_of(error))
    return RedirectResponse("/stock/levels?done=taken", 303)


@router.get("/terms", response_class=HTMLResponse)
def terms_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """How long orders take, by brand and model."""
    return show(request, _TERMS, _terms(services, viewer) | {"done": done})


@router.post("/terms", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def keep_terms_of_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: change the table, or keep it."""
    columns, action = terms_columns(services), text_of(form, "do")
    drafted = rearranged(read_table(form, columns), columns, action)
    if is_rearranging(action):
        return show(request, _TERMS, _terms(services, viewer, drafted))
    try:
        keep_terms(services.database, services.clock, read_terms(drafted, columns), author=viewer.name)
    except ClosedLoopError as error:
        return show(request, _TERMS, _terms(services, viewer, drafted) | {"error": error}, status_of(error))
    return RedirectResponse("/stock/terms?done=kept", 303)


def _levels(services: Services, viewer: Viewer, dealer: str) -> dict[str, Any]:
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    chosen = dealer or (network.dealers[0].id if network.dealers else "")
    lines = level_lines(services, viewer, chosen) if chosen else []
    return {"network": network, "dealer": chosen, "lines": lines}


def _terms(services: Services, viewer: Viewer, drafted: list[Cells] | None = None) -> dict[str, Any]:
    columns = terms_columns(services)
    lines = terms_lines(services, columns) if drafted is None else drafted
    may_change = viewer.may(Right.RULES) and not viewer.is_limited
    return {"table": EditedTable(columns, lines_with(lines, {})), "may_change": may_change}
