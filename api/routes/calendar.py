"""The feed of deadlines: whoever knows its secret address reads it, as calendars do."""

from dataclasses import replace
from urllib.parse import urlsplit

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import ServicesOf
from api.language import gettext as _
from api.language import speaking
from api.told import told
from infra.access.rights import Right
from infra.errors import NotFound
from planning.approval.calendar import calendar_of, deadlines_of
from planning.approval.delegations import actor_of
from planning.approval.people import person_of
from planning.dimensions import known_network

router = APIRouter(include_in_schema=False)


@router.get("/calendar/{token}.ics")
def tell_deadlines(services: ServicesOf, token: str) -> Response:
    """In the language of whoever it belongs to; nobody else's deadlines."""
    email = services.calendar_feeds.whose(token)
    user = services.users.by_email(email) if email else None
    if user is None or not user.is_active or Right.PLANS not in user.role.rights:
        raise NotFound("There is no such calendar.", help="Make a new address on the page of your account.")
    with services.database.connect() as connection:
        network = known_network(connection)
        actor = actor_of(connection, person_of(user, network), network, services.today)
        deadlines = deadlines_of(connection, actor)
    address = services.environment.address
    with speaking(user.language or "en"):
        name = _("Deadlines of plans")
        deadlines = [replace(each, stage=told(each.stage), instruction=told(each.instruction)) for each in deadlines]
    feed = calendar_of(
        deadlines, name=name, address=address, host=urlsplit(address).hostname or "closedloop", now=services.clock.now()
    )
    return Response(feed, media_type="text/calendar; charset=utf-8", headers={"Cache-Control": "private, max-age=300"})
