"""Acts of contractors, against what was ordered, with the spend that was measured beside them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_work
from api.bootstrap import Services
from api.exports import ExportFormat
from api.routes.work.briefs import Name, Revision
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.spend import measured_spend, settlement_report
from api.work.told import whole_act
from api.work.workers import asked_by
from planning.work.act_register import SIGNED, add_act, attach_to_act, change_act
from planning.work.act_steps import ActStepTold, step_act
from planning.work.acts import find_act, list_acts
from planning.work.documents import ActTold, MonthText
from planning.work.ordered import settlements
from planning.work.states import ActState
from planning.work.versions import NewFile

router = APIRouter(prefix="/api/acts", dependencies=[Depends(may_work)])
Month = Annotated[MonthText | None, Query()]


class ChangedAct(ActTold):
    """All that is told of the act, and the `revision` of it that was changed."""

    revision: Revision


@router.get("")
def list_work_acts(
    services: ServicesOf,
    viewer: ViewerOf,
    state: Annotated[list[ActState], Query()] = [],  # noqa: B006
    contractor: Name = "",
    month: Month = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> dict[str, Any]:
    """Those that are the viewer's to see, the newest first."""
    with services.database.connect() as connection:
        found, total = list_acts(
            connection, viewer.seen, states=state, contractor=contractor, month=month or "", most=limit, before=next
        )
    behind = found[-1].id if len(found) == limit else None
    return {"items": [each.as_dict() for each in found], "total": total, "next": behind}


@router.post("", status_code=201)
def add_work_act(services: ServicesOf, viewer: ViewerOf, told: ActTold) -> dict[str, Any]:
    """A draft; attach the signed act, and hand it in."""
    return _told(services, viewer, add_act(services.desk, told, asked_by(viewer)).id)


@router.get("/settlements")
def tell_work_settlements(
    services: ServicesOf,
    viewer: ViewerOf,
    month: Month = None,
    contractor: Name = "",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """By contractor and month: what was ordered, handed in, accepted and paid, and the spend that was measured."""
    with services.database.connect() as connection:
        found = settlements(connection, viewer.seen, month=month or "", contractor=contractor)
    spent = measured_spend(services, viewer.seen, [each.month for each in found])
    return answered(settlement_report(found, spent, services.settings.currency), form, services.settings)


@router.get("/{key}")
def tell_work_act(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """With its lines, files and what happened."""
    return _told(services, viewer, key)


@router.put("/{key}")
def change_work_act(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedAct) -> dict[str, Any]:
    """Before it is handed in, or while it is disputed. 409 where somebody else has changed it meanwhile."""
    act = ActTold.model_validate(told.model_dump(exclude={"revision"}))
    change_act(services.desk, key, act, asked_by(viewer, told.revision))
    return _told(services, viewer, key)


@router.post("/{key}/steps")
def step_work_act(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ActStepTold) -> dict[str, Any]:
    """Hand in, check, dispute, accept, pay, withdraw: 403 where it is the other side's to do."""
    step_act(services.desk, key, told, asked_by(viewer))
    return _told(services, viewer, key)


@router.post("/{key}/files", status_code=201)
def attach_act_file(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    file: Annotated[UploadFile, File()],
    purpose: Annotated[str, Form(max_length=40)] = SIGNED,
) -> dict[str, Any]:
    """The signed act, its invoice or a proof, as a form of the kind multipart/form-data."""
    with services.database.connect() as connection:
        find_act(connection, key, viewer.seen)
    new = NewFile(file.filename or "", services.files.keep(file.file))
    return attach_to_act(services.desk, key, new, purpose, asked_by(viewer)).as_dict()


def _told(services: Services, viewer: Viewer, key: int) -> dict[str, Any]:
    desk = services.desk
    with services.database.connect() as connection:
        return whole_act(connection, desk, find_act(connection, key, viewer.seen), viewer.seen)
