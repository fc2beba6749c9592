"""Activities that co-op funds pay a part of: asked for by dealers, decided and paid by the payer."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from pydantic import Field

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.funds.parties import check_may
from api.funds.told import whole_activity
from api.row_ids import LARGEST_ID, RowId
from api.viewer import Viewer
from planning.funds.activity import PROOF, Activity, find_activity
from planning.funds.activity_list import list_activities
from planning.funds.asking import NewFile, ask, ask_again, attach, claim
from planning.funds.deciding import Decision, decide
from planning.funds.documents import ActivityTold, ClaimTold, Name, Text
from planning.funds.states import Act, State
from planning.funds.stepping import Asked

router = APIRouter(prefix="/api/funds/activities", dependencies=[Depends(may_read_of_dealers)])
Revision = Annotated[int, Field(ge=1, le=LARGEST_ID - 1)]


class NewActivity(ActivityTold):
    """What the dealer wants, of which programme."""

    programme: RowId
    dealer: Name
    comment: Text = ""


class ChangedActivity(ActivityTold):
    """All that is told of the activity, and the `revision` of it that was changed."""

    revision: Revision
    comment: Text = ""


class NewClaim(ClaimTold):
    revision: Revision


_MORE_THAN_ACTIVITY = {"programme", "dealer", "comment", "revision"}


@router.get("")
def list_fund_activities(
    services: ServicesOf,
    viewer: ViewerOf,
    state: Annotated[list[State], Query()] = [],  # noqa: B006
    programme: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
    dealer: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    next: Annotated[int, Query(ge=0, le=LARGEST_ID)] = 0,  # noqa: A002
) -> dict[str, Any]:
    """Of the dealers that the viewer sees, the newest first."""
    with services.database.connect() as connection:
        found, total = list_activities(
            connection, viewer.seen, states=state, programme=programme, dealer=dealer, most=limit, before=next
        )
    behind = found[-1].id if len(found) == limit else None
    return {"items": [each.as_dict() for each in found], "total": total, "next": behind}


@router.post("", status_code=201, dependencies=[Depends(may_plan)])
def ask_for_activity(services: ServicesOf, viewer: ViewerOf, told: NewActivity) -> dict[str, Any]:
    """The dealer asks; the payer decides."""
    check_may(viewer, Act.ASK)
    activity = ActivityTold.model_validate(told.model_dump(exclude=_MORE_THAN_ACTIVITY))
    asked = Asked(viewer.name, viewer.seen, 0, told.comment)
    return _told(services, viewer, ask(services.desk, told.programme, told.dealer, activity, asked))


@router.get("/{key}")
def tell_fund_activity(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """With its story, claims, files and rows of the ledger."""
    desk = services.desk
    with desk.engine.connect() as connection:
        return whole_activity(connection, desk, find_activity(connection, key, viewer.seen))


@router.put("/{key}", dependencies=[Depends(may_plan)])
def ask_for_activity_again(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedActivity) -> dict[str, Any]:
    """Change what is asked for while it is not decided, or after it was sent back."""
    check_may(viewer, Act.ASK)
    activity = ActivityTold.model_validate(told.model_dump(exclude=_MORE_THAN_ACTIVITY))
    asked = Asked(viewer.name, viewer.seen, told.revision, told.comment)
    return _told(services, viewer, ask_again(services.desk, key, activity, asked))


@router.post("/{key}/decisions", dependencies=[Depends(may_plan)])
def decide_on_activity(services: ServicesOf, viewer: ViewerOf, key: RowId, told: Decision) -> dict[str, Any]:
    """Approve, send back, refuse, cancel, extend, settle, pay: 403 where it is the other side's to do."""
    check_may(viewer, told.act)
    asked = Asked(viewer.name, viewer.seen, told.revision, told.comment)
    return _told(services, viewer, decide(services.desk, key, told, asked))


@router.post("/{key}/claims", status_code=201, dependencies=[Depends(may_plan)])
def claim_activity(services: ServicesOf, viewer: ViewerOf, key: RowId, told: NewClaim) -> dict[str, Any]:
    """What it came to, by invoice; a file that proves it must be attached before."""
    check_may(viewer, Act.CLAIM)
    claimed = ClaimTold.model_validate(told.model_dump(exclude={"revision"}))
    asked = Asked(viewer.name, viewer.seen, told.revision, told.comment)
    return _told(services, viewer, claim(services.desk, key, claimed, asked))


@router.post("/{key}/files", status_code=201, dependencies=[Depends(may_plan)])
def attach_file(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    file: Annotated[UploadFile, File()],
    purpose: Annotated[str, Form(max_length=40)] = PROOF,
) -> dict[str, Any]:
    """A creative or a proof, as a form of the kind multipart/form-data; of the same name, a further version."""
    desk = services.desk
    with services.database.connect() as connection:
        find_activity(connection, key, viewer.seen)
    new = NewFile(file.filename or "", desk.files.keep(file.file), purpose)
    return attach(desk, key, new, Asked(viewer.name, viewer.seen, 0)).as_dict()


def _told(services: Services, viewer: Viewer, activity: Activity) -> dict[str, Any]:
    desk = services.desk
    with desk.engine.connect() as connection:
        return whole_activity(connection, desk, find_activity(connection, activity.id, viewer.seen))
