"""The page of the budget calculator, and that of its scenarios."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.bootstrap import Services
from api.calculator.asking import calculated, scoped
from api.calculator.form import read_form
from api.calculator.scenarios_view import scenarios_view
from api.calculator.view import calculator_view, effectiveness_view
from api.errors import status_of
from api.forms import ToldForm, number_of, text_of
from api.questions import read_choice
from api.rendering import PageRoute, show
from api.row_ids import RowId
from api.viewer import Viewer
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.calculator.effectiveness import By
from planning.calculator.laying_out import lay_out_scenario
from planning.calculator.question import CalculatorQuestion
from planning.media.waiting import address_of

router = APIRouter(prefix="/calculator", include_in_schema=False, route_class=PageRoute)
_PAGE = "calculator/scenarios.html"


@router.get("", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def calculator_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    by: str = "channel",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    part: str = "",
) -> Response:
    """Past effectiveness, the form, and the solution; the solution alone for the script of the page."""
    form = read_form(request.query_params)
    view = calculator_view(services, viewer, form)
    if part == "work":
        return show(request, "calculator/work.html", view)
    view |= effectiveness_view(services, viewer, form, read_choice(By, by, "by"), first, last)
    return show(
        request,
        "calculator/page.html",
        view,
        status_of(view["error"]) if view["error"] and view["has_history"] else 200,
    )


@router.get("/scenarios", response_class=HTMLResponse, dependencies=[Depends(may_read_of_dealers)])
def scenarios_page(
    request: Request,
    services: ServicesOf,
    viewer: ViewerOf,
    key: Annotated[list[int] | None, Query(alias="id")] = None,
    done: str = "",
) -> Response:
    """All scenarios, and those that are chosen beside each other."""
    return show(request, _PAGE, scenarios_view(services, viewer, key or [], done=done))


@router.post("/scenarios", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def keep_scenario(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Keep the question of the form, answered anew, under a name."""
    try:
        question = CalculatorQuestion.model_validate_json(text_of(form, "question"))
        found = calculated(services, scoped(services, viewer, question))
        made = services.scenarios.save(text_of(form, "name"), found.scoped.question, found.answer, author=viewer.name)
    except ValidationError:
        error = InvalidInput("The question cannot be read.", where="question", help="Load the calculator again.")
        return show(request, _PAGE, scenarios_view(services, viewer, [], error=error), 422)
    except (InvalidInput, NotFound) as wrong:
        return show(request, _PAGE, scenarios_view(services, viewer, [], error=wrong), status_of(wrong))
    return RedirectResponse(f"/calculator/scenarios?id={made.id}&done=kept", 303)


@router.post("/scenarios/{key}", response_class=HTMLResponse, dependencies=[Depends(may_plan)])
def change_scenario(request: Request, services: ServicesOf, viewer: ViewerOf, key: RowId, form: ToldForm) -> Response:
    """Rename it, find its answer anew, delete it, or lay it out, as the button says."""
    try:
        return RedirectResponse(_acted(services, viewer, key, form), 303)
    except (InvalidInput, NotFound, NotPermitted, Conflict) as error:
        view = scenarios_view(services, viewer, [key], error=error, failed=key)
        return show(request, _PAGE, view, status_of(error))


def _acted(services: Services, viewer: Viewer, key: int, form: ToldForm) -> str:
    """Where to go on."""
    scenario = services.scenarios.get(key, viewer=viewer.name, seen=viewer.seen)
    action, based_on = text_of(form, "do"), number_of(form, "revision")
    if action == "remove":
        services.scenarios.remove(key, based_on=based_on, author=viewer.name, seen=viewer.seen)
        return "/calculator/scenarios?done=removed"
    if action == "lay_out":
        done = lay_out_scenario(
            services.database,
            services.media_plans,
            scenario,
            author=viewer.name,
            currency=services.settings.currency,
            replaces=bool(text_of(form, "replaces")),
            seen=viewer.seen,
        )
        return f"{address_of(done.plan.dealer, done.plan.month)}?done=layout"
    question, answer = scenario.question, scenario.answer
    if action == "anew":
        found = calculated(services, scoped(services, viewer, question))
        question, answer = found.scoped.question, found.answer
    name = text_of(form, "name") or scenario.name
    services.scenarios.change(key, name, question, answer, based_on=based_on, author=viewer.name, seen=viewer.seen)
    return f"/calculator/scenarios?id={key}&done=kept"
