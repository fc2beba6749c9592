"""Plans of the sample holding: the year that runs, approved, and a draft of the next one."""

from datetime import date

from api.bootstrap import Services
from api.plan_facts import split_basis
from attribution.visibility import EVERYTHING
from planning.measures import PLANNED
from planning.plans import State, move
from planning.splitting import Basis, Split, SplitMethod
from planning.tables import MONTHS

_AUTHOR = "sample"
_GROWTH_PERCENT = 10
_CARS = ("new_car", "used_car")
_DIRECTIONS = {"sales": _CARS, "revenue": _CARS, "margin": _CARS, "service_visits": ("after_sales",)}


def plan_the_sample(services: Services, today: date) -> None:
    """What the last twelve months brought, and a tenth more, shared out by them."""
    basis = split_basis(services, EVERYTHING)
    if not basis.history.keys:
        return
    running = _draft(services, today.year, basis)
    for state in (State.SUBMITTED, State.APPROVED):
        with services.database.begin() as connection:
            move(connection, running, state, services.clock, author=_AUTHOR)
    _draft(services, today.year + 1, basis)


def _draft(services: Services, year: int, basis: Basis) -> int:
    """The id of the plan's version."""
    made = services.plans.create(f"Plan {year}", year, currency=services.settings.currency, author=_AUTHOR)
    sums: dict[str, int] = {}
    for key, value in zip(basis.history.keys, basis.history.values.sum(axis=1).tolist(), strict=True):
        if key.direction in _DIRECTIONS.get(key.measure, (key.direction,)):
            sums[key.measure] = sums.get(key.measure, 0) + value
    for slug, happened in sums.items():
        total = happened * (100 + _GROWTH_PERCENT) // 100
        step = PLANNED[slug].scale
        split = Split(
            slug,
            (total - total % step,),
            tuple(range(1, len(MONTHS) + 1)),
            SplitMethod.HISTORY,
            directions=_DIRECTIONS.get(slug, ()),
            step=step,
        )
        services.plan_sharer.split(made.id, [split], basis, author=_AUTHOR, why="a tenth more than last year")
    return made.id
