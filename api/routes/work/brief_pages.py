"""Pages of briefs: the list, the form, and one brief with all that hangs on it."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.bootstrap import Services
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.acting import acted, wrong
from api.work.brief_pages import brief_form_view, brief_view, briefs_view
from api.work.forms import Filled, read_brief, read_files, read_task
from api.work.workers import asked_by
from infra.errors import InvalidInput
from planning.work.brief_register import add_brief, attach_to_brief, change_brief
from planning.work.briefs import find_brief
from planning.work.comments import comment_on_brief
from planning.work.task_register import add_task

router = APIRouter(prefix="/briefs", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_work)])
_PAGE, _FORM = "work/brief.html", "work/brief_form.html"


@router.get("", response_class=HTMLResponse)
def briefs_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    month: str = "",
    dealer: str = "",
    contractor: str = "",
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> Response:
    """Those that are the viewer's to see, the newest first."""
    view = briefs_view(services, viewer, month=month, dealer=dealer, contractor=contractor, before=next)
    return show(request, "work/briefs.html", view)


@router.get("/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def new_brief_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """An empty form."""
    return show(request, _FORM, brief_form_view(services, viewer))


@router.post("/new", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def write_brief(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Leads on to the brief, where its tasks are added."""
    told, filled = read_brief(form)
    view = partial(_form_of, services, viewer, None)
    if told is None:
        return wrong(request, _FORM, view, filled)
    return acted(request, _FORM, view, filled, lambda: _at(add_brief(services.desk, told, asked_by(viewer)).id))


@router.get("/{key}", response_class=HTMLResponse)
def brief_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, done: str = "") -> Response:
    """The whole chain: brief, tasks, versions, comments, decisions, acts."""
    return show(request, _PAGE, brief_view(services, viewer, key, done))


@router.get("/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def brief_form_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """The form, as the brief is kept."""
    return show(request, _FORM, brief_form_view(services, viewer, key))


@router.post("/{key}/edit", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def keep_brief(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """All that is told of it."""
    told, filled = read_brief(form)
    filled.values["revision"] = text_of(form, "revision")
    view = partial(_form_of, services, viewer, key)
    if told is None:
        return wrong(request, _FORM, view, filled)

    def act() -> str:
        asked = asked_by(viewer, number_of(form, "revision"), filled.values["comment"])
        return _at(change_brief(services.desk, key, told, asked).id, "changed")

    return acted(request, _FORM, view, filled, act)


@router.post("/{key}/tasks", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def write_task(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """A task of the brief."""
    told, filled = read_task(form)
    view = partial(_view_of, services, viewer, key)
    if told is None:
        return wrong(request, _PAGE, view, filled)

    def act() -> str:
        add_task(services.desk, key, told, asked_by(viewer))
        return _at(key, "task")

    return acted(request, _PAGE, view, filled, act)


@router.post("/{key}/comments", response_class=HTMLResponse)
def comment_brief(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Markdown; who is mentioned finds it."""
    filled = Filled("comment", {"text": text_of(form, "text")})

    def act() -> str:
        made = comment_on_brief(services.desk, key, filled.values["text"], asked_by(viewer))
        return f"{_at(key, 'commented')}#comment-{made.id}"

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), filled, act)


@router.post("/{key}/files", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def attach_files(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """What the work is made from."""
    with services.database.connect() as connection:
        find_brief(connection, key, viewer.seen)

    def act() -> str:
        files = read_files(form, services.desk)
        if not files:
            raise InvalidInput("No file is chosen.", where="file", help="Choose one, and attach it.")
        for each in files:
            attach_to_brief(services.desk, key, each.content, each.name, asked_by(viewer))
        return _at(key, "attached")

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), Filled("file"), act)


def _at(key: int, done: str = "brief") -> str:
    return f"/briefs/{key}?done={done}"


def _view_of(services: Services, viewer: Viewer, key: int, filled: Filled) -> dict[str, Any]:
    return brief_view(services, viewer, key, filled=filled)


def _form_of(services: Services, viewer: Viewer, key: int | None, filled: Filled) -> dict[str, Any]:
    return brief_form_view(services, viewer, key, filled)
