"""Files into plans and facts: take one, see what is in it, say what it means, confirm it. And plans as files."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.auth import ServicesOf, ViewerOf, may_plan
from api.plan_files import FilledWith, PlanFormat, exported_plan, plan_template
from api.row_ids import LARGEST_ID, RowId
from planning.importing.confirming import confirm
from planning.importing.mapping import Choices
from planning.importing.register import Import, ImportKind
from planning.importing.saying import say

router = APIRouter(prefix="/api/plans/{plan}", dependencies=[Depends(may_plan)])


class Said(BaseModel):
    """What the user says about a file, as the import of `revision` showed it."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    choices: Choices


@router.get("/imports")
def list_imports(services: ServicesOf, viewer: ViewerOf, plan: RowId) -> dict[str, Any]:
    """The newest first; without what was found in them."""
    services.plans.get(plan)
    found = services.plan_imports.list(plan, viewer=viewer.name, seen=viewer.seen)
    items = [{name: each for name, each in one.as_dict().items() if name not in ("choices", "found")} for one in found]
    return {"items": items, "total": len(items), "next": None}


@router.post("/imports", status_code=202)
def take_file(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    file: Annotated[UploadFile, File()],
    kind: Annotated[ImportKind, Form()] = ImportKind.PLAN,
) -> dict[str, Any]:
    """It is read in the background, and nothing is written before it is confirmed."""
    taken = services.plan_imports.take(
        plan, kind, file.filename or "", file.file.read(), author=viewer.name, seen=viewer.seen
    )
    services.import_reader.take_up(taken.id)
    return taken.as_dict()


@router.get("/imports/{key}")
def see_import(services: ServicesOf, viewer: ViewerOf, plan: RowId, key: RowId) -> dict[str, Any]:
    """At which step it is, and what was found: `errors` and `warnings` at their cells, and what would change."""
    return current_import(services, viewer, plan, key).as_dict()


@router.put("/imports/{key}/choices", status_code=202)
def put_choices(services: ServicesOf, viewer: ViewerOf, plan: RowId, key: RowId, said: Said) -> dict[str, Any]:
    """What columns and names mean. It is remembered for other files, and this one is read anew."""
    found = current_import(services, viewer, plan, key)
    say(services.database, services.clock, found, said.choices, author=viewer.name, based_on=said.revision)
    services.import_reader.take_up(key)
    return current_import(services, viewer, plan, key).as_dict()


@router.post("/imports/{key}/confirm")
def confirm_import(services: ServicesOf, viewer: ViewerOf, plan: RowId, key: RowId) -> dict[str, Any]:
    """All of it is written as one edit of the draft, or nothing. Asked again, the answer is the same."""
    found = current_import(services, viewer, plan, key)
    return confirm(services.database, services.clock, found, author=viewer.name, seen=viewer.seen).as_dict()


@router.delete("/imports/{key}", status_code=204)
def discard_import(services: ServicesOf, viewer: ViewerOf, plan: RowId, key: RowId) -> None:
    """Nothing of it was written."""
    services.plan_imports.discard(current_import(services, viewer, plan, key), author=viewer.name)


@router.get("/export")
def export_plan(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    version: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,
    form: Annotated[PlanFormat, Query(alias="format")] = PlanFormat.XLSX,
) -> Response:
    """A version's lines, the newest unless said, in the form that the import reads back."""
    return exported_plan(services, viewer, plan, version, form)


@router.get("/template")
def template(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: RowId,
    filled: FilledWith = FilledWith.NOTHING,
    form: Annotated[PlanFormat, Query(alias="format")] = PlanFormat.XLSX,
) -> Response:
    """A table to fill in: each dealer, direction and measure, with last year's plan or facts where asked for."""
    return plan_template(services, viewer, plan, filled, form)


def current_import(services: ServicesOf, viewer: ViewerOf, plan: int, key: int) -> Import:
    """One whose reader died is read by this process from now on. Raises `NotFound`."""
    found = services.plan_imports.get(plan, key, viewer=viewer.name, seen=viewer.seen)
    if found.is_being_read:
        services.import_reader.take_up(key)
        services.import_reader.wait(key, 0.3)
        found = services.plan_imports.get(plan, key, viewer=viewer.name, seen=viewer.seen)
    return found
