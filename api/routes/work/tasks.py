"""Tasks of briefs: taken on, handed in version by version, decided on, and closed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from pydantic import BaseModel, ConfigDict

from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.bootstrap import Services
from api.routes.work.briefs import Name, NewComment, Revision
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from api.work.told import whole_task
from api.work.workers import asked_by, worker_of
from planning.work.comments import comment_on_task, mark_seen
from planning.work.deciding import Verdict, decide
from planning.work.documents import Comment, TaskKind, TaskTold, Word
from planning.work.states import TaskState, TaskStep
from planning.work.stepping import step_on
from planning.work.task_register import assign_task, change_task
from planning.work.tasks import TaskFilter, find_task, list_tasks
from planning.work.versions import NewFile, hand_in
from planning.work.waiting import waiting

router = APIRouter(prefix="/api/tasks", dependencies=[Depends(may_work)])


class ChangedTask(TaskTold):
    """All that is told of the task, and the `revision` of it that was changed."""

    revision: Revision


class Step(BaseModel):
    """`take`, `reopen`, `finish` or `cancel`."""

    model_config = ConfigDict(extra="forbid")

    step: TaskStep
    revision: Revision
    comment: Comment = ""


class VersionDecision(BaseModel):
    """On the `version` that was looked at, with the task's `revision` then."""

    model_config = ConfigDict(extra="forbid")

    version: RowId
    revision: Revision
    verdict: Verdict
    comment: Comment = ""


class Assignment(BaseModel):
    """The e-mail of a user who sees the task; empty is nobody."""

    model_config = ConfigDict(extra="forbid")

    assignee: Word
    revision: Revision


@router.get("")
def list_work_tasks(
    services: ServicesOf,
    viewer: ViewerOf,
    state: Annotated[list[TaskState], Query()] = [],  # noqa: B006
    kind: Annotated[list[TaskKind], Query()] = [],  # noqa: B006
    brief: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    dealer: Name = "",
    contractor: Name = "",
    assignee: Name = "",
    late: bool = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> dict[str, Any]:
    """Those that are the viewer's to see, the newest first; `late` are those past their due day."""
    today = services.desk.today
    asked = TaskFilter(tuple(state), tuple(kind), brief, dealer, contractor, assignee, today if late else None)
    with services.database.connect() as connection:
        found, total = list_tasks(connection, viewer.seen, asked, most=limit, before=next)
    behind = found[-1].id if len(found) == limit else None
    return {"items": [each.as_dict(today) for each in found], "total": total, "next": behind}


@router.get("/waiting")
def list_work_waiting(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """What waits for whoever asks: tasks, acts and mentions; what is due first comes first."""
    desk = services.desk
    with services.database.connect() as connection:
        items = [each.as_dict() for each in waiting(connection, desk, worker_of(viewer))]
    return {"items": items, "total": len(items), "next": None}


@router.post("/mentions/{comment}/seen", status_code=204)
def see_mention(services: ServicesOf, viewer: ViewerOf, comment: RowId) -> None:
    """It waits no longer."""
    mark_seen(services.desk, comment, viewer.name)


@router.get("/{key}")
def tell_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """With its versions and what was decided on each, its comments and what happened."""
    return _told(services, viewer, key)


@router.put("/{key}", dependencies=[Depends(may_plan)])
def change_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedTask) -> dict[str, Any]:
    """409 where somebody else has changed it meanwhile."""
    task = TaskTold.model_validate(told.model_dump(exclude={"revision"}))
    change_task(services.desk, key, task, asked_by(viewer, told.revision))
    return _told(services, viewer, key)


@router.post("/{key}/assignee")
def assign_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId, told: Assignment) -> dict[str, Any]:
    """Say who does it."""
    assign_task(services.desk, key, told.assignee, asked_by(viewer, told.revision))
    return _told(services, viewer, key)


@router.post("/{key}/steps")
def step_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId, told: Step) -> dict[str, Any]:
    """Take it on, reopen, finish or cancel it: 403 where it is the other side's to do."""
    step_on(services.desk, key, told.step, asked_by(viewer, told.revision, told.comment))
    return _told(services, viewer, key)


@router.post("/{key}/versions", status_code=201)
def hand_in_version(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    file: Annotated[list[UploadFile], File()],
    note: Annotated[str, Form(max_length=4000)] = "",
) -> dict[str, Any]:
    """One or several files, as a form of the kind multipart/form-data: together, the next version."""
    with services.database.connect() as connection:
        find_task(connection, key, viewer.seen)
    files = [NewFile(each.filename or "", services.files.keep(each.file)) for each in file]
    hand_in(services.desk, key, files, note, asked_by(viewer))
    return _told(services, viewer, key)


@router.post("/{key}/decisions", dependencies=[Depends(may_plan)])
def decide_on_version(services: ServicesOf, viewer: ViewerOf, key: RowId, told: VersionDecision) -> dict[str, Any]:
    """Agree, or return it with a comment. 409 where a newer version was handed in, or somebody has decided."""
    asked = asked_by(viewer, told.revision, told.comment)
    decide(services.desk, key, told.version, told.verdict, asked)
    return _told(services, viewer, key)


@router.post("/{key}/comments", status_code=201)
def comment_on_work_task(services: ServicesOf, viewer: ViewerOf, key: RowId, told: NewComment) -> dict[str, Any]:
    return comment_on_task(services.desk, key, told.text, asked_by(viewer)).as_dict()


def _told(services: Services, viewer: Viewer, key: int) -> dict[str, Any]:
    desk = services.desk
    with services.database.connect() as connection:
        return whole_task(connection, desk, find_task(connection, key, viewer.seen), viewer.seen)
