"""The process by which plans are approved, as a document."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import Field

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read_of_dealers
from api.bootstrap import Services
from api.plan_bodies import Told
from api.process_warnings import process_warnings
from api.row_ids import LARGEST_ID
from planning.approval.process import Process, read_process
from planning.approval.process_register import KeptProcess

router = APIRouter(prefix="/api/plans", dependencies=[Depends(may_read_of_dealers)])


class ToldProcess(Told):
    """`based_on` is the number of the version that it was written from."""

    process: dict[str, Any]
    based_on: Annotated[int, Field(ge=0, le=LARGEST_ID)]


@router.get("/process")
def tell_process(services: ServicesOf) -> dict[str, Any]:
    """The process in force, with what is amiss in it: stages that ask nobody."""
    return _told(services, services.processes.newest())


@router.put("/process", dependencies=[Depends(may_change_rules)])
def put_process(services: ServicesOf, viewer: ViewerOf, told: Annotated[ToldProcess, Body()]) -> dict[str, Any]:
    """Put another process in force, for plans that are submitted from now on. 409 where somebody was faster."""
    process: Process = read_process(told.process)
    return _told(services, services.processes.replace(process, author=viewer.name, based_on=told.based_on))


def _told(services: Services, kept: KeptProcess) -> dict[str, Any]:
    return {
        "number": kept.number,
        "at": kept.at.isoformat() if kept.at else None,
        "author": kept.author,
        "process": kept.process.as_dict(),
        "warnings": process_warnings(services, kept.process),
    }
