"""The pages of measures, dimensions, noise rules, and what comes from the environment."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.definitions_view import definitions_view, environment_view, noise_rules_view
from api.dimension_form import body_of, drafted_in
from api.forms import ToldForm, text_of
from api.rendering import PageRoute, show
from attribution.defining import read_dimension, read_measure
from attribution.definitions import Kind
from attribution.noise.rule_sets import change_noise_rules, read_noise_rules
from infra.errors import InvalidInput

router = APIRouter(prefix="/settings", include_in_schema=False, route_class=PageRoute, dependencies=[Depends(may_read)])
Name = Annotated[str, Path(max_length=60)]


@router.get("/measures", response_class=HTMLResponse)
def measures_page(request: Request, services: ServicesOf, viewer: ViewerOf, name: str = "", done: str = "") -> Response:
    """Measures that users defined; one of them in the form."""
    view = definitions_view(services, viewer, Kind.MEASURE, name=name, done=done)
    return show(request, "settings/measures.html", view)


@router.post("/measures", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def keep_measure(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Define a measure, or a new version of it."""
    told = {each: text_of(form, each) for each in ("name", "title", "unit", "formula")}
    try:
        body = {each: told[each] for each in ("title", "unit", "formula") if told[each]}
        services.definitions.keep_measure(told["name"], read_measure(body), author=viewer.name)
    except InvalidInput as error:
        view = definitions_view(services, viewer, Kind.MEASURE, told=told, error=error)
        return show(request, "settings/measures.html", view, 422)
    return RedirectResponse("/settings/measures?done=kept", 303)


@router.post("/measures/{name}/remove", dependencies=[Depends(may_change_rules)])
def remove_measure(services: ServicesOf, viewer: ViewerOf, name: Name) -> Response:
    """Its versions stay in the log."""
    services.definitions.remove(Kind.MEASURE, name, author=viewer.name)
    return RedirectResponse("/settings/measures?done=removed", 303)


@router.get("/dimensions", response_class=HTMLResponse)
def dimensions_page(
    request: Request, services: ServicesOf, viewer: ViewerOf, name: str = "", done: str = ""
) -> Response:
    """Dimensions that users defined; one of them in the form."""
    view = definitions_view(services, viewer, Kind.DIMENSION, name=name, done=done)
    return show(request, "settings/dimensions.html", view)


@router.post("/dimensions", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def keep_dimension(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """Define a dimension, or a new version of it: by the table, whose buttons change it, or as JSON."""
    told = {each: text_of(form, each) for each in ("name", "body")}
    draft = None if told["body"] else drafted_in(form)
    error: InvalidInput | None = None
    if draft is None or text_of(form, "do") == "keep":
        try:
            body = _object(told["body"]) if draft is None else body_of(draft)
            services.definitions.keep_dimension(told["name"], read_dimension(body), author=viewer.name)
        except InvalidInput as wrong:
            error = wrong
        else:
            return RedirectResponse("/settings/dimensions?done=kept", 303)
    view = definitions_view(services, viewer, Kind.DIMENSION, told=told, draft=draft, error=error)
    return show(request, "settings/dimensions.html", view, 422 if error else 200)


@router.post("/dimensions/{name}/remove", dependencies=[Depends(may_change_rules)])
def remove_dimension(services: ServicesOf, viewer: ViewerOf, name: Name) -> Response:
    """Its versions stay in the log."""
    services.definitions.remove(Kind.DIMENSION, name, author=viewer.name)
    return RedirectResponse("/settings/dimensions?done=removed", 303)


@router.get("/noise", response_class=HTMLResponse)
def noise_page(request: Request, services: ServicesOf, viewer: ViewerOf, done: str = "") -> Response:
    """What becomes of each kind of noise."""
    return show(request, "settings/noise.html", noise_rules_view(services, viewer, done=done))


@router.post("/noise", response_class=HTMLResponse, dependencies=[Depends(may_change_rules)])
def keep_noise_rules(request: Request, services: ServicesOf, viewer: ViewerOf, form: ToldForm) -> Response:
    """The rules hold from the next run on."""
    told = [
        {each: text_of(form, f"{reason}-{each}") for each in ("action", "most", "seconds")} | {"reason": str(reason)}
        for reason in form.getlist("reason")
    ]
    try:
        change_noise_rules(
            services.database,
            read_noise_rules([_rule(each) for each in told]),
            author=viewer.name,
            clock=services.clock,
        )
    except InvalidInput as error:
        return show(request, "settings/noise.html", noise_rules_view(services, viewer, error=error, told=told), 422)
    return RedirectResponse("/settings/noise?done=kept", 303)


@router.get("/environment", response_class=HTMLResponse)
def environment_page(request: Request, services: ServicesOf, viewer: ViewerOf) -> Response:
    """What is set where the service is started."""
    return show(request, "settings/environment.html", environment_view(services, viewer))


def _rule(told: Mapping[str, str]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value}


def _object(text: str) -> Any:
    """Raises `InvalidInput`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(
            f"This is no JSON: {error}.", where="body", help="Take the example below the form, and change it."
        ) from None
