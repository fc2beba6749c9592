"""Putting expected service visits into a draft, and what people say of cars in operation."""

from collections.abc import Mapping

import numpy as np
from sqlalchemy import Connection, Engine, delete, insert, select

from attribution.visibility import EVERYTHING, Visibility
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput
from planning.after_sales import SERVICE_KINDS, ServiceAssumption, ServiceOutlook
from planning.dimensions import Network, known_network
from planning.directions import Direction
from planning.editing import Edited
from planning.grid import Grid, LineKey
from planning.lines import changed_cells, read_lines, write_lines
from planning.plans import hold_draft, note_edit, plan_with
from planning.split import Weights, share_out
from planning.splitting import open_cells
from planning.tables import service_assumptions

_MOST_CARS = 10**7
_LONGEST_INTERVAL = 120


def service_direction(directions: tuple[Direction, ...]) -> str:
    """The direction of service visits. Raises `InvalidInput` where none is."""
    found = next((each.id for each in directions if set(each.kinds) & set(SERVICE_KINDS)), "")
    if not found:
        raise InvalidInput(
            "No direction stands for service.",
            where="directions",
            help="Give one of the directions the kind `service`.",
        )
    return found


def planned_requests(connection: Connection, version: int, direction: str) -> dict[str, Weights]:
    """Leads that the version plans for service, by dealer; dealers without any are left out."""
    lines = read_lines(connection, version, measure="leads")
    found: dict[str, Weights] = {}
    for key, values in zip(lines.keys, lines.values.astype(float), strict=True):
        if key.direction == direction and values.any():
            found[key.dealer] = found.get(key.dealer, np.zeros(len(values))) + values
    return found


def plan_service_visits(
    engine: Engine,
    clock: Clock,
    version: int,
    outlook: ServiceOutlook,
    direction: str,
    *,
    author: str,
    seen: Visibility = EVERYTHING,
) -> Edited:
    """Write them into the draft, whole: each dealer's year is as expected, to one. Locked cells keep their numbers.

    Raises `NotFound` and `Conflict`.
    """
    with engine.begin() as connection:
        plan = plan_with(connection, hold_draft(connection, version).plan)
        network = known_network(connection, seen)
        before = read_lines(connection, version, measure="service_visits", seen=seen)
        after = _with_visits(before, outlook, direction, network, plan.year, plan.months)
        if not changed_cells(before, after).any():
            return Edited(0, 0)
        why = "requests × conversion + cars due × return share + others"
        edit = note_edit(connection, version, "service_visits", clock, author=author, why=why)
        return Edited(edit, write_lines(connection, version, edit, before, after))


def _with_visits(
    lines: Grid, outlook: ServiceOutlook, direction: str, network: Network, year: int, months: tuple[int, ...]
) -> Grid:
    keys = [LineKey("service_visits", dealer, direction) for dealer in outlook.dealers if dealer in network.by_id]
    wide = lines.with_keys(keys)
    values, is_open = wide.values.copy(), open_cells(wide, network, year)
    planned = np.zeros(values.shape[1], dtype=np.bool_)
    planned[[month - 1 for month in months]] = True
    visits = dict(zip(outlook.dealers, outlook.visits, strict=True))
    for key in keys:
        place = wide.places[key]
        free = is_open[place] & planned & ~wide.locked[place]
        expected = np.where(free, visits[key.dealer], 0)
        whole = np.array([round(expected.sum())], dtype=np.int64)
        if expected.any():
            values[place][free] = share_out(whole, expected[free], [np.zeros(int(free.sum()), dtype=np.intp)])
    return Grid(wide.keys, values, wide.locked, wide.edits)


def known_assumptions(connection: Connection) -> dict[str, ServiceAssumption]:
    """By dealer; those of an empty name are of all who have none of their own."""
    rows = connection.execute(select(service_assumptions))
    return {row.dealer: ServiceAssumption(row.other_cars, row.interval_months) for row in rows}


def keep_assumptions(engine: Engine, clock: Clock, told: Mapping[str, ServiceAssumption], *, author: str) -> None:
    """Put these in the place of those that are there. Raises `InvalidInput` and `NotFound`."""
    with engine.begin() as connection:
        network, before = known_network(connection), known_assumptions(connection)
        for dealer, assumed in told.items():
            if dealer:
                network.dealer(dealer)
            if not 0 <= assumed.other_cars <= _MOST_CARS:
                raise InvalidInput("Cars in operation are counted.", where="other_cars", help="Write 0 or more.")
            if not 1 <= assumed.interval_months <= _LONGEST_INTERVAL:
                raise InvalidInput(
                    f"A car is not due every {assumed.interval_months} months.",
                    where="interval_months",
                    help=f"Write 1 to {_LONGEST_INTERVAL}.",
                )
        connection.execute(delete(service_assumptions))
        rows = [
            {"dealer": dealer, "other_cars": each.other_cars, "interval_months": each.interval_months}
            for dealer, each in told.items()
        ]
        if rows:
            connection.execute(insert(service_assumptions), rows)
        note_change(connection, clock, who=author, what="service", before=_told(before), after=_told(told))


def _told(known: Mapping[str, ServiceAssumption]) -> str:
    return "; ".join(
        f"{dealer or 'all'}: {each.other_cars} cars, every {each.interval_months} months"
        for dealer, each in sorted(known.items())
    )
