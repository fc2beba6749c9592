"""Benchmarks: what is published, what users entered of competitors, and our own beside it."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from api.answered import answered
from api.auth import Needs, ServicesOf, ViewerOf, may_read_of_dealers
from api.benchmarks_view import benchmarks_answer, benchmarks_view, read_figure
from api.errors import status_of
from api.exports import ExportFormat
from api.forms import ToldForm, number_of, text_of
from api.plan_bodies import Told
from api.rendering import PageRoute, show
from api.row_ids import LARGEST_ID, RowId
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from planning.benchmarks.figures import BusinessModel, ToldFigure
from planning.benchmarks.register import add_figure, change_figure, remove_figure

may_enter = Needs(Right.PLANS)
router = APIRouter(prefix="/api/benchmarks", dependencies=[Depends(may_read_of_dealers)])
pages = APIRouter(
    prefix="/benchmarks", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read_of_dealers)]
)
Revision = Annotated[int, Field(strict=True, ge=1)]
Amount = Annotated[Decimal, Field(max_digits=15, decimal_places=2, allow_inf_nan=False)]
_PAGE = "benchmarks/page.html"


class FigureBody(Told):
    """A share between 0 and 1 of a stage, or an amount of one car, with `amount_to` where it is a range."""

    who: Annotated[str, Field(min_length=1, max_length=200)]
    model: BusinessModel
    figure: Annotated[str, Field(max_length=40)]
    source: Annotated[str, Field(min_length=1, max_length=2000)]
    dated: Annotated[str, Field(max_length=10)]
    share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    amount: Amount | None = None
    amount_to: Amount | None = None
    currency: Annotated[str, Field(max_length=3)] = ""
    notes: Annotated[str, Field(max_length=2000)] = ""

    def told(self) -> ToldFigure:
        amounts = {name: _units(getattr(self, name)) for name in ("amount", "amount_to")}
        return ToldFigure(**self.model_dump() | amounts)


def _units(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


@router.get("")
def tell_benchmarks(
    services: ServicesOf,
    viewer: ViewerOf,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """Every figure with its source and date, and our own beside it: better or worse beyond the interval."""
    return answered(benchmarks_answer(services, viewer.seen), form, services.settings)


@router.post("", status_code=201, dependencies=[Depends(may_enter)])
def add(services: ServicesOf, viewer: ViewerOf, told: FigureBody) -> dict[str, Any]:
    """Enter a figure."""
    today = services.today
    return add_figure(services.database, services.clock, told.told(), today, author=viewer.name).as_dict()


@router.put("/{key}", dependencies=[Depends(may_enter)])
def change(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    figure: Annotated[FigureBody, Body()],
    based_on: Annotated[Revision, Body()],
) -> dict[str, Any]:
    """Change a figure that was entered."""
    told, today = figure.told(), services.today
    made = change_figure(services.database, services.clock, key, told, today, based_on=based_on, author=viewer.name)
    return made.as_dict()


@router.delete("/{key}", status_code=204, dependencies=[Depends(may_enter)])
def remove(
    services: ServicesOf, viewer: ViewerOf, key: RowId, based_on: Annotated[int, Query(ge=1, le=LARGEST_ID)]
) -> None:
    """Take a figure out that was entered."""
    remove_figure(services.database, services.clock, key, based_on=based_on, author=viewer.name)


@pages.get("", response_class=HTMLResponse)
def benchmarks_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """Funnels side by side."""
    return show(request, _PAGE, benchmarks_view(services, viewer) | {"done": done})


@pages.post("", response_class=HTMLResponse, dependencies=[Depends(may_enter)])
def enter_on_page(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Enter a figure, or take one out."""
    key = number_of(form, "key")
    try:
        if key:
            based_on = number_of(form, "revision")
            remove_figure(services.database, services.clock, key, based_on=based_on, author=viewer.name)
        else:
            told = read_figure(form)
            add_figure(services.database, services.clock, told, services.today, author=viewer.name)
    except ClosedLoopError as error:
        filled = {name: text_of(form, name) for name in form}
        view = benchmarks_view(services, viewer, {} if key else filled) | {"error": error}
        return show(request, _PAGE, view, status_of(error))
    return RedirectResponse("/benchmarks?done=kept", 303)
