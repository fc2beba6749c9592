"""The pages of approval: the board of a plan, one approval, and the next draft of a plan that came back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.approval_view import ApprovalPage, approval_view, read_page, read_proposals
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.board_view import BoardAsked, board_view
from api.bootstrap import Services
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of, texts_of
from api.planning_people import check_may_redraft, person_asking, person_deciding
from api.redraft_view import redraft_view
from api.rendering import PageRoute, show
from api.row_ids import RowId
from api.viewer import Viewer
from infra.errors import ClosedLoopError, InvalidInput

router = APIRouter(
    prefix="/plans", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)]
)
_BOARD, _APPROVAL, _REDRAFT = "plans/board.html", "plans/approval.html", "plans/redraft.html"


@router.get("/{plan}/board", response_class=HTMLResponse)
def board_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    brand: str = "",
    stage: str = "",
    late: Annotated[str, Query(max_length=5)] = "",
    done: str = "",
) -> Response:
    """Dealers and stages, and who is late."""
    asked = BoardAsked(brand, stage, bool(late))
    return show(request, _BOARD, board_view(services, viewer, plan, asked) | {"done": done})


@router.post("/{plan}/board", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_plan_state(
    request: Request, services: ServicesOf, viewer: ViewerOf, plan: RowId, form: ToldForm
) -> Response:
    """Whatever the button says: submit the draft, withdraw what is submitted, or give it back to be reworked."""
    services.plans.get(plan)
    try:
        done = _change_state(services, viewer, plan, form)
    except ClosedLoopError as error:
        view = board_view(services, viewer, plan, BoardAsked())
        return show(request, _BOARD, view | {"error": error}, status_of(error))
    return RedirectResponse(f"/plans/{plan}/board?done={done}", 303)


def _change_state(services: Services, viewer: Viewer, plan: int, form: FormData) -> str:
    action, why = text_of(form, "do"), text_of(form, "why")[:2000]
    version = services.plans.version_of(plan, number_of(form, "version"))
    if action == "submit":
        accept = bool(text_of(form, "accept_differences"))
        services.approvals.submit(version.id, author=viewer.name, seen=viewer.seen, accept_differences=accept)
        return "submitted"
    if action == "withdraw":
        services.approvals.withdraw(version.id, person=person_asking(services, viewer), why=why)
        return "withdrawn"
    if action == "rework":
        services.approvals.rework(version.id, person=person_deciding(services, viewer), why=why)
        return "returned"
    raise InvalidInput("The form says nothing that can be done.", where="do", help="Use the buttons of the board.")


@router.get("/approvals/{key}", response_class=HTMLResponse)
def approval_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, dealer: str = "", done: str = ""
) -> Response:
    """What is asked, with the numbers that it is about."""
    view = approval_view(services, viewer, read_page(services, viewer, key), dealer)
    return show(request, _APPROVAL, view | {"done": done})


@router.post("/approvals/{key}", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def decide(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Whatever the button says: agree, send back with the numbers that were changed, or ask again."""
    page = read_page(services, viewer, key)
    try:
        done = _decide(services, viewer, page, form)
    except ClosedLoopError as error:
        view = approval_view(services, viewer, read_page(services, viewer, key), text_of(form, "dealer"))
        return show(request, _APPROVAL, view | {"error": error, "told": form}, status_of(error))
    return RedirectResponse(f"/plans/approvals/{key}?done={done}", 303)


def _decide(services: Services, viewer: Viewer, page: ApprovalPage, form: FormData) -> str:
    person, key, action = person_deciding(services, viewer), page.found.approval.id, text_of(form, "do")
    comment, based_on = text_of(form, "comment"), number_of(form, "revision") or None
    if action == "agree":
        services.approvals.agree(key, person=person, comment=comment, based_on=based_on)
        return "agreed"
    if action == "return":
        told = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        numbers = read_proposals(page, told, texts_of(form, "key"))
        services.approvals.send_back(key, person=person, comment=comment, numbers=numbers, based_on=based_on)
        return "returned"
    if action == "ask-again":
        services.approvals.ask_again(key, person=person, comment=comment, based_on=based_on)
        return "asked"
    raise InvalidInput("The form says nothing that can be done.", where="do", help="Use the buttons of the page.")


@router.get("/{plan}/versions/{number}/redraft", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def redraft_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId) -> Response:
    """What was proposed, to be chosen cell by cell."""
    return show(request, _REDRAFT, redraft_view(services, viewer, plan, number))


@router.post("/{plan}/versions/{number}/redraft", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def redraft(
    request: Request, services: ServicesOf, viewer: ViewerOf, plan: RowId, number: RowId, form: ToldForm
) -> Response:
    """Make the draft with the numbers that are ticked."""
    version = services.plans.version_of(plan, number)
    check_may_redraft(viewer, version)
    try:
        made = services.redrafting.redraft(
            version.id, texts_of(form, "apply"), author=viewer.name, why=text_of(form, "why"), seen=viewer.seen
        )
    except ClosedLoopError as error:
        view = redraft_view(services, viewer, plan, number)
        return show(request, _REDRAFT, view | {"error": error}, status_of(error))
    return RedirectResponse(f"/plans/{plan}?version={made.number}", 303)
