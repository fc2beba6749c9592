"""The pages of recommendations: asking, one with its picture, and applying it."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.errors import status_of
from api.forms import ToldForm, text_of
from api.recommend.asking import ask
from api.recommend.form import asking_view, read_question
from api.recommend.view import recommendation_view
from api.rendering import PageRoute, show
from api.row_ids import RowId
from infra.errors import Conflict, InvalidInput
from planning.media.months import read_month

router = APIRouter(prefix="/recommendations", include_in_schema=False, route_class=PageRoute)
_ASKING, _ONE = "recommend/asking.html", "recommend/one.html"


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def asking_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """The form, those that there are, and what came of them."""
    return show(request, _ASKING, asking_view(services, viewer))


@router.post("", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def ask_for_one(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """A new recommendation, or what is wrong with the question."""
    try:
        found = ask(services, viewer, read_question(form), within_stock=bool(text_of(form, "within_stock")))
    except InvalidInput as error:
        return show(request, _ASKING, asking_view(services, viewer, form, error), status_of(error))
    return RedirectResponse(f"/recommendations/{found.id}", 303)


@router.get("/{key}", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def recommendation_page(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId) -> Response:
    """One recommendation."""
    told = services.recommendations.get(key, seen=viewer.seen)
    return show(request, _ONE, recommendation_view(services, viewer, told))


@router.post("/{key}/apply", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def apply_one(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Into the month's plan, whose draft is shown then; or why not."""
    told = services.recommendations.get(key, seen=viewer.seen)
    month = text_of(form, "month")
    try:
        use = services.recommendation_uses.apply(
            key,
            read_month(month),
            author=viewer.name,
            today=services.today,
            replaces=bool(text_of(form, "replaces")),
            seen=viewer.seen,
        )
    except (InvalidInput, Conflict) as error:
        shown = month if month in {str(each) for each in told.months} else ""
        view = recommendation_view(services, viewer, told, error=error, month=shown)
        return show(request, _ONE, view, status_of(error))
    return RedirectResponse(f"/plans/{use.plan}?version={use.number}&measure=budget", 303)
