"""What happened, beside plans: asked of the newest run once, and kept with it."""

from datetime import date

from api.bootstrap import Services
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.errors import NotReady
from planning.dimensions import known_network
from planning.directions import Direction, known_directions
from planning.facts import Facts, days_of_year, facts_of_crm, facts_of_year, last_twelve_months
from planning.grid import Grid, empty_grid
from planning.sharing import known_capacities
from planning.splitting import Basis


def of_year(services: Services, year: int, seen: Visibility, *, by_channel: bool = False) -> Facts:
    """Those of the CRM, and those by file where it says nothing."""
    crm = _of_days(services, *days_of_year(year), seen, by_channel=by_channel)
    with services.database.connect() as connection:
        return facts_of_year(connection, year, crm, seen=seen)


def split_basis(services: Services, seen: Visibility, *, by_channel: bool = False) -> Basis:
    """The last twelve whole months, and capacities of dealers that are seen."""
    history = _of_days(services, *last_twelve_months(services.today), seen, by_channel=by_channel)
    with services.database.connect() as connection:
        places = known_network(connection, seen).by_id
        capacities = {key: units for key, units in known_capacities(connection).items() if key[0] in places}
    return Basis(history, capacities)


def _of_days(services: Services, first: date, last: date, seen: Visibility, *, by_channel: bool) -> Grid:
    warehouse, timezone = services.warehouse, services.settings.timezone
    directions: tuple[Direction, ...] = known_directions(services.database)
    try:
        run = newest_run(warehouse).number
    except NotReady:
        return empty_grid()
    return services.per_run.answer(
        run,
        ("plan facts", first, last, directions, by_channel, seen),
        lambda: facts_of_crm(warehouse, first, last, directions, timezone, by_channel=by_channel, seen=seen),
    )
