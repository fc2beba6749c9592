"""What plans are made of, as tables that people edit: directions, capacities, and when cars are due for service."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from api.bootstrap import Services
from api.language import gettext as _
from api.table_forms import Cells, Column, Kind, cells_of, filled, values_of
from infra.errors import InvalidInput, NotFound
from planning.after_sales import ServiceAssumption
from planning.dimensions import known_network
from planning.directions import Direction, known_directions, replace_directions
from planning.service_plan import keep_assumptions, known_assumptions
from planning.sharing import known_capacities, replace_capacities


@dataclass(frozen=True, slots=True)
class BasisTable:
    """`keep` puts rows, as `values_of` reads them, in the place of what is kept. Raises `InvalidInput`, `NotFound`."""

    name: str
    title: str
    text: str
    columns: Sequence[Column]
    kept: Callable[[], list[Mapping[str, Any]]]
    keep: Callable[[Sequence[Mapping[str, Any]], str], None]

    @property
    def cells(self) -> list[Cells]:
        return [cells_of(row, self.columns) for row in self.kept()]


def basis_tables(services: Services) -> Sequence[BasisTable]:
    with services.database.connect() as connection:
        dealers = [each.id for each in known_network(connection).dealers]
    directions = [each.id for each in known_directions(services.database)]
    return (
        BasisTable(
            "directions",
            _("Directions"),
            _(
                "What the holding sells, each with the kinds of deals that it stands for. "
                "An empty table brings back ours."
            ),
            (
                Column("id", _("Id"), _("Latin letters, figures and _.")),
                Column("name", _("Name")),
                Column("kinds", _("Kinds of deals"), _("With commas, as events name them."), Kind.WORDS),
            ),
            lambda: [each.model_dump(mode="json") for each in known_directions(services.database)],
            lambda rows, author: _keep_directions(services, rows, author),
        ),
        BasisTable(
            "capacities",
            _("Capacities"),
            _("How much a dealer can sell or serve in a month: totals can be shared out by it."),
            (
                Column("dealer", _("Dealer"), options=dealers),
                Column("direction", _("Direction"), options=directions),
                Column("units", _("Units a month"), "", Kind.NUMBER),
            ),
            lambda: _capacities(services),
            lambda rows, author: _keep_capacities(services, rows, author),
        ),
        BasisTable(
            "service",
            _("Cars and service"),
            _("A line without a dealer is for all that have none of their own."),
            (
                Column("dealer", _("Dealer"), _("Empty: all others."), options=dealers),
                Column("interval_months", _("A car is due every … months"), _("12 where empty."), Kind.NUMBER),
                Column(
                    "other_cars",
                    _("Cars in operation"),
                    _("Counts where no deal tells of the dealer's service visits."),
                    Kind.NUMBER,
                ),
            ),
            lambda: _assumptions(services),
            lambda rows, author: _keep_assumptions(services, rows, author),
        ),
    )


def basis_table(services: Services, name: str) -> BasisTable:
    """Raises `NotFound`."""
    found = next((each for each in basis_tables(services) if each.name == name), None)
    if found is None:
        raise NotFound(f"There is no table {name!r}.", where="table", help="Open it from the page of plans.")
    return found


def keep_basis(table: BasisTable, lines: Sequence[Cells], author: str) -> None:
    """Raises `InvalidInput` and `NotFound`."""
    table.keep([values_of(cells, table.columns) for cells in filled(lines, table.columns)], author)


def _keep_directions(services: Services, rows: Sequence[Mapping[str, Any]], author: str) -> None:
    try:
        told = [Direction(**row) for row in rows]
    except ValidationError as error:
        wrong = error.errors()[0]
        raise InvalidInput(
            f"A direction cannot be kept: {wrong['loc'][0]}, {wrong['msg'].lower()}.",
            where=str(wrong["loc"][0]),
            help="An id has small Latin letters, figures and _, and begins with a letter.",
        ) from None
    replace_directions(services.database, told, author=author, clock=services.clock)


def _capacities(services: Services) -> list[Mapping[str, Any]]:
    with services.database.connect() as connection:
        known = known_capacities(connection)
    return [{"dealer": dealer, "direction": name, "units": units} for (dealer, name), units in sorted(known.items())]


def _keep_capacities(services: Services, rows: Sequence[Mapping[str, Any]], author: str) -> None:
    told = {(row.get("dealer", ""), row.get("direction", "")): _whole(row.get("units", "0")) for row in rows}
    if len(told) < len(rows):
        raise InvalidInput("A dealer and direction is told twice.", where="capacities", help="Name each once.")
    replace_capacities(services.database, services.clock, told, author=author)


def _assumptions(services: Services) -> list[Mapping[str, Any]]:
    with services.database.connect() as connection:
        known = known_assumptions(connection)
    return [
        {"dealer": dealer, "other_cars": each.other_cars, "interval_months": each.interval_months}
        for dealer, each in sorted(known.items())
    ]


def _keep_assumptions(services: Services, rows: Sequence[Mapping[str, Any]], author: str) -> None:
    told = {
        row.get("dealer", ""): ServiceAssumption(
            _whole(row.get("other_cars", "0")), _whole(row.get("interval_months", "12"))
        )
        for row in rows
    }
    if len(told) < len(rows):
        raise InvalidInput("A dealer is told twice.", where="dealer", help="Name each once.")
    keep_assumptions(services.database, services.clock, told, author=author)


def _whole(text: str) -> int:
    plain = "".join(text.split())
    if not plain.isdecimal() or len(plain) > 9:
        raise InvalidInput(f"{text!r} is no whole number.", where="units", help="Write a number such as 40.")
    return int(plain)
