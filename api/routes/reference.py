"""All reference data as one document."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.routes.collect import read_body
from attribution.reference import reference_document, replace_reference
from attribution.reference_document import read_document

router = APIRouter(prefix="/api/reference", dependencies=[Depends(may_read)])


@router.get("")
def tell_reference(services: ServicesOf) -> dict[str, Any]:
    """What is in force, in the form that `PUT` takes."""
    return reference_document(services.database).as_dict()


@router.put("", dependencies=[Depends(may_change_rules)])
async def put_reference(request: Request, services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Replace all of it by the document of the body, from the next run on; where anything is wrong, nothing changes."""
    body = await read_body(request, services.environment.max_body_mb * 1024**2)
    document = await run_in_threadpool(read_document, body, services.environment.country)
    await run_in_threadpool(replace_reference, services.database, document, author=viewer.name, clock=services.clock)
    return await run_in_threadpool(lambda: reference_document(services.database).as_dict())
