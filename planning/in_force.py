"""What is planned for some days: by the approved plan of each month, or else by that of its year.

A month's numbers lie evenly on its days, so that a part of a month has its part of them.
"""

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, func, or_, select

from attribution.visibility import EVERYTHING, Visibility
from planning.measures import PLANNED
from planning.plans import State
from planning.tables import MONTHS, plan_lines, plan_versions, plans


@dataclass(frozen=True, slots=True)
class Planned:
    """`figures` by the slug of the report's figure, in units or whole money; `months` without a plan are missing."""

    figures: Mapping[str, float]
    missing: tuple[str, ...]

    @property
    def is_there(self) -> bool:
        return not self.missing and bool(self.figures)


def planned_between(
    connection: Connection,
    first_day: date,
    last_day: date,
    currency: str,
    *,
    dealers: frozenset[str] | None = None,
    seen: Visibility = EVERYTHING,
) -> Planned:
    """Of both days inclusive, of `dealers` where they are named. Money of plans in another currency is left out."""
    by_dealer, missing = planned_by_dealer(connection, first_day, last_day, currency, dealers=dealers, seen=seen)
    figures: dict[str, float] = {}
    for told in by_dealer.values():
        for fact, value in told.items():
            figures[fact] = figures.get(fact, 0.0) + value
    return Planned(figures, missing)


def planned_by_dealer(
    connection: Connection,
    first_day: date,
    last_day: date,
    currency: str,
    *,
    dealers: frozenset[str] | None = None,
    seen: Visibility = EVERYTHING,
) -> tuple[Mapping[str, Mapping[str, float]], tuple[str, ...]]:
    """By dealer and figure, as `planned_between`; and the months that have no approved plan."""
    found: dict[str, dict[str, float]] = {}
    missing = []
    for year, month, share in _months(first_day, last_day):
        version = version_in_force(connection, year, month)
        if version is None:
            missing.append(f"{year}-{month:02}")
            continue
        for dealer, slug, value in _sums(connection, version.id, month, dealers, seen):
            measure = PLANNED[slug]
            if not measure.is_money or version.currency == currency:
                figures = found.setdefault(dealer, {})
                figures[measure.fact] = figures.get(measure.fact, 0.0) + measure.shown(value) * share
    return found, tuple(missing)


def planned_cells(
    connection: Connection, measure: str, months: Sequence[tuple[int, int]], *, seen: Visibility = EVERYTHING
) -> dict[tuple[str, str, int, int], int]:
    """What approved plans want of a measure, in smallest units, by dealer, direction, year and month of the year.

    Months without an approved plan are missing, and so is what a plan says nothing of.
    """
    found: dict[tuple[str, str, int, int], int] = {}
    its = plan_lines.c
    for year, month in months:
        version = version_in_force(connection, year, month)
        if version is None:
            continue
        sums = func.sum(its[MONTHS[month - 1]])
        chosen = (its.version == version.id) & (its.measure == measure)
        rows = select(its.dealer, its.direction, sums).where(chosen).group_by(its.dealer, its.direction)
        for dealer, direction, value in connection.execute(rows):
            if seen.sees_dealer(dealer):
                found[dealer, direction, year, month] = int(value)
    return found


def _months(first_day: date, last_day: date) -> Iterator[tuple[int, int, float]]:
    """Each month that the days touch, and which part of it they are."""
    year, month = first_day.year, first_day.month
    while (year, month) <= (last_day.year, last_day.month):
        days = calendar.monthrange(year, month)[1]
        begins = max(first_day, date(year, month, 1))
        ends = min(last_day, date(year, month, days))
        yield year, month, ((ends - begins).days + 1) / days
        year, month = year + month // 12, month % 12 + 1


def version_in_force(connection: Connection, year: int, month: int) -> "InForce | None":
    """The version that was approved last: of a plan of the month, or else of the year."""
    its, of = plan_versions.c, plans.c
    fits = and_(of.year == year, or_(of.month == month, of.month.is_(None)))
    rows = (
        select(its.id, of.currency)
        .join(plans, of.id == its.plan)
        .where(fits, its.state == State.APPROVED.value)
        .order_by(of.month.is_(None), its.decided_at.desc(), its.id.desc())
        .limit(1)
    )
    found = connection.execute(rows).one_or_none()
    return InForce(found.id, found.currency) if found else None


@dataclass(frozen=True, slots=True)
class InForce:
    id: int
    currency: str


def _sums(
    connection: Connection, version: int, month: int, dealers: frozenset[str] | None, seen: Visibility
) -> list[tuple[str, str, int]]:
    """Of each dealer and measure that the month has lines of."""
    its = plan_lines.c
    rows = (
        select(its.dealer, its.measure, func.sum(its[MONTHS[month - 1]]))
        .where(its.version == version)
        .group_by(its.dealer, its.measure)
    )
    for named in (dealers, seen.dealers):
        if named is not None:
            rows = rows.where(its.dealer.in_(sorted(named)))
    return [(dealer, slug, int(value)) for dealer, slug, value in connection.execute(rows)]
