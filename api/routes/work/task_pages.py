"""Pages of tasks: the board, and one task with its versions and what is said and decided on them."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.bootstrap import Services
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.acting import acted, wrong
from api.work.board import BoardQuestion, board_view
from api.work.forms import Filled, read_files, read_task
from api.work.task_page import task_view
from api.work.workers import asked_by
from infra.errors import InvalidInput
from planning.work.comments import comment_on_task, mark_seen
from planning.work.deciding import Verdict, decide
from planning.work.states import TaskStep
from planning.work.stepping import step_on
from planning.work.task_register import assign_task, change_task
from planning.work.tasks import find_task
from planning.work.versions import hand_in

router = APIRouter(prefix="/tasks", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_work)])
_PAGE = "work/task.html"
Number = Annotated[int, Query(ge=0, le=LARGEST_ID)]


@router.get("", response_class=HTMLResponse)
def board_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    contractor: str = "",
    dealer: str = "",
    mine: str = "",
    late: str = "",
    done: str = "",
) -> Response:
    """The board by state, narrowed to what the viewer sees."""
    question = BoardQuestion(contractor, dealer, bool(mine), bool(late))
    return show(request, "work/board.html", board_view(services, viewer, question, done))


@router.post("/mentions/{comment}/seen")
def see_mention_and_return(services: ServicesOf, viewer: ViewerOf, comment: RowId, form: ToldForm) -> Response:
    """Back to the task, or to the board."""
    mark_seen(services.desk, comment, viewer.name)
    task = number_of(form, "task")
    return RedirectResponse(f"/tasks/{task}?done=seen" if task else "/tasks?done=seen", 303)


@router.get("/{key}", response_class=HTMLResponse)
def task_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    left: Number = 0,
    right: Number = 0,
    done: str = "",
) -> Response:
    """`left` and `right` are versions to look at beside each other."""
    return show(request, _PAGE, task_view(services, viewer, key, left=left, right=right, done=done))


@router.post("/{key}/versions", response_class=HTMLResponse)
def hand_in_files(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """The chosen files are the next version."""
    filled = Filled("version", {"note": text_of(form, "note")})
    with services.database.connect() as connection:
        find_task(connection, key, viewer.seen)

    def act() -> str:
        files = read_files(form, services.desk)
        hand_in(services.desk, key, files, filled.values["note"], asked_by(viewer))
        return f"/tasks/{key}?done=hand_in"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), filled, act)


@router.post("/{key}/decisions", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def decide_in_browser(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """On the version that the page showed."""
    filled = Filled("decide", {"comment": text_of(form, "comment")})

    def act() -> str:
        told = text_of(form, "verdict")
        if told not in set(Verdict):
            raise InvalidInput("The decision is missing.", where="verdict", help="Agree to the version, or return it.")
        asked = asked_by(viewer, number_of(form, "revision"), filled.values["comment"])
        decide(services.desk, key, number_of(form, "version"), Verdict(told), asked)
        return f"/tasks/{key}?done={told}"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), filled, act)


@router.post("/{key}/steps", response_class=HTMLResponse)
def step_in_browser(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Take on, reopen, finish or cancel."""
    filled = Filled("step", {"comment": text_of(form, "comment")})

    def act() -> str:
        told = text_of(form, "step")
        if told not in set(TaskStep):
            raise InvalidInput(f"There is no step {told!r}.", where="step", help="Use the buttons of the page.")
        asked = asked_by(viewer, number_of(form, "revision"), filled.values["comment"])
        step_on(services.desk, key, TaskStep(told), asked)
        return f"/tasks/{key}?done={told}"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), filled, act)


@router.post("/{key}/assignee", response_class=HTMLResponse)
def assign_in_browser(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Say who does it."""

    def act() -> str:
        asked = asked_by(viewer, number_of(form, "revision"))
        assign_task(services.desk, key, text_of(form, "assignee"), asked)
        return f"/tasks/{key}?done=assigned"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), Filled("assign"), act)


@router.post("/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_in_browser(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """All that is told of the task."""
    told, filled = read_task(form)
    view = partial(_view_of, services, viewer, key)
    if told is None:
        return wrong(request, _PAGE, view, filled)

    def act() -> str:
        change_task(services.desk, key, told, asked_by(viewer, number_of(form, "revision")))
        return f"/tasks/{key}?done=changed"

    return acted(request, _PAGE, view, filled, act)


@router.post("/{key}/comments", response_class=HTMLResponse)
def comment_in_browser(
    request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm
) -> Response:
    """Markdown; who is mentioned finds it."""
    filled = Filled("comment", {"text": text_of(form, "text")})

    def act() -> str:
        made = comment_on_task(services.desk, key, filled.values["text"], asked_by(viewer))
        return f"/tasks/{key}?done=commented#comment-{made.id}"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), filled, act)


def _view_of(services: Services, viewer: Viewer, key: int, filled: Filled) -> dict[str, Any]:
    return task_view(services, viewer, key, filled=filled)
