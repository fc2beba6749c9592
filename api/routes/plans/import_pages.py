"""The wizard that brings a file into a plan: the file, its columns, its names, a preview, and done."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan
from api.forms import ToldForm, number_of, text_of
from api.plan_addresses import PlanId
from api.plan_import_forms import said_of_columns, said_of_names
from api.plan_import_view import columns_view, names_view, preview_view, step_view, upload_view
from api.rendering import PageRoute, show
from api.routes.plans.imports import ImportId, ToldEntity, current_import, take_from_onec
from infra.errors import ClosedLoopError, InvalidInput
from planning.importing.confirming import confirm
from planning.importing.mapping import Choices
from planning.importing.register import Import, ImportKind, Step
from planning.importing.saying import say

router = APIRouter(
    prefix="/plans/{plan}/import", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_plan)]
)
_PATIENCE = 2.0
_UPLOAD, _WAITING = "plans/import/upload.html", "plans/import/waiting.html"
_PAGES = {Step.COLUMNS: "columns", Step.NAMES: "names", Step.PREVIEW: "preview"}


@router.get("", response_class=HTMLResponse)
def upload_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, done: str = "") -> Response:
    """Where a file is sent, the template for it, and what was sent before."""
    return show(request, _UPLOAD, upload_view(services, viewer, services.plans.get(plan), done=done))


@router.post("", response_class=HTMLResponse)
def upload(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, form: ToldForm) -> Response:
    """Take a file, and lead to what it asks."""
    sent = form.get("file")
    kind = ImportKind.FACTS if text_of(form, "kind") == ImportKind.FACTS else ImportKind.PLAN
    try:
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise InvalidInput("No file was chosen.", where="file", help="Choose a workbook or a CSV file.")
        taken = services.plan_imports.take(
            plan, kind, sent.filename, sent.file.read(), author=viewer.name, seen=viewer.seen
        )
    except ClosedLoopError as error:
        view = upload_view(services, viewer, services.plans.get(plan), error=error)
        return show(request, _UPLOAD, view, 422)
    services.import_reader.take_up(taken.id)
    services.import_reader.wait(taken.id, _PATIENCE)
    return RedirectResponse(f"/plans/{plan}/import/{taken.id}", 303)


@router.post("/onec", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def take_entity(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, form: ToldForm) -> Response:
    """Rows of a base of 1C in the place of a file."""
    names = ("source", "entity", "filter", "expand", "order")
    try:
        told = ToldEntity(**{name: text_of(form, name) for name in names})
        taken = take_from_onec(services, viewer, plan, told)
    except ValidationError:
        return _refused(
            request,
            services,
            viewer,
            plan,
            InvalidInput("The entity set is missing.", where="entity", help="Write its name, as 1C publishes it."),
        )
    except ClosedLoopError as error:
        return _refused(request, services, viewer, plan, error)
    services.import_reader.wait(taken.id, _PATIENCE)
    return RedirectResponse(f"/plans/{plan}/import/{taken.id}", 303)


def _refused(request: Request, services: ServicesOf, viewer: ViewerOf, plan: int, error: ClosedLoopError) -> Response:
    return show(request, _UPLOAD, upload_view(services, viewer, services.plans.get(plan), error=error), 422)


@router.get("/{key}", response_class=HTMLResponse)
def import_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    """The step at which it is."""
    found = current_import(services, viewer, plan, key)
    if found.step in _PAGES:
        return RedirectResponse(_at(found), 303)
    template = "plans/import/done.html" if found.step is Step.DONE else _WAITING
    return show(request, template, step_view(services, found))


@router.get("/{key}/progress")
def progress(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> dict[str, Any]:
    """For the script of the page that waits."""
    found = current_import(services, viewer, plan, key)
    return {"percent": found.progress, "reading": found.is_being_read}


@router.get("/{key}/columns", response_class=HTMLResponse)
def columns_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    """What each column means."""
    found = current_import(services, viewer, plan, key)
    if _is_past(found):
        return RedirectResponse(_at(found), 303)
    return show(request, "plans/import/columns.html", columns_view(services, viewer, found))


@router.post("/{key}/columns", response_class=HTMLResponse)
def put_columns(
    request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId, form: ToldForm
) -> Response:
    found = current_import(services, viewer, plan, key)
    choices = said_of_columns(found, form)
    try:
        return _said(services, viewer, found, choices, number_of(form, "revision"))
    except InvalidInput as error:
        view = columns_view(services, viewer, found, error=error, choices=choices)
        return show(request, "plans/import/columns.html", view, 422)


@router.get("/{key}/names", response_class=HTMLResponse)
def names_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    """Whom the names mean that nobody has explained yet."""
    found = current_import(services, viewer, plan, key)
    if _is_past(found):
        return RedirectResponse(_at(found), 303)
    return show(request, "plans/import/names.html", names_view(services, found))


@router.post("/{key}/names", response_class=HTMLResponse)
def put_names(
    request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId, form: ToldForm
) -> Response:
    found = current_import(services, viewer, plan, key)
    try:
        return _said(services, viewer, found, said_of_names(found, form), number_of(form, "revision"))
    except InvalidInput as error:
        return show(request, "plans/import/names.html", names_view(services, found, error=error), 422)


@router.get("/{key}/preview", response_class=HTMLResponse)
def preview_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    """What would be written, what stands against it, and what is worth knowing."""
    found = current_import(services, viewer, plan, key)
    if found.step is not Step.PREVIEW:
        return RedirectResponse(_at(found), 303)
    return show(request, "plans/import/preview.html", preview_view(services, found))


@router.post("/{key}/confirm", response_class=HTMLResponse)
def confirm_page(request: Request, services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    found = current_import(services, viewer, plan, key)
    try:
        confirm(services.database, services.clock, found, author=viewer.name, seen=viewer.seen)
    except ClosedLoopError as error:
        if found.step is not Step.PREVIEW:
            raise
        return show(request, "plans/import/preview.html", preview_view(services, found, error=error), 409)
    return RedirectResponse(f"/plans/{plan}/import/{key}", 303)


@router.post("/{key}/again")
def read_again(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId, form: ToldForm) -> Response:
    """Read the file anew, against the draft as it is now."""
    found = current_import(services, viewer, plan, key)
    return _said(services, viewer, found, found.choices, number_of(form, "revision"))


@router.post("/{key}/discard")
def discard(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> Response:
    found = current_import(services, viewer, plan, key)
    services.plan_imports.discard(found, author=viewer.name)
    return RedirectResponse(f"/plans/{plan}/import?done=discarded", 303)


def _said(services: ServicesOf, viewer: ViewerOf, found: Import, choices: Choices, revision: int) -> Response:
    say(services.database, services.clock, found, choices, author=viewer.name, based_on=revision)
    services.import_reader.take_up(found.id)
    services.import_reader.wait(found.id, _PATIENCE)
    return RedirectResponse(f"/plans/{found.plan}/import/{found.id}", 303)


def _is_past(found: Import) -> bool:
    """Whether nothing can be said about its columns and names, for now or for ever."""
    return found.step in (Step.DONE, Step.FAILED, Step.READING)


def _at(found: Import) -> str:
    page = _PAGES.get(found.step)
    return f"/plans/{found.plan}/import/{found.id}" + (f"/{page}" if page else "")
