"""Briefs: what is to be made, of which dealers, by which contractor."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.bootstrap import Services
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.told import whole_brief
from api.work.workers import asked_by
from planning.work.brief_register import add_brief, attach_to_brief, change_brief
from planning.work.briefs import find_brief, list_briefs
from planning.work.comments import comment_on_brief
from planning.work.documents import BriefTold, Comment, MonthText, TaskTold
from planning.work.task_register import add_task

router = APIRouter(prefix="/api/briefs", dependencies=[Depends(may_work)])
Revision = Annotated[int, Field(ge=1, le=LARGEST_ID - 1)]
Name = Annotated[str, Query(max_length=200)]


class ChangedBrief(BriefTold):
    """All that is told of the brief, and the `revision` of it that was changed."""

    revision: Revision
    comment: Comment = ""


class NewComment(BaseModel):
    """Markdown. `@` and a user's e-mail or name puts it into their inbox."""

    model_config = ConfigDict(extra="forbid")

    text: Comment


@router.get("")
def list_work_briefs(
    services: ServicesOf,
    viewer: ViewerOf,
    month: Annotated[MonthText | None, Query()] = None,
    dealer: Name = "",
    contractor: Name = "",
    closed: bool | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> dict[str, Any]:
    """Those that are the viewer's to see, the newest first."""
    with services.database.connect() as connection:
        found, total = list_briefs(
            connection, viewer.seen, month=month or "", dealer=dealer, contractor=contractor, is_closed=closed,
            most=limit, before=next,
        )  # fmt: skip
    behind = found[-1].id if len(found) == limit else None
    return {"items": [each.as_dict(viewer.seen) for each in found], "total": total, "next": behind}


@router.post("", status_code=201, dependencies=[Depends(may_plan)])
def add_work_brief(services: ServicesOf, viewer: ViewerOf, told: BriefTold) -> dict[str, Any]:
    return _told(services, viewer, add_brief(services.desk, told, asked_by(viewer)).id)


@router.get("/{key}")
def tell_work_brief(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """The whole chain: the brief, its files, tasks, acts, comments and what happened."""
    return _told(services, viewer, key)


@router.put("/{key}", dependencies=[Depends(may_plan)])
def change_work_brief(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedBrief) -> dict[str, Any]:
    """409 where somebody else has changed it meanwhile."""
    brief = BriefTold.model_validate(told.model_dump(exclude={"revision", "comment"}))
    change_brief(services.desk, key, brief, asked_by(viewer, told.revision, told.comment))
    return _told(services, viewer, key)


@router.post("/{key}/tasks", status_code=201, dependencies=[Depends(may_plan)])
def add_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId, told: TaskTold) -> dict[str, Any]:
    desk = services.desk
    return add_task(desk, key, told, asked_by(viewer)).as_dict(desk.today)


@router.post("/{key}/comments", status_code=201)
def comment_on_work_brief(services: ServicesOf, viewer: ViewerOf, key: RowId, told: NewComment) -> dict[str, Any]:
    return comment_on_brief(services.desk, key, told.text, asked_by(viewer)).as_dict()


@router.post("/{key}/files", status_code=201, dependencies=[Depends(may_plan)])
def attach_work_file(
    services: ServicesOf, viewer: ViewerOf, key: RowId, file: Annotated[UploadFile, File()]
) -> dict[str, Any]:
    """What the work is made from, as a form of the kind multipart/form-data."""
    with services.database.connect() as connection:
        find_brief(connection, key, viewer.seen)
    content = services.files.keep(file.file)
    return attach_to_brief(services.desk, key, content, file.filename or "", asked_by(viewer)).as_dict()


def _told(services: Services, viewer: Viewer, key: int) -> dict[str, Any]:
    desk = services.desk
    with services.database.connect() as connection:
        return whole_brief(connection, desk, find_brief(connection, key, viewer.seen), viewer.seen)
