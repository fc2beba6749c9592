"""The pages of the inbox: what waits, agreed to together, and who decides in whose place."""

from datetime import date

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from api.absences_view import absences_view
from api.auth import ServicesOf, ViewerOf, may_plan, may_work
from api.errors import status_of
from api.forms import ToldForm, text_of, texts_of
from api.inbox_view import inbox_view
from api.language import gettext as _
from api.planning_people import person_deciding
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from infra.errors import ClosedLoopError, InvalidInput
from planning.approval.office import Wanted

router = APIRouter(prefix="/inbox", include_in_schema=False, route_class=PageRoute)


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_work)])
def inbox_page(request: Request, services: ServicesOf, viewer: ViewerOf, agreed: int = 0) -> Response:
    """What waits for whoever looks."""
    return show(request, "inbox/page.html", inbox_view(services, viewer) | {"agreed": agreed})


@router.post("", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def agree_to_chosen(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Agree to what is ticked, each by itself; what was refused is told with its reason."""
    person = person_deciding(services, viewer)
    wanted = [_read_wanted(each) for each in texts_of(form, "wanted")]
    outcomes = services.approvals.agree_to_many(wanted, person=person)
    refused = [each.refused for each in outcomes if each.refused is not None]
    agreed = len(outcomes) - len(refused)
    if not refused:
        return RedirectResponse(f"/inbox?agreed={agreed}", 303)
    view = inbox_view(services, viewer) | {"agreed": agreed, "refused": refused}
    return show(request, "inbox/page.html", view, status_of(refused[0]))


@router.get("/absences", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def absences_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Who is absent, and who decides for them."""
    said = {"entered": _("It is entered; on these days the deputy decides."), "ended": _("It is ended.")}.get(done, "")
    return show(request, "inbox/absences.html", absences_view(services, viewer) | {"done": said})


@router.post("/absences", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def enter_absence(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """What is wrong stands above the form."""
    person = person_deciding(services, viewer)
    try:
        services.delegations.add(
            text_of(form, "absent") or person.name,
            text_of(form, "deputy"),
            _day(form, "from"),
            _day(form, "to"),
            person=person,
            today=services.today,
        )
    except ClosedLoopError as error:
        view = absences_view(services, viewer) | {"error": error, "told": form}
        return show(request, "inbox/absences.html", view, status_of(error))
    return RedirectResponse("/inbox/absences?done=entered", 303)


@router.post("/absences/{key}/end", dependencies=[Depends(may_plan)])
def end_absence(services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """The deputy decides no more."""
    services.delegations.end(key, person=person_deciding(services, viewer))
    return RedirectResponse("/inbox/absences?done=ended", 303)


def _read_wanted(told: str) -> Wanted:
    """Of a box that we filled. Raises `InvalidInput` where it holds anything else."""
    key, _colon, revision = told.partition(":")
    if not (key.isdecimal() and revision.isdecimal() and len(key) < 10 and len(revision) < 10):
        raise InvalidInput("The form names an approval that cannot be.", where="wanted", help="Load the page again.")
    return Wanted(min(int(key), LARGEST_ID), int(revision))


def _day(form: FormData, name: str) -> date:
    told = text_of(form, name)
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise InvalidInput(f"{told!r} is no day.", where=name, help="Write it as 2027-01-31.") from None
