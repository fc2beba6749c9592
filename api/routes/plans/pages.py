"""The pages of plans: all of them, one as a table that is edited in place, two versions, and plan against fact."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.plan_addresses import PlanId
from api.plan_changes import PlanForm, change_plan
from api.plan_fact_view import fact_view
from api.plan_grid import GridAsked, grid_view
from api.plan_view import address_of, chosen_version, compared_view, plans_view
from api.rendering import PageRoute, show
from infra.errors import ClosedLoopError, InvalidInput
from planning.measures import planned_measure

router = APIRouter(
    prefix="/plans", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)]
)


@router.get("", response_class=HTMLResponse)
def plans_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """Every plan, and how a new one begins."""
    return show(request, "plans/page.html", plans_view(services, viewer))


@router.post("", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def create_plan(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """A plan with its first draft."""
    try:
        version = services.plans.create(
            text_of(form, "name"),
            number_of(form, "year"),
            month=number_of(form, "month") or None,
            currency=text_of(form, "currency") or services.settings.currency,
            author=viewer.name,
            based_on=number_of(form, "based_on") or None,
        )
    except InvalidInput as error:
        return show(request, "plans/page.html", plans_view(services, viewer) | {"error": error, "told": form}, 422)
    return RedirectResponse(f"/plans/{version.plan}", 303)


def read_asked(
    measure: str = "sales", holding: str = "", brand: str = "", dealer: str = "", locks: str = ""
) -> GridAsked:
    """What the table shows. Raises `InvalidInput`."""
    return GridAsked(planned_measure(measure), holding, brand, dealer, bool(locks))


AskedOf = Annotated[GridAsked, Depends(read_asked)]


@router.get("/{plan}", response_class=HTMLResponse)
def plan_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    asked: AskedOf,
    version: int | None = None,
    done: str = "",
) -> Response:
    """A measure of a version over the months, at the level below a place."""
    view = grid_view(services, viewer, *chosen_version(services, plan, version), asked)
    return show(request, "plans/plan.html", view | {"done": done})


@router.post("/{plan}", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def edit_plan(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    asked: AskedOf,
    form: ToldForm,
    version: int | None = None,
) -> Response:
    """Whatever the button says: keep numbers or locks, share a total out, or take the newest change back."""
    found, versions, chosen = chosen_version(services, plan, version)
    view = grid_view(services, viewer, found, versions, chosen, asked)
    try:
        done = change_plan(PlanForm(services, viewer, found, chosen, asked, form), view["rows"])
    except ClosedLoopError as error:
        view = grid_view(services, viewer, *chosen_version(services, plan, version), asked)
        return show(request, "plans/plan.html", view | {"error": error, "told": form}, status_of(error))
    return RedirectResponse(f"{view['page']}&done={done}", 303)


@router.post("/{plan}/versions", dependencies=[Depends(may_change_rules)])
def draft_version(services: ServicesOf, viewer: ViewerOf, plan: PlanId, form: ToldForm) -> Response:
    """A new draft with the lines of a version."""
    made = services.plans.new_version(
        plan, author=viewer.name, why=text_of(form, "why"), based_on=number_of(form, "based_on") or None
    )
    return RedirectResponse(address_of(plan, version=made.number), 303)


@router.get("/{plan}/compare", response_class=HTMLResponse)
def compare_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    earlier: Annotated[int | None, Query(alias="from")] = None,
    later: Annotated[int | None, Query(alias="to")] = None,
    measure: str = "",
) -> Response:
    """Two versions, cell by cell."""
    return show(request, "plans/compare.html", compared_view(services, viewer, plan, earlier, later, measure))


@router.get("/{plan}/fact", response_class=HTMLResponse)
def fact_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    plan: PlanId,
    by: str = "",
    measure: str = "sales",
    version: int | None = None,
    upto: int | None = None,
) -> Response:
    """Plan against fact at a level."""
    return show(request, "plans/fact.html", fact_view(services, viewer, plan, version, by, measure, upto))
