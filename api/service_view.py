"""Expected service visits beside a plan."""

from collections.abc import Collection
from typing import Any

from api.bootstrap import Services
from api.language import gettext as _
from api.numbers import written_in
from api.viewer import Viewer
from attribution.units import Unit
from attribution.visibility import Visibility
from infra.errors import InvalidInput, NotReady
from planning.after_sales import ServiceOutlook, explained, service_outlook
from planning.dimensions import known_network
from planning.directions import known_directions
from planning.forecast.forecasting import LONGEST
from planning.plans import PlanVersion
from planning.service_plan import known_assumptions, planned_requests, service_direction
from planning.service_requests import FORECAST, LAST_YEAR, PLANNED


def outlook_for(services: Services, seen: Visibility, version: PlanVersion) -> ServiceOutlook:
    """Of the year of a version, whose own leads for service count where it plans some, else forecast ones.

    Raises `NotReady` where nothing was attributed yet, and `InvalidInput` where no direction is of service.
    """
    directions = known_directions(services.database)
    direction = service_direction(directions)
    plan = services.plans.get(version.plan)
    with services.database.connect() as connection:
        network = known_network(connection, seen)
        requests = planned_requests(connection, version.id, direction)
        assumptions = known_assumptions(connection)
    dealers = tuple(each.id for each in network.dealers)
    return service_outlook(
        services.warehouse,
        plan.year,
        services.today,
        directions,
        assumptions,
        dealers,
        services.settings.timezone,
        planned_requests=requests,
        forecast=services.outlook(LONGEST, seen),
        seen=seen,
    )


def service_rows(
    services: Services, viewer: Viewer, version: PlanVersion, dealers: Collection[str]
) -> list[dict[str, Any]]:
    """Of these dealers, as the page of a plan shows them; none where there is nothing to expect by."""
    try:
        outlook = outlook_for(services, viewer.seen, version)
    except (NotReady, InvalidInput):
        return []
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    units = {
        "requests": Unit.COUNT,
        "conversion": Unit.SHARE,
        "cars_due": Unit.COUNT,
        "return_share": Unit.SHARE,
        "others": Unit.COUNT,
    }
    sources = {PLANNED: _("as planned"), FORECAST: _("as forecast"), LAST_YEAR: _("as last year")}
    return [
        {
            "dealer": network.by_id[row["dealer"]].shown_name,
            "requests_of": sources[row["requests_of"]],
            **{name: written_in(unit, row[name]) for name, unit in units.items()},
            "visits": written_in(Unit.COUNT, round(row["visits"])),
            "interval": _("%(low)s to %(high)s")
            % {
                "low": written_in(Unit.COUNT, round(row["visits_low"])),
                "high": written_in(Unit.COUNT, round(row["visits_high"])),
            },
        }
        for row in explained(outlook)
        if row["dealer"] in dealers
    ]
