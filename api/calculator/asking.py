"""Asking the calculator: the rates of what the viewer sees, found once for a run, and a solution on them."""

from dataclasses import dataclass, replace
from typing import Any

from api.bootstrap import Services
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.visibility import Visibility
from infra.errors import InvalidInput
from planning.calculator.effectiveness import By, chosen_months, effectiveness
from planning.calculator.question import CalculatorQuestion
from planning.calculator.solving import Solution, solve
from planning.calculator.telling import told
from planning.dimensions import Network, known_network
from planning.directions import car_direction, directions_of_kinds, known_directions
from planning.media.months import month_of
from planning.rates.counts import car_directions
from planning.rates.measured import MeasuredRates
from planning.rates.scope import ScopeRates, scope_rates


@dataclass(frozen=True)
class Scoped:
    """What is known of the dealers, direction and month that are asked about."""

    question: CalculatorQuestion
    measured: MeasuredRates
    known: ScopeRates
    network: Network
    seen: Visibility

    @property
    def dealers(self) -> list[str]:
        return [self.question.dealer] if self.question.dealer else [each.id for each in self.network.dealers]


@dataclass(frozen=True)
class Calculated:
    """`answer` is the solution as the API tells it."""

    scoped: Scoped
    solution: Solution
    answer: dict[str, Any]


def scoped(services: Services, viewer: Viewer, question: CalculatorQuestion) -> Scoped:
    """The next month unless said. Raises `InvalidInput`, `NotFound` and `NotReady`."""
    asked = question.model_copy(update={"month": question.month or str(month_of(services.today).after)})
    month = asked.of_month
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    if asked.dealer:
        network.dealer(asked.dealer)
    measured = services.measured_rates(asked.direction)
    known = scope_rates(measured, month.month - 1, dealer=asked.dealer, seen=viewer.seen)
    return Scoped(asked, measured, known, network, viewer.seen)


def calculated(services: Services, found: Scoped) -> Calculated:
    """No more is sold than is in stock, where that is known. Raises `InvalidInput`, which names the field."""
    currency = services.settings.currency
    _check_history(found)
    asked = found.question.asked
    if asked.stock is None and asked.sales is not None:
        asked = replace(asked, stock=_units_to_sell(services, found))
    solution = solve(found.known, asked, currency, services.response(found.seen))
    answer = told(found.question, found.measured, found.known, solution, currency)
    return Calculated(found, solution, answer)


def _units_to_sell(services: Services, found: Scoped) -> float | None:
    """None where stock is not of what is asked about (new cars alone), or that of one of the dealers is not known."""
    if found.question.direction != car_direction(known_directions(services.database)).id:
        return None
    position = services.stock_position(seen=found.seen)
    units = [position.available_units(dealer, found.question.of_month) for dealer in found.dealers]
    known = [each for each in units if each is not None]
    return float(sum(known)) if known and len(known) == len(units) else None


def _check_history(found: Scoped) -> None:
    if not found.measured.has_history:
        raise InvalidInput(
            "There is no whole month of history yet: nothing can be reckoned by it.",
            where="month",
            help="Collect leads, deals and spend; once a month is over, the calculator begins with its figures.",
        )


def effectiveness_answer(
    services: Services, viewer: Viewer, by: By, first: str, last: str, dealer: str, direction: str = ""
) -> Answer:
    """Found once for a run and what the viewer sees. Raises `InvalidInput`, `NotFound` and `NotReady`."""
    measured = services.measured_rates(direction)
    if dealer:
        with services.database.connect() as connection:
            known_network(connection, viewer.seen).dealer(dealer)
    span = chosen_months(measured, first, last)
    directions = {
        kind: direction
        for kind, direction in directions_of_kinds(known_directions(services.database)).items()
        if direction in {each.id for each in car_directions(known_directions(services.database))}
    }
    key = ("effectiveness", by, span, dealer, direction, viewer.seen, tuple(sorted(directions.items())))
    timezone = services.environment.timezone
    found = services.per_run.answer(
        measured.run.number,
        key,
        lambda: effectiveness(services.warehouse, measured, span, by, timezone, directions, viewer.seen, dealer),
    )
    return replace(found, about={**found.about, "currency": services.settings.currency})
