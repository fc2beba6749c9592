"""Media plans: a dealer's approved budget of a month over channels, campaigns and contractors."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers, may_read_own
from api.bootstrap import Services
from api.exports import ExportFormat
from api.media.bodies import ItemsBody, LayOutBody, NewMediaPlan, StepBody
from api.media.deciding import check_may_step
from api.media.laying_out import laid_out
from api.media.reports import dealers_report, items_report
from api.media.spent import asked_month, overview_of, progress_of_plan
from api.row_ids import RowId
from api.viewer import Viewer
from planning.media.curve import curve_of
from planning.media.months import read_month
from planning.media.plans import MediaPlan, Step
from planning.media.waiting import waiting

router = APIRouter(prefix="/api/media-plans")
_FORM = Annotated[ExportFormat, Query(alias="format")]


@router.get("", dependencies=[Depends(may_read_own)])
def list_media_plans(
    services: ServicesOf,
    viewer: ViewerOf,
    month: str = "",
    dealer: str = "",
    form: _FORM = ExportFormat.JSON,
) -> Response:
    """The dealers of a month: budgets, what is laid out, ordered and spent, forecasts and warnings."""
    of = asked_month(month, services.today)
    found = overview_of(services, viewer.seen, of, dealer)
    return answered(dealers_report(of, found, {"dealer": dealer}), form, services.settings)


@router.post("", status_code=201, dependencies=[Depends(may_plan)])
def open_media_plan(services: ServicesOf, viewer: ViewerOf, told: NewMediaPlan) -> dict[str, Any]:
    """Begin the media plan of a dealer and month; the one that there is, where somebody has begun it."""
    plan = services.media_plans.open(
        told.dealer,
        read_month(told.month),
        author=viewer.name,
        currency=services.settings.currency,
        seen=viewer.seen,
    )
    return _told(services, viewer, plan)


@router.get("/items", dependencies=[Depends(may_read_own)])
def list_items(
    services: ServicesOf,
    viewer: ViewerOf,
    month: str = "",
    dealer: str = "",
    form: _FORM = ExportFormat.JSON,
) -> Response:
    """The items of all media plans of a month."""
    of = asked_month(month, services.today)
    found = overview_of(services, viewer.seen, of, dealer)
    return answered(items_report(of, found, {"dealer": dealer}), form, services.settings)


@router.get("/waiting", dependencies=[Depends(may_read_of_dealers)])
def list_waiting(services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """What waits for a decision, to be laid out, or to be looked at, the most urgent first."""
    overview = overview_of(services, viewer.seen, asked_month("", services.today))
    with services.database.connect() as connection:
        found = waiting(connection, services.today, seen=viewer.seen, overview=overview)
    items = [
        {
            "kind": each.kind,
            "title": each.title,
            "link": each.link,
            "due": each.due.isoformat() if each.due else None,
            "who": each.who,
            "dealer": each.dealer,
        }
        for each in found
    ]
    return {"items": items, "total": len(items), "next": None}


@router.get("/{key}", dependencies=[Depends(may_read_own)])
def tell_media_plan(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """A media plan with its items, and how each stands."""
    return progress_of_plan(services, viewer.seen, key).as_dict()


@router.put("/{key}/items", dependencies=[Depends(may_plan)])
def put_items(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ItemsBody) -> dict[str, Any]:
    """All items in place of those before; what is wrong with one changes nothing."""
    items = [each.as_item(place) for place, each in enumerate(told.items)]
    plan = services.media_plans.put(
        key, items, based_on=told.based_on, author=viewer.name, why=told.why, seen=viewer.seen
    )
    return _told(services, viewer, plan)


@router.post("/{key}/layout", dependencies=[Depends(may_plan)])
def lay_out_budget(services: ServicesOf, viewer: ViewerOf, key: RowId, told: LayOutBody) -> dict[str, Any]:
    """The approved budget over the items: by spend of the last three months, CPL, evenly, or by own weights."""
    plan = laid_out(services, viewer, key, told.by, dict(enumerate(told.weights)), told.based_on)
    return _told(services, viewer, plan)


@router.post("/{key}/submit", dependencies=[Depends(may_plan)])
def submit(services: ServicesOf, viewer: ViewerOf, key: RowId, told: StepBody) -> dict[str, Any]:
    """Ask for approval."""
    return _stepped(services, viewer, key, Step.SUBMIT, told)


@router.post("/{key}/approve", dependencies=[Depends(may_plan)])
def approve(services: ServicesOf, viewer: ViewerOf, key: RowId, told: StepBody) -> dict[str, Any]:
    """Approve what was submitted; the director does."""
    return _stepped(services, viewer, key, Step.APPROVE, told)


@router.post("/{key}/return", dependencies=[Depends(may_plan)])
def send_back(services: ServicesOf, viewer: ViewerOf, key: RowId, told: StepBody) -> dict[str, Any]:
    """Send back what was submitted, and say why; the director does."""
    return _stepped(services, viewer, key, Step.RETURN, told)


@router.post("/{key}/reopen", dependencies=[Depends(may_plan)])
def reopen(services: ServicesOf, viewer: ViewerOf, key: RowId, told: StepBody) -> dict[str, Any]:
    """Make an approved plan a draft again, and say why."""
    return _stepped(services, viewer, key, Step.REOPEN, told)


@router.get("/{key}/actuals", dependencies=[Depends(may_read_own)])
def tell_actuals(services: ServicesOf, viewer: ViewerOf, key: RowId, item: RowId | None = None) -> dict[str, Any]:
    """What was planned and spent, and what it brought, day by day; of the whole plan or of one item."""
    progress = progress_of_plan(services, viewer.seen, key)
    days = [each.as_dict() for each in curve_of(progress, item)]
    return {"items": days, "total": len(days), "next": None, "spent_upto": progress.as_dict()["spent_upto"]}


@router.get("/{key}/changes", dependencies=[Depends(may_read_of_dealers)])
def list_changes(services: ServicesOf, viewer: ViewerOf, key: RowId) -> dict[str, Any]:
    """Who changed the plan when and why, the newest first."""
    services.media_plans.get(key, seen=viewer.seen)
    items = [each.as_dict() for each in services.media_plans.changes(key)]
    return {"items": items, "total": len(items), "next": None}


def _stepped(services: Services, viewer: Viewer, key: int, step: Step, told: StepBody) -> dict[str, Any]:
    check_may_step(viewer, step)
    plan = services.media_plans.step(
        key, step, based_on=told.based_on, author=viewer.name, why=told.why, seen=viewer.seen
    )
    return _told(services, viewer, plan)


def _told(services: Services, viewer: Viewer, plan: MediaPlan) -> dict[str, Any]:
    return progress_of_plan(services, viewer.seen, plan.id).as_dict()
