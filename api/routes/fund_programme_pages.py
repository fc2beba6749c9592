"""The pages of fund programmes: their rules, what dealers bought, adjustments, and the ledger."""

from decimal import Decimal, InvalidOperation

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.forms import ToldForm, number_of, text_of
from api.funds.forms import Filled, read_programme
from api.funds.programme_page import programme_form, programme_view
from api.rendering import PageRoute, show
from api.routes.fund_pages import TAKEN_BACK
from api.routes.funds import purchases_in
from api.row_ids import RowId
from collectors.values import read_number
from infra.errors import BodyTooLarge, Conflict, InvalidInput, NotFound
from planning.funds.documents import PurchaseTold
from planning.funds.programme_register import add_programme, change_programme, find_programme
from planning.funds.purchases import adjust_fund, enter_purchases, read_purchases
from planning.funds.quarters import read_quarter

router = APIRouter(
    prefix="/funds/programmes",
    include_in_schema=False,
    route_class=PageRoute,
    dependencies=[Depends(may_read_of_dealers)],
)
_PAGE, _FORM = "funds/programme.html", "funds/programme_form.html"


@router.get("/new", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def new_programme_page(request: Request, services: ServicesOf) -> Response:
    """The form of a new programme."""
    return show(request, _FORM, programme_form(services, None, None))


@router.post("/new", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def add_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    told, filled = read_programme(form)
    if told and text_of(form, "do") != "lines":
        try:
            made = add_programme(services.desk, told, author=viewer.name)
        except InvalidInput as error:
            filled.told(error)
        else:
            return RedirectResponse(f"/funds/programmes/{made.id}?done=added", 303)
    return show(request, _FORM, programme_form(services, filled, None), _status(filled))


@router.get("/{key}", response_class=HTMLResponse)
def programme_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, done: str = "") -> Response:
    """Rules, what dealers bought and earned, and the newest rows of the ledger."""
    return show(request, _PAGE, programme_view(services, viewer, key, done=done))


@router.get("/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_programme_page(request: Request, services: ServicesOf, key: RowId) -> Response:
    """The form of a programme."""
    with services.database.connect() as connection:
        programme = find_programme(connection, key)
    return show(request, _FORM, programme_form(services, None, programme))


@router.post("/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def change_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    told, filled = read_programme(form)
    with services.database.connect() as connection:
        programme = find_programme(connection, key)
    if told and text_of(form, "do") != "lines":
        try:
            based_on = number_of(form, "revision")
            change_programme(services.desk, key, told, based_on=based_on, author=viewer.name)
        except (InvalidInput, Conflict) as error:
            filled.told(error)
        else:
            return RedirectResponse(f"/funds/programmes/{key}?done=changed", 303)
    return show(request, _FORM, programme_form(services, filled, programme), _status(filled))


@router.post("/{key}/purchases", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def enter_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Of one dealer and quarter, or a file of many."""
    filled = Filled({name: text_of(form, name) for name in ("dealer", "quarter", "amount")} | {"act": "purchases"})
    try:
        told = _purchases(form, filled, services.environment.max_body_mb * 1024**2)
        enter_purchases(services.desk, key, told, author=viewer.name)
    except NotFound:
        raise
    except TAKEN_BACK as error:
        view = programme_view(services, viewer, key, filled=filled.told(error))
        return show(request, _PAGE, view, _status(filled))
    return RedirectResponse(f"/funds/programmes/{key}?done=purchases", 303)


@router.post("/{key}/adjust", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def adjust_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Up, or down by an amount below 0, with the reason."""
    values = {name: text_of(form, name) for name in ("dealer", "quarter", "amount", "why")} | {"act": "adjust"}
    filled = Filled(values)
    try:
        quarter, amount = read_quarter(values["quarter"]), _amount(values["amount"])
        adjust_fund(services.desk, key, values["dealer"], quarter, amount, values["why"], author=viewer.name)
    except TAKEN_BACK as error:
        view = programme_view(services, viewer, key, filled=filled.told(error))
        return show(request, _PAGE, view, _status(filled))
    return RedirectResponse(f"/funds/programmes/{key}?done=adjusted", 303)


def _purchases(form: FormData, filled: Filled, most_bytes: int) -> list[PurchaseTold]:
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        row = {name: filled.values[name] for name in ("dealer", "quarter", "amount")}
        return read_purchases([row])
    body = file.file.read(most_bytes + 1)
    if len(body) > most_bytes:
        raise BodyTooLarge(
            f"The file is over {most_bytes // 1024**2} MiB.", where="file", help="Send it in several parts."
        )
    return purchases_in(body, "")


def _amount(text: str) -> Decimal:
    try:
        return Decimal(str(read_number(text)))
    except InvalidOperation:
        raise InvalidInput(f"{text!r} is no amount.", where="amount", help="Write it as 120000.50.") from None


def _status(filled: Filled) -> int:
    return 409 if isinstance(filled.error, Conflict) else 422 if filled.is_wrong else 200
