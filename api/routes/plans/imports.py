"""Files into plans and facts: take one, see what is in it, say what it means, confirm it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Path, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan
from api.plan_addresses import PlanId
from api.row_ids import LARGEST_ID
from planning.importing.confirming import confirm
from planning.importing.mapping import Choices
from planning.importing.onec import table_of_entity
from planning.importing.register import Import, ImportKind
from planning.importing.saying import say

ImportId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Id of the import.")]

router = APIRouter(prefix="/api/plans/{plan}", dependencies=[Depends(may_plan)])


class Said(BaseModel):
    """What the user says about a file, as the import of `revision` showed it."""

    model_config = ConfigDict(extra="forbid")

    revision: Annotated[int, Field(ge=1, le=LARGEST_ID)]
    choices: Choices


@router.get("/imports")
def list_imports(services: ServicesOf, viewer: ViewerOf, plan: PlanId) -> dict[str, Any]:
    """The newest first; without what was found in them."""
    services.plans.get(plan)
    found = services.plan_imports.list(plan, viewer=viewer.name, seen=viewer.seen)
    items = [{name: each for name, each in one.as_dict().items() if name not in ("choices", "found")} for one in found]
    return {"items": items, "total": len(items), "next": None}


@router.post("/imports", status_code=202)
def take_file(
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    file: Annotated[UploadFile, File(description="XLSX or CSV, of 32 MiB at most.")],
    kind: Annotated[ImportKind, Form(description="What it holds.")] = ImportKind.PLAN,
) -> dict[str, Any]:
    """It is read in the background, and nothing is written before it is confirmed."""
    taken = services.plan_imports.take(
        plan, kind, file.filename or "", file.file.read(), author=viewer.name, seen=viewer.seen
    )
    services.import_reader.take_up(taken.id)
    return taken.as_dict()


class ToldEntity(BaseModel):
    """An entity set of a connected base of 1C; `filter`, `expand` and `order` are as its OData interface has them."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[str, Field(max_length=200)]
    entity: Annotated[str, Field(min_length=1, max_length=200)]
    filter: Annotated[str, Field(max_length=2000)] = ""
    expand: Annotated[str, Field(max_length=2000)] = ""
    order: Annotated[str, Field(max_length=200)] = ""
    kind: ImportKind = ImportKind.PLAN


@router.post("/imports/onec", status_code=202, dependencies=[Depends(may_change_rules)])
def take_entity(services: ServicesOf, viewer: ViewerOf, plan: PlanId, told: ToldEntity) -> dict[str, Any]:
    """Rows of 1C become a file, which goes the way of all files: columns, names, preview, and confirming."""
    return take_from_onec(services, viewer, plan, told).as_dict()


def take_from_onec(services: ServicesOf, viewer: ViewerOf, plan: int, told: ToldEntity) -> Import:
    """Raises `NotFound`, `InvalidInput`, `VendorRefused` and `VendorUnavailable`."""
    source = services.sources.get(told.source)
    table = table_of_entity(source, told.entity, condition=told.filter, expand=told.expand, order=told.order)
    name = f"{told.entity}.csv"
    taken = services.plan_imports.take(plan, told.kind, name, table, author=viewer.name, seen=viewer.seen)
    services.import_reader.take_up(taken.id)
    return taken


@router.get("/imports/{key}")
def see_import(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> dict[str, Any]:
    """At which step it is, and what was found: `errors` and `warnings` at their cells, and what would change."""
    return current_import(services, viewer, plan, key).as_dict()


@router.put("/imports/{key}/choices", status_code=202)
def put_choices(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId, said: Said) -> dict[str, Any]:
    """What columns and names mean. It is remembered for other files, and this one is read anew."""
    found = current_import(services, viewer, plan, key)
    say(services.database, services.clock, found, said.choices, author=viewer.name, based_on=said.revision)
    services.import_reader.take_up(key)
    return current_import(services, viewer, plan, key).as_dict()


@router.post("/imports/{key}/confirm")
def confirm_import(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> dict[str, Any]:
    """All of it is written as one edit of the draft, or nothing. Asked again, the answer is the same."""
    found = current_import(services, viewer, plan, key)
    return confirm(services.database, services.clock, found, author=viewer.name, seen=viewer.seen).as_dict()


@router.delete("/imports/{key}", status_code=204)
def discard_import(services: ServicesOf, viewer: ViewerOf, plan: PlanId, key: ImportId) -> None:
    """Nothing of it was written."""
    services.plan_imports.discard(current_import(services, viewer, plan, key), author=viewer.name)


def current_import(services: ServicesOf, viewer: ViewerOf, plan: int, key: int) -> Import:
    """One whose reader died is read by this process from now on. Raises `NotFound`."""
    found = services.plan_imports.get(plan, key, viewer=viewer.name, seen=viewer.seen)
    if found.is_being_read:
        services.import_reader.take_up(key)
        services.import_reader.wait(key, 0.3)
        found = services.plan_imports.get(plan, key, viewer=viewer.name, seen=viewer.seen)
    return found
