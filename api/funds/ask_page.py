"""What the form of an activity shows: a new one, or one that is asked for again."""

from typing import Any

from sqlalchemy import select

from api.bootstrap import Services
from api.funds.forms import Filled
from api.funds.words import written_units
from api.viewer import Viewer
from attribution.reference import contractors
from planning.funds.activity import find_activity
from planning.funds.balances import balances
from planning.funds.dealers import fund_dealers
from planning.funds.programme_register import find_programme, list_programmes
from planning.funds.states import Act, check_way
from planning.money import amount_of


def new_activity_view(services: Services, viewer: Viewer, filled: Filled) -> dict[str, Any]:
    desk = services.desk
    with desk.engine.connect() as connection:
        programmes = [each for each in list_programmes(connection) if not each.told.is_closed]
        found = balances(connection, desk, viewer.seen)
        known = {each.dealer.id for each in found}
        return {
            "programmes": programmes,
            "dealers": [each for each in fund_dealers(connection, viewer.seen) if each.id in known],
            "contractors": _contractors(connection),
            "balances": [
                (each.dealer.title, each.programme, written_units(each.total.available))
                for each in found
                if not each.programme.told.is_closed
            ],
            "filled": filled,
            "activity": None,
            "action": "/funds/activities/new",
        }


def changed_activity_view(services: Services, viewer: Viewer, key: int, filled: Filled | None = None) -> dict[str, Any]:
    """Raises `NotFound`, and `InvalidInput` where nothing can be changed any more."""
    with services.database.connect() as connection:
        activity = find_activity(connection, key, viewer.seen)
        check_way(activity.state, Act.ASK, "")
        return {
            "programmes": [find_programme(connection, activity.programme)],
            "dealers": [each for each in fund_dealers(connection, viewer.seen) if each.id == activity.dealer],
            "contractors": _contractors(connection),
            "balances": [],
            "filled": filled or Filled({
                "programme": str(activity.programme), "dealer": activity.dealer, "title": activity.title,
                "description": activity.description, "channel": activity.channel, "contractor": activity.contractor,
                "first_day": activity.first_day.isoformat(), "last_day": activity.last_day.isoformat(),
                "cost": str(amount_of(activity.cost)), "share": str(activity.share),
            }),
            "activity": activity,
            "action": f"/funds/activities/{key}/edit",
        }  # fmt: skip


def _contractors(connection: Any) -> list[tuple[str, str]]:
    its = contractors.c
    return [(row.id, row.name or row.id) for row in connection.execute(select(its.id, its.name).order_by(its.name))]
