"""Pages of acts: all of them against what was ordered, the form, and one act with its files and its story."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.auth import ServicesOf, ViewerOf, may_work
from api.bootstrap import Services
from api.forms import ToldForm, number_of, text_of
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.act_pages import act_form_view, act_view, acts_view
from api.work.acting import acted, wrong
from api.work.forms import Filled, read_act, read_act_step, read_files
from api.work.workers import asked_by
from infra.errors import InvalidInput
from planning.work.act_register import add_act, attach_to_act, change_act
from planning.work.act_steps import step_act
from planning.work.acts import find_act

router = APIRouter(prefix="/acts", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_work)])
_PAGE, _FORM = "work/act.html", "work/act_form.html"


@router.get("", response_class=HTMLResponse)
def acts_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    state: str = "",
    contractor: str = "",
    month: str = "",
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> Response:
    """Those that are the viewer's to see, and what they come to by contractor and month."""
    view = acts_view(services, viewer, state=state, contractor=contractor, month=month, before=next)
    return show(request, "work/acts.html", view)


@router.get("/new", response_class=HTMLResponse)
def new_act_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """An empty form."""
    return show(request, _FORM, act_form_view(services, viewer))


@router.post("/new", response_class=HTMLResponse)
def write_act(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Leads on to the draft, where the signed act is attached."""
    told, filled = read_act(form)
    view = partial(_form_of, services, viewer, None)
    if told is None:
        return wrong(request, _FORM, view, filled)
    return acted(request, _FORM, view, filled, lambda: _at(add_act(services.desk, told, asked_by(viewer)).id))


@router.get("/{key}", response_class=HTMLResponse)
def act_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, done: str = "") -> Response:
    """One act, and what can be done with it."""
    return show(request, _PAGE, act_view(services, viewer, key, done))


@router.get("/{key}/edit", response_class=HTMLResponse)
def act_form_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """The form, as the act is kept."""
    return show(request, _FORM, act_form_view(services, viewer, key))


@router.post("/{key}/edit", response_class=HTMLResponse)
def keep_act(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """All that is told of it."""
    told, filled = read_act(form)
    filled.values["revision"] = text_of(form, "revision")
    view = partial(_form_of, services, viewer, key)
    if told is None:
        return wrong(request, _FORM, view, filled)

    def act() -> str:
        return _at(change_act(services.desk, key, told, asked_by(viewer, number_of(form, "revision"))).id, "changed")

    return acted(request, _FORM, view, filled, act)


@router.post("/{key}/steps", response_class=HTMLResponse)
def step_act_in_browser(
    request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm
) -> Response:
    """Hand in, check, dispute, accept, pay, withdraw."""
    told, filled = read_act_step(form)
    with services.database.connect() as connection:
        find_act(connection, key, viewer.seen)
    view = partial(_view_of, services, viewer, key)
    if told is None:
        filled.error = InvalidInput(
            "The form is not filled in as it should be.", where="step", help="Use the buttons of the page."
        )
        return wrong(request, _PAGE, view, filled)

    def act() -> str:
        step_act(services.desk, key, told, asked_by(viewer))
        return _at(key, f"act_{told.step.value}")

    return acted(request, _PAGE, view, filled, act)


@router.post("/{key}/files", response_class=HTMLResponse)
def attach_act_files(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """The signed act, its invoice, or a proof."""
    with services.database.connect() as connection:
        find_act(connection, key, viewer.seen)

    def act() -> str:
        files = read_files(form, services.desk)
        if not files:
            raise InvalidInput("No file is chosen.", where="file", help="Choose one, and attach it.")
        for each in files:
            attach_to_act(services.desk, key, each, text_of(form, "purpose"), asked_by(viewer))
        return _at(key, "attached")

    return acted(request, _PAGE, partial(_view_of, services, viewer, key), Filled("file"), act)


def _at(key: int, done: str = "act") -> str:
    return f"/acts/{key}?done={done}"


def _view_of(services: Services, viewer: Viewer, key: int, filled: Filled) -> dict[str, Any]:
    return act_view(services, viewer, key, filled=filled)


def _form_of(services: Services, viewer: Viewer, key: int | None, filled: Filled) -> dict[str, Any]:
    return act_form_view(services, viewer, key, filled)
