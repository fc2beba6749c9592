"""The pages of the process: its map, and the form that changes it."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.process_form import read_reminders, read_stage_forms, reminders_told, stages_told
from api.process_view import edit_view, process_view, with_path
from api.questions import read_choice
from api.rendering import PageRoute, show
from infra.errors import ClosedLoopError
from planning.approval.process import PlanPath, read_process

router = APIRouter(
    prefix="/plans/process",
    include_in_schema=False,
    route_class=PageRoute,
    dependencies=[Depends(may_read_of_dealers)],
)


@router.get("", response_class=HTMLResponse)
def process_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, kind: str = "year", done: str = ""
) -> Response:
    """Stages in their order, who acts, until when, and what they need."""
    path = read_choice(PlanPath, kind, "kind")
    return show(request, "plans/process.html", process_view(services, viewer, path) | {"done": done})


@router.get("/edit", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_page(request: Request, services: ServicesOf, kind: str = "year") -> Response:
    """The form of one kind of plan."""
    path = read_choice(PlanPath, kind, "kind")
    return show(request, "plans/process_edit.html", edit_view(services, path, services.processes.newest()))


@router.post("/edit", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: one stage more or less, or put it in force."""
    path = read_choice(PlanPath, text_of(form, "kind") or "year", "kind")
    kept, stages, reminders = services.processes.newest(), read_stage_forms(form), read_reminders(form)
    error: ClosedLoopError | None = None
    if text_of(form, "do") == "keep":
        try:
            told = with_path(kept.process, path, stages_told(stages), reminders_told(reminders))
            process = read_process(told)
            services.processes.replace(process, author=viewer.name, based_on=number_of(form, "based_on"))
        except ClosedLoopError as wrong:
            error = wrong
        else:
            return RedirectResponse(f"/plans/process?kind={path.value}&done=kept", 303)
    view = edit_view(services, path, kept, stages=stages, reminders=reminders)
    view |= {"error": error, "based_on": number_of(form, "based_on")}
    return show(request, "plans/process_edit.html", view, status_of(error) if error else 200)
