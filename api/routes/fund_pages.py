"""The pages of co-op funds: balances, activities with their stories, programmes, and the forms that change them."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.forms import ToldForm, number_of, text_of
from api.funds.activity_page import activity_view
from api.funds.ask_page import changed_activity_view, new_activity_view
from api.funds.forms import Filled, read_activity, read_claim, read_decision, read_files
from api.funds.overview import FundsQuestion, funds_view
from api.funds.parties import check_may
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from infra.errors import Conflict, FilesUnavailable, InvalidInput, NotFound
from planning.funds.activity import CREATIVE, PROOF, find_activity
from planning.funds.asking import ask, ask_again, attach, claim
from planning.funds.deciding import decide
from planning.funds.states import Act, State
from planning.funds.stepping import Asked

router = APIRouter(
    prefix="/funds", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)]
)
_ACTIVITY, _ASK = "funds/activity.html", "funds/ask.html"
TAKEN_BACK = (InvalidInput, Conflict, FilesUnavailable)
"""What is told within the form that asked for it."""


@router.get("", response_class=HTMLResponse)
def funds_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    programme: str = "",
    dealer: str = "",
    state: str = "",
    done: str = "",
) -> Response:
    """Balances and their ages, what waits for whom, and activities."""
    question = FundsQuestion(_programme(programme), dealer, _state(state))
    return show(request, "funds/page.html", funds_view(services, viewer, question, done))


@router.get("/activities/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def new_activity_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, programme: str = "", dealer: str = ""
) -> Response:
    """The form in which a dealer asks."""
    check_may(viewer, Act.ASK)
    filled = Filled({"programme": programme, "dealer": dealer, "share": "50"})
    return show(request, _ASK, new_activity_view(services, viewer, filled))


@router.post("/activities/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def ask_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever is wrong stands at its field; what was written stays."""
    check_may(viewer, Act.ASK)
    told, filled = read_activity(form)
    programme = number_of(form, "programme")
    asked = Asked(viewer.name, viewer.seen, 0, filled.values["comment"])
    if told:
        try:
            files = read_files(form, services.desk, CREATIVE)
            made = ask(services.desk, programme, filled.values["dealer"], told, asked, files)
        except TAKEN_BACK as error:
            filled.told(error)
        else:
            return _to_activity(made.id, Act.ASK)
    return show(request, _ASK, new_activity_view(services, viewer, filled), _status(filled))


@router.get("/activities/{key}", response_class=HTMLResponse)
def activity_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, done: str = "") -> Response:
    """One activity, with its whole story."""
    return show(request, _ACTIVITY, activity_view(services, viewer, key, done=done))


@router.get("/activities/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def edit_activity_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """The form in which a dealer asks again."""
    check_may(viewer, Act.ASK)
    return show(request, _ASK, changed_activity_view(services, viewer, key))


@router.post("/activities/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def ask_again_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    check_may(viewer, Act.ASK)
    told, filled = read_activity(form)
    asked = Asked(viewer.name, viewer.seen, number_of(form, "revision"), filled.values["comment"])
    if told:
        try:
            ask_again(services.desk, key, told, asked, read_files(form, services.desk, CREATIVE))
        except TAKEN_BACK as error:
            filled.told(error)
        else:
            return _to_activity(key, Act.ASK)
    return show(request, _ASK, changed_activity_view(services, viewer, key, filled), _status(filled))


@router.post("/activities/{key}/decide", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def decide_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """The button says what."""
    told, filled = read_decision(form)
    if told:
        check_may(viewer, told.act)
        try:
            asked = Asked(viewer.name, viewer.seen, told.revision, told.comment)
            decide(services.desk, key, told, asked)
        except NotFound:
            raise
        except TAKEN_BACK as error:
            filled.told(error)
        else:
            return _to_activity(key, told.act)
    return show(request, _ACTIVITY, activity_view(services, viewer, key, filled=filled), _status(filled))


@router.post("/activities/{key}/claim", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def claim_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Invoices, and files that prove them."""
    check_may(viewer, Act.CLAIM)
    told, filled = read_claim(form)
    filled.values["act"] = Act.CLAIM.value
    if told and text_of(form, "do") != "lines":
        asked = Asked(viewer.name, viewer.seen, number_of(form, "revision"), filled.values["comment"])
        try:
            claim(services.desk, key, told, asked, read_files(form, services.desk, PROOF))
        except NotFound:
            raise
        except TAKEN_BACK as error:
            filled.told(error)
        else:
            return _to_activity(key, Act.CLAIM)
    return show(request, _ACTIVITY, activity_view(services, viewer, key, filled=filled), _status(filled))


@router.post("/activities/{key}/files", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def attach_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """A creative or a proof, or a further version of one."""
    desk, filled = services.desk, Filled({"act": "attach"})
    with services.database.connect() as connection:
        find_activity(connection, key, viewer.seen)
    try:
        files = read_files(form, desk, text_of(form, "purpose"))
        if not files:
            raise InvalidInput("No file is chosen.", where="file", help="Choose one, and attach it then.")
        for file in files:
            attach(desk, key, file, Asked(viewer.name, viewer.seen, 0))
    except TAKEN_BACK as error:
        filled.told(error)
        return show(request, _ACTIVITY, activity_view(services, viewer, key, filled=filled), _status(filled))
    return RedirectResponse(f"/funds/activities/{key}?done=attached", 303)


def _to_activity(key: int, act: Act) -> Response:
    return RedirectResponse(f"/funds/activities/{key}?done={act.value}", 303)


def _status(filled: Filled) -> int:
    if isinstance(filled.error, Conflict):
        return 409
    return 503 if isinstance(filled.error, FilesUnavailable) else 422 if filled.is_wrong else 200


def _programme(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < int(text[:12]) <= LARGEST_ID else None


def _state(text: str) -> str:
    return text if text in {state.value for state in State} else ""
