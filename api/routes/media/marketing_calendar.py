"""The marketing calendar for programs: flights of media plans and events, as JSON and as iCalendar."""

from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.auth import ServicesOf, ViewerOf, may_plan, may_read_own
from api.bootstrap import Services
from api.media.bodies import ChangedEventBody, EventBody
from api.questions import read_day
from api.row_ids import RowId
from api.viewer import Viewer
from infra.errors import InvalidInput
from planning.calendar.entries import Entry, calendar_entries
from planning.calendar.ics import as_icalendar
from planning.dimensions import known_network

router = APIRouter(prefix="/api/media-plans")
_FIRST = Annotated[str, Query(alias="from")]
_LAST = Annotated[str, Query(alias="to")]
_MOST_DAYS = 3660


@router.get("/calendar", dependencies=[Depends(may_read_own)])
def tell_calendar(services: ServicesOf, viewer: ViewerOf, first: _FIRST = "", last: _LAST = "") -> dict[str, Any]:
    """Flights and events of which a day lies in the period; a year around today unless said."""
    items = [each.as_dict() for each in _entries(services, viewer, first, last)]
    return {"items": items, "total": len(items), "next": None}


@router.get("/calendar.ics", dependencies=[Depends(may_read_own)])
def tell_icalendar(services: ServicesOf, viewer: ViewerOf, first: _FIRST = "", last: _LAST = "") -> Response:
    """The same for calendar programs (iCalendar)."""
    with services.database.connect() as connection:
        names = {each.id: each.shown_name for each in known_network(connection).dealers}
    content = as_icalendar(
        _entries(services, viewer, first, last),
        services.clock.now(),
        host="closedloop",
        name="Closed Loop",
        dealer_names=names,
    )
    headers = {"Content-Disposition": 'attachment; filename="marketing-calendar.ics"'}
    return Response(content, media_type="text/calendar; charset=utf-8", headers=headers)


@router.post("/calendar", status_code=201, dependencies=[Depends(may_plan)])
def add_event(services: ServicesOf, viewer: ViewerOf, told: EventBody) -> dict[str, Any]:
    """Enter a promotion, a launch, an event or a deadline."""
    return services.calendar_events.add(told.as_event(), author=viewer.name, seen=viewer.seen).as_dict()


@router.put("/calendar/{key}", dependencies=[Depends(may_plan)])
def change_event(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ChangedEventBody) -> dict[str, Any]:
    """Change an event, all of it; `based_on` is the revision that was looked at."""
    event = services.calendar_events.change(
        key, told.as_event(), based_on=told.based_on, author=viewer.name, seen=viewer.seen
    )
    return event.as_dict()


@router.delete("/calendar/{key}", status_code=204, dependencies=[Depends(may_plan)])
def remove_event(services: ServicesOf, viewer: ViewerOf, key: RowId, based_on: RowId) -> None:
    """Remove an event; `based_on` is the revision that was looked at."""
    services.calendar_events.remove(key, based_on=based_on, author=viewer.name, seen=viewer.seen)


def _entries(services: Services, viewer: Viewer, first: str, last: str) -> list[Entry]:
    begun, ended = _period(first, last, services.today)
    return list(calendar_entries(services.database, services.calendar_events, begun, ended, seen=viewer.seen))


def _period(first: str, last: str, today: date) -> tuple[date, date]:
    begun = read_day(first, "from") if first else today - timedelta(days=92)
    ended = read_day(last, "to") if last else max(begun, today) + timedelta(days=366)
    if ended < begun:
        raise InvalidInput("The period ends before it begins.", where="to", help="Correct the days.")
    if (ended - begun).days > _MOST_DAYS:
        raise InvalidInput("That is more than ten years.", where="from", help="Ask for a shorter period.")
    return begun, ended
