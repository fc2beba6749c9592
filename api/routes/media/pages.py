"""The pages of media plans: a month of all dealers, one dealer's plan, and the rules."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_plan, may_read_of_dealers, may_read_own
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.media.item_form import item_columns, new_cells, read_cells
from api.media.overview_view import month_view
from api.media.plan_actions import act_of
from api.media.plan_view import plan_view
from api.media.rules_view import read_draft, rule_columns, rules_told, rules_view
from api.media.spent import asked_month
from api.rendering import PageRoute, show
from api.table_forms import is_rearranging, rearranged
from infra.errors import Conflict, InvalidInput, NotPermitted
from planning.media.months import read_month
from planning.media.rules import put_rules
from planning.media.waiting import address_of

router = APIRouter(prefix="/media-plans", include_in_schema=False, route_class=PageRoute)
_PLAN, _RULES = "media/plan.html", "media/rules.html"


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_read_own)])
def month_page(request: Request, services: ServicesOf, viewer: ViewerOf, month: str = "") -> Response:
    """Every dealer of a month."""
    return show(request, "media/month.html", month_view(services, viewer, asked_month(month, services.today)))


@router.get("/rules", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def rules_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Thresholds of warnings, and which money moves without approval."""
    return show(request, _RULES, rules_view(services, viewer, done=bool(done)))


@router.post("/rules", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def edit_rules(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Whatever the button says: change the table, or keep it."""
    action, based_on = text_of(form, "do"), number_of(form, "based_on")
    percents, lines = read_draft(form)
    if is_rearranging(action):
        lines = rearranged(lines, rule_columns(), action)
        return show(request, _RULES, rules_view(services, viewer, percents=percents, lines=lines, based_on=based_on))
    try:
        told = rules_told(percents, lines)
        put_rules(services.database, told, services.clock, based_on=based_on, author=viewer.name)
    except (InvalidInput, Conflict) as error:
        view = rules_view(services, viewer, percents=percents, lines=lines, based_on=based_on, error=error)
        return show(request, _RULES, view, status_of(error))
    return RedirectResponse("/media-plans/rules?done=kept", 303)


@router.get("/{dealer:path}/{month}", response_class=HTMLResponse, dependencies=[Depends(may_read_own)])
def plan_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, dealer: str, month: str, done: str = ""
) -> Response:
    """One dealer's media plan: items, spend beside them, forecast, orders, and what changed."""
    return show(request, _PLAN, plan_view(services, viewer, dealer, read_month(month), done=done))


@router.post("/{dealer:path}/{month}", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_plan(
    request: Request, services: ServicesOf, viewer: ViewerOf, dealer: str, month: str, form: ToldForm
) -> Response:
    """Whatever the button says."""
    of, action = read_month(month), text_of(form, "do")
    if action == "open":
        services.media_plans.open(dealer, of, author=viewer.name, currency=services.settings.currency, seen=viewer.seen)
        return RedirectResponse(address_of(dealer, of), 303)
    if is_rearranging(action):
        lines = rearranged(read_cells(form), item_columns(), action)
        lines = [cells if any(cells.values()) else new_cells(of) for cells in lines]
        return show(
            request, _PLAN, plan_view(services, viewer, dealer, of, lines=lines, based_on=number_of(form, "based_on"))
        )
    plan = services.media_plans.find(dealer, of, seen=viewer.seen)
    at, act = act_of(action)
    try:
        if plan is None:
            raise Conflict("Nobody has begun this media plan.", where="plan", help="Begin it first.")
        done = act(services, viewer, plan, form)
    except (InvalidInput, Conflict, NotPermitted) as error:
        told = {name: text_of(form, name) for name in form}
        kept = read_cells(form) if at == "items" else None
        based_on = number_of(form, "based_on") if kept is not None else None
        view = plan_view(services, viewer, dealer, of, lines=kept, error=error, at=at, told=told, based_on=based_on)
        return show(request, _PLAN, view, status_of(error))
    return RedirectResponse(f"{address_of(dealer, of)}?done={done}", 303)
