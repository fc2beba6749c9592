"""The lines of a table to fill in: each dealer, direction and measure, with last year's figures where known."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, case, select

from attribution.visibility import EVERYTHING, Visibility
from planning.dimensions import DealerPlace
from planning.directions import Direction
from planning.grid import LineKey
from planning.lines import read_lines
from planning.plans import PlanKind, State
from planning.tables import plan_versions, plans

_OF_SERVICE = {"service", "parts"}
_FOR_SERVICE = ("service_visits", "leads", "revenue", "margin", "budget")
_FOR_CARS = ("sales", "leads", "visits", "revenue", "margin", "budget")
Lines = dict[LineKey, list[int | None]]


def measures_of(direction: Direction) -> tuple[str, ...]:
    """Those that one plans for it."""
    return _FOR_SERVICE if _OF_SERVICE & set(direction.kinds) else _FOR_CARS


def template_lines(
    dealers: Iterable[DealerPlace],
    directions: Sequence[Direction],
    year: int,
    filled: Mapping[LineKey, Sequence[int | None]],
) -> Lines:
    """With the figures of `filled`, but for months in which a dealer is closed.

    What is broken down there by channel or contractor is so here as well.
    """
    by_place: dict[tuple[str, str, str], list[LineKey]] = {}
    for key in filled:
        by_place.setdefault((key.measure, key.dealer, key.direction), []).append(key)
    lines: Lines = {}
    for dealer in dealers:
        is_open = dealer.open_months(year)
        places = [(measure, dealer.id, each.id) for each in directions for measure in measures_of(each)]
        others = [place for place in by_place if place[1] == dealer.id and place not in places]
        for place in (*places, *others):
            for key in by_place.get(place, [LineKey(*place)]):
                values = filled.get(key, [None] * 12)
                lines[key] = [value if opened else None for value, opened in zip(values, is_open, strict=True)]
    return lines


def last_years_plan(connection: Connection, year: int, seen: Visibility = EVERYTHING) -> Lines:
    """The lines of the plan of the year before: its approved version, else its newest; none where there is no plan."""
    its = plan_versions.c
    approved = case((its.state == State.APPROVED.value, 0), else_=1)
    found = (
        select(its.id)
        .join(plans, plans.c.id == its.plan)
        .where(plans.c.year == year - 1, plans.c.kind == PlanKind.YEAR.value)
        .order_by(approved, its.id.desc())
        .limit(1)
    )
    version = connection.scalar(found)
    if version is None:
        return {}
    grid = read_lines(connection, version, seen=seen)
    return dict(zip(grid.keys, grid.values.tolist(), strict=True))
