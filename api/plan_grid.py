"""The table of a plan: a measure over the months, at the level below the place where one stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.plan_facts import split_basis
from api.plan_forms import Place
from api.plan_view import address_of, state_names, written_sum
from api.service_view import service_rows
from api.viewer import Viewer
from infra.access.rights import Right
from planning.dimensions import DealerPlace, Network, known_network
from planning.directions import Direction, directions_in
from planning.edits import edits_of
from planning.grid import Grid, LineKey
from planning.lines import read_lines
from planning.measures import PLANNED, PlannedMeasure
from planning.plans import Plan, PlanVersion
from planning.sharing import WHOLE_YEAR, Target, targets_of
from planning.splitting import SplitMethod

_NBSP = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class GridAsked:
    """`locks` shows which cells are locked in the place of their numbers."""

    measure: PlannedMeasure
    holding: str = ""
    brand: str = ""
    dealer: str = ""
    locks: bool = False

    @property
    def place(self) -> Place:
        return Place(self.holding, self.brand, self.dealer)


@dataclass(frozen=True, slots=True)
class Row:
    """`cells` are the plan's months; `before` is the last twelve months, in smallest units."""

    place: Place
    name: str
    link: str
    cells: tuple[int, ...]
    locked: tuple[bool, ...]
    open: tuple[bool, ...]
    before: int
    can_change: bool

    @property
    def whole(self) -> int:
        return sum(self.cells)

    @property
    def was(self) -> str:
        """As the form brings it back: months, and the whole."""
        return ",".join(map(str, (*self.cells, self.whole)))


def grid_view(
    services: Services,
    viewer: Viewer,
    plan: Plan,
    versions: Sequence[PlanVersion],
    version: PlanVersion,
    asked: GridAsked,
) -> dict[str, Any]:
    """Raises `InvalidInput` where no dealer stands at the place."""
    basis = split_basis(services, viewer.seen)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
        lines = read_lines(connection, version.id, measure=asked.measure.slug, seen=viewer.seen)
        directions = directions_in(connection)
        targets = targets_of(connection, version.id, network, lines, seen=viewer.seen)
        edits = edits_of(connection, version.id, dealer=asked.dealer, most=10, seen=viewer.seen)
    can_change = version.is_open and viewer.may(Right.PLANS)
    rows = list(_rows(plan, asked, network, lines, basis.history, directions, can_change)) if network.dealers else []
    return {
        "plan": plan,
        "version": version,
        "versions": versions,
        "states": state_names(),
        "asked": asked,
        "measures": [
            (each, address_of(plan.id, **_told(asked, version, measure=each.slug))) for each in PLANNED.values()
        ],
        "trail": list(_trail(plan, asked, version, network)),
        "rows": rows,
        "service_rows": _expected(services, viewer, version, asked, network),
        "weighed": _weighed(asked, network),
        "months": [(month, dated(date(plan.year, month, 1), "LLL")) for month in plan.months],
        "totals": [sum(row.cells[place] for row in rows) for place in range(len(plan.months))],
        "whole": sum(row.whole for row in rows),
        "before": sum(row.before for row in rows),
        "can_change": can_change,
        "may_direct": viewer.may(Right.RULES),
        "targets": [_target(each, network) for each in targets if each.measure == asked.measure.slug],
        "edits": edits,
        "can_undo": bool(version.is_open and viewer.may(Right.RULES) and edits and edits[0].id == version.newest_edit),
        "directions": directions,
        "methods": method_names(),
        "number": lambda value: written_sum(asked.measure.slug, value),
        "written_cell": lambda value: written_cell(asked.measure, value),
        "page": address_of(plan.id, **_told(asked, version)),
        "locks_page": address_of(plan.id, **_told(asked, version, locks="" if asked.locks else "1")),
        "zone": services.settings.zone,
    }


def _expected(
    services: Services, viewer: Viewer, version: PlanVersion, asked: GridAsked, network: Network
) -> list[dict[str, Any]]:
    """What is to be expected of the dealers below, where service visits are planned."""
    if asked.measure.slug != "service_visits":
        return []
    return service_rows(services, viewer, version, {each.id for each in _weighed(asked, network)})


def _weighed(asked: GridAsked, network: Network) -> Sequence[DealerPlace]:
    """The dealers below, each of whom may have a weight of their own."""
    return network.under(holding=asked.holding, brand=asked.brand, dealer=asked.dealer) if network.dealers else ()


def method_names() -> dict[SplitMethod, str]:
    return {
        SplitMethod.HISTORY: _("as the last twelve months were, month by month"),
        SplitMethod.SEASONALITY: _("by each dealer's year, in the season of all"),
        SplitMethod.CAPACITY: _("by capacity"),
        SplitMethod.EVEN: _("evenly"),
        SplitMethod.CURRENT: _("as it is shared now"),
        SplitMethod.WEIGHTS: _("by own weights"),
    }


def row_names(view: dict[str, Any]) -> dict[int, str]:
    """As errors call the rows of the page."""
    return {place: row.name for place, row in enumerate(view["rows"])}


def written_cell(measure: PlannedMeasure, value: int) -> str:
    """As a field has it: 0 is empty, money has no decimals where there are none."""
    if not value:
        return ""
    shown = measure.shown(value)
    text = f"{shown:,.2f}".removesuffix(".00") if measure.is_money else f"{shown:,}"
    return text.replace(",", _NBSP)


def _told(asked: GridAsked, version: PlanVersion, **other: str) -> dict[str, object]:
    told: dict[str, object] = {
        "version": version.number,
        "measure": asked.measure.slug,
        "holding": asked.holding,
        "brand": asked.brand,
        "dealer": asked.dealer,
        "locks": "1" if asked.locks else "",
    }
    return told | other


def _trail(plan: Plan, asked: GridAsked, version: PlanVersion, network: Network) -> Iterator[tuple[str, str]]:
    """The places above, each with its address."""
    top = {"holding": "", "brand": "", "dealer": ""}
    yield _("All dealers"), address_of(plan.id, **_told(asked, version, **top))
    if asked.holding:
        yield asked.holding, address_of(plan.id, **_told(asked, version, **top | {"holding": asked.holding}))
    if asked.brand:
        yield asked.brand, address_of(plan.id, **_told(asked, version, dealer=""))
    if asked.dealer:
        yield network.dealer(asked.dealer).shown_name, address_of(plan.id, **_told(asked, version))


def _rows(
    plan: Plan,
    asked: GridAsked,
    network: Network,
    lines: Grid,
    history: Grid,
    directions: Sequence[Direction],
    can_change: bool,
) -> Iterator[Row]:
    inside = network.under(holding=asked.holding, brand=asked.brand, dealer=asked.dealer)
    if asked.dealer:
        yield from _line_rows(plan, asked, inside[0], lines, history, directions, can_change)
        return
    for place, name, dealers in _parts(asked, inside):
        link = address_of(
            plan.id,
            **{name: getattr(place, name) for name in ("holding", "brand", "dealer")},
            measure=asked.measure.slug,
        )
        members = {each.id for each in dealers}
        own = [key.dealer in members for key in lines.keys]
        values = lines.values[np.array(own, dtype=np.bool_)].sum(axis=0)
        before = _before(history, asked.measure, members)
        is_open = tuple(any(each.is_open(plan.year, month) for each in dealers) for month in plan.months)
        count = len(plan.months)
        cells = tuple(int(values[month - 1]) for month in plan.months)
        yield Row(place, name, link, cells, (False,) * count, is_open, before, can_change and any(own))


def _parts(asked: GridAsked, inside: Sequence[DealerPlace]) -> Iterator[tuple[Place, str, Sequence[DealerPlace]]]:
    """The places below, the first level that tells dealers apart; a dealer without a name there stands for itself."""
    level = next(
        (
            name
            for name in ("holding", "brand")
            if not getattr(asked, name) and len({getattr(each, name) for each in inside}) > 1
        ),
        "dealer",
    )
    groups: dict[str, list[DealerPlace]] = {}
    for each in inside:
        groups.setdefault(getattr(each, level, "") if level != "dealer" else "", []).append(each)
    for name in sorted(filter(None, groups)):
        place = Place(asked.holding, asked.brand)
        told = Place(name, "") if level == "holding" else Place(place.holding, name)
        yield told, name, groups[name]
    for each in groups.get("", []):
        yield Place(asked.holding, asked.brand, each.id), each.shown_name, [each]


def _line_rows(
    plan: Plan,
    asked: GridAsked,
    dealer: DealerPlace,
    lines: Grid,
    history: Grid,
    directions: Sequence[Direction],
    can_change: bool,
) -> Iterator[Row]:
    """The dealer's lines, and an empty one for each direction that has none."""
    names = {each.id: each.name for each in directions} | {"": _("not broken down")}
    order = list(names)
    own = [key for key in lines.keys if key.dealer == dealer.id]
    missing = set(names) - {key.direction for key in own} - ({""} if own else set())
    wanted = [*own, *(LineKey(asked.measure.slug, dealer.id, direction) for direction in missing)]
    wide = lines.with_keys(wanted)
    for key in sorted(wanted, key=lambda each: (_place_in(order, each.direction), each.channel, each.contractor)):
        place = wide.places[key]
        told = Place(asked.holding, asked.brand, dealer.id, key.direction, key.channel, key.contractor, is_line=True)
        parts = (_(names.get(key.direction, key.direction)), key.channel, key.contractor)
        before = _before(history, asked.measure, {dealer.id}, key.direction) if not key.channel else 0
        yield Row(
            told,
            " · ".join(filter(None, parts)),
            "",
            tuple(int(wide.values[place, month - 1]) for month in plan.months),
            tuple(bool(wide.locked[place, month - 1]) for month in plan.months),
            tuple(dealer.is_open(plan.year, month) for month in plan.months),
            before,
            can_change,
        )


def _place_in(order: Sequence[str], direction: str) -> int:
    return order.index(direction) if direction in order else len(order)


def _before(history: Grid, measure: PlannedMeasure, dealers: set[str], direction: str = "") -> int:
    own = [
        key.measure == measure.slug and key.dealer in dealers and direction in ("", key.direction)
        for key in history.keys
    ]
    return int(history.values[np.array(own, dtype=np.bool_)].sum())


def _target(target: Target, network: Network) -> dict[str, Any]:
    """In words: of what it is, and by how much the lines below differ."""
    dealer = network.by_id.get(target.dealer)
    names = (target.holding, target.brand, dealer.shown_name if dealer else target.dealer, target.direction)
    sign = "+" if target.difference > 0 else "−"
    return {
        "name": " / ".join(filter(None, names)) or _("All dealers"),
        "when": _("the year") if target.month == WHOLE_YEAR else dated(date(2000, target.month, 1), "LLLL"),
        "value": written_sum(target.measure, target.value),
        "below": written_sum(target.measure, target.below),
        "difference": target.difference,
        "written_difference": f"{sign}{written_sum(target.measure, abs(target.difference))}",
    }
