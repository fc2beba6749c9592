"""The OData feed, for Power BI, Excel and whatever else speaks OData 4.0."""

import re
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute

from api.auth import ServicesOf, ViewerOf, may_read_own
from api.bootstrap import Services
from api.errors import headers_of, status_of
from api.odata.documents import error_document, metadata, page_document, service_document
from api.odata.options import MOST_ROWS, FeedOptions, options_told, read_options
from api.viewer import Viewer
from attribution.feed.entities import ENTITY_SETS, EntitySet
from attribution.feed.pages import PageQuestion
from attribution.feed.reading import count_rows as count_matching
from attribution.feed.reading import read_page
from infra.errors import ClosedLoopError, InvalidInput, NotFound

_JSON = "application/json;odata.metadata=minimal"
_VERSION = {"OData-Version": "4.0"}
_PAGE_SIZE = re.compile(r"(?:odata\.)?maxpagesize\s*=\s*(\d{1,9})")
_ASKING = {401: {"WWW-Authenticate": 'Basic realm="Closed Loop"'}}

_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class FeedRoute(APIRoute):
    """Errors in OData's shape, of which a wrong option is 400; its version on every answer."""

    def get_route_handler(self) -> _Handler:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                answer = await handle(request)
            except ClosedLoopError as error:
                answer = _told(error)
            answer.headers.update(_VERSION)
            return answer

        return handled


router = APIRouter(prefix="/odata", dependencies=[Depends(may_read_own)], route_class=FeedRoute)


def _entity_set(entity_set: Annotated[str, Path()]) -> EntitySet:
    if entity_set not in ENTITY_SETS:
        raise NotFound(
            f"There is no entity set {entity_set!r}.",
            where="entity_set",
            help=f"The entity sets are {', '.join(ENTITY_SETS)}.",
        )
    return ENTITY_SETS[entity_set]


EntitySetOf = Annotated[EntitySet, Depends(_entity_set)]


def _options(
    request: Request,
    entity_set: EntitySetOf,
    select: Annotated[str, Query(alias="$select")] = "",
    filter: Annotated[str, Query(alias="$filter")] = "",  # noqa: A002
    orderby: Annotated[str, Query(alias="$orderby")] = "",
    top: Annotated[str, Query(alias="$top")] = "",
    skip: Annotated[str, Query(alias="$skip")] = "",
    count: Annotated[str, Query(alias="$count")] = "",
    skiptoken: Annotated[str, Query(alias="$skiptoken")] = "",
    form: Annotated[str, Query(alias="$format")] = "",
    model: str = "",
    calendar: str = "",
) -> FeedOptions:
    """The parameters are named for the description of the API; they are read from the address as it stands."""
    return read_options(request.url.query, entity_set, _page_rows(request))


OptionsOf = Annotated[FeedOptions, Depends(_options)]


@router.get("/")
def list_entity_sets(request: Request, services: ServicesOf) -> Response:
    options_told(request.url.query)
    return JSONResponse(service_document(_root(request, services)), media_type=_JSON)


@router.get("/$metadata")
def describe_entities() -> Response:
    return Response(metadata(), media_type="application/xml")


@router.get("/{entity_set}")
def list_rows(request: Request, services: ServicesOf, viewer: ViewerOf, options: OptionsOf) -> Response:
    """One page; `@odata.nextLink` asks for the next."""
    page = read_page(services.warehouse, services.database, options.question, seen=viewer.seen)
    count = _count(services, viewer, replace(options.question, run=page.run)) if options.counts else None
    document = page_document(_root(request, services), options, page, count)
    rows = _page_rows(request)
    applied = {"Preference-Applied": f"odata.maxpagesize={rows}"} if rows else {}
    return Response(document, media_type=_JSON, headers=applied)


@router.get("/{entity_set}/$count")
def count_rows(services: ServicesOf, viewer: ViewerOf, options: OptionsOf) -> Response:
    return Response(str(_count(services, viewer, options.question)), media_type="text/plain")


def _count(services: Services, viewer: Viewer, question: PageQuestion) -> int:
    return count_matching(services.warehouse, services.database, question, seen=viewer.seen)


def _page_rows(request: Request) -> int | None:
    found = _PAGE_SIZE.search(request.headers.get("prefer", ""))
    return min(max(int(found[1]), 1), MOST_ROWS) if found else None


def _root(request: Request, services: Services) -> str:
    base = services.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}/odata/"


def _told(error: ClosedLoopError) -> JSONResponse:
    status = status_of(error)
    if isinstance(error, InvalidInput) and status == 422:
        status = 400
    return JSONResponse(error_document(error), status, headers_of(status) | _ASKING.get(status, {}), media_type=_JSON)
