"""A question on what is known of response: curves, bounds and present spend of every spot, as arrays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from infra.errors import InvalidInput, NotFound
from planning.media.months import Month
from planning.recommend.asked import Goal, Question
from planning.recommend.limits import Flags, Limits, Places, Room, Totals, Whole, amount
from planning.recommend.linear import Aim, Wanted
from planning.recommend.measured import Measured, minor_units
from planning.response.curves import Curves, Numbers
from planning.response.model import Cell, Response

Orders = Mapping[tuple[Month, Cell], int]
_DIMENSIONS = ("dealer", "channel", "contractor")


@dataclass(frozen=True)
class Scene:
    """Spots are the cells of the first month, then those of the next. `leads` and `worth` take minor units.

    `ordered` are spots whose orders go beyond their bounds; they have just what is ordered.
    """

    question: Question
    response: Response
    leads: Curves
    margin: Numbers
    sold: Numbers
    sold_draws: Numbers
    seasons: Numbers
    usual: Whole
    room: Room
    ordered: Flags

    @property
    def cells(self) -> Sequence[Cell]:
        return list(self.response.cells) * len(self.question.span)

    @property
    def worth(self) -> Curves:
        return self.leads.worth(self.margin)

    @property
    def wanted(self) -> Wanted:
        goal, told = self.question.goal, self.question.amount
        aim = {Goal.BUDGET: Aim.BUDGET, Goal.MARGINAL_ROMI: Aim.PRICE}.get(goal, Aim.OUTCOME)
        asked = 1 + told if goal is Goal.MARGINAL_ROMI else told
        outcome = self.leads.worth(self.sold) if goal is Goal.SALES else self.worth
        return Wanted(aim, float(asked), self.worth, self.leads, outcome)

    def told(self, spot: int) -> tuple[Month, Cell]:
        month, cell = divmod(spot, len(self.response))
        return self.question.span[month], self.response.cells[cell]


def set_scene(response: Response, measured: Measured, question: Question, orders: Orders) -> Scene:
    """Raises `InvalidInput`, and `NotFound` for names of which there is no cell."""
    response = of_dealers(response, question.dealers)
    if not len(response):
        raise InvalidInput(
            "Nothing is known of what spend brings here.",
            where="dealers",
            help="Enter spend of some months first, with its channel and dealer; curves are fitted to it.",
        )
    months = len(question.span)
    seasons = measured.seasons(question.span)
    sold, sold_draws = measured.conversion(response.cells, len(response.margin_draws))
    usual = np.tile(minor_units(response.curves.usual), months)
    leads = Curves(
        np.tile(np.broadcast_to(np.asarray(response.curves.family, float), len(response)), months),
        np.tile(response.curves.usual * 100, months),
        np.tile(response.curves.brought, months) * np.repeat(seasons, len(response)),
        np.tile(response.curves.elasticity, months),
    )
    room, ordered = _room(response.cells, question, usual, orders, measured)
    return Scene(
        question, response, leads, np.tile(response.margin * 100, months), np.tile(sold, months), sold_draws, seasons,
        usual, room, ordered,
    )  # fmt: skip


def of_dealers(response: Response, dealers: Sequence[str]) -> Response:
    """All cells where none is named."""
    if not dealers:
        return response
    return response_of(response, lambda cell: cell.dealer in dealers)


def response_of(response: Response, wanted: Callable[[Cell], bool]) -> Response:
    places = np.flatnonzero([wanted(cell) for cell in response.cells])
    return response.of(places)


def _room(
    cells: Sequence[Cell], question: Question, usual: Whole, orders: Orders, measured: Measured
) -> tuple[Room, Flags]:
    low = np.ceil(usual * question.least - 1e-6).astype(np.int64)
    high = np.floor(usual * question.most + 1e-6).astype(np.int64)
    _bound(cells, question, low, high)
    told = np.array([orders.get((month, cell), 0) for month in question.span for cell in cells], dtype=np.int64)
    ordered: Flags = told > high
    np.maximum(low, told, out=low)
    np.maximum(high, told, out=high)
    _lock(cells, question, usual, told, low, high)
    names = [f"{' / '.join(filter(None, cell))} {month}" for month in question.span for cell in cells]
    totals = tuple(each for what in _DIMENSIONS if (each := _totals(cells, question, what)) is not None)
    limits = tuple(each for each in (_stock(cells, question, measured), _calls(cells, question, measured)) if each)
    return Room(low, high, question.step, totals, limits, names), ordered


def _bound(cells: Sequence[Cell], question: Question, low: Whole, high: Whole) -> None:
    for bound in question.bounds:
        spots = _spots(cells, question, bound.part.holds, "bounds", str(bound.part))
        if bound.least is not None:
            low[spots] = bound.least
        if bound.most is not None:
            high[spots] = bound.most
        low[spots] = np.minimum(low[spots], high[spots]) if bound.least is None else low[spots]
        high[spots] = np.maximum(low[spots], high[spots]) if bound.most is None else high[spots]


def _lock(
    cells: Sequence[Cell], question: Question, usual: Whole, ordered: Whole, low: Whole, high: Whole
) -> None:  # fmt: skip
    """Raises `InvalidInput` where more is ordered."""
    for lock in question.locks:
        spots = _spots(cells, question, lock.part.holds, "locks", str(lock.part))
        spend = usual[spots] if lock.spend is None else np.full(len(spots), lock.spend)
        if lock.spend is not None and len(spots) > len(question.span):
            raise InvalidInput(
                f"{lock.part} is {len(spots) // len(question.span)} cells, and one amount is locked.",
                where="locks",
                help="Name one cell, or bound their total.",
            )
        if (short := np.flatnonzero(spend < ordered[spots])).size:
            raise InvalidInput(
                f"{lock.part} is locked at {amount(spend[short[0]])}, and"
                f" {amount(ordered[spots][short[0]])} are ordered.",
                where="locks",
                help="Lock it higher, or cancel the order.",
            )
        low[spots] = high[spots] = spend


def _spots(cells: Sequence[Cell], question: Question, holds: Callable[[Cell], bool], where: str, said: str) -> Places:
    found = np.flatnonzero([holds(cell) for cell in cells] * len(question.span))
    if not len(found):
        raise NotFound(
            f"There is no spend of {said or 'anything'} to be split.",
            where=where,
            help="Name a dealer, channel or contractor of the answer's rows.",
        )
    return found


def _totals(cells: Sequence[Cell], question: Question, what: str) -> Totals | None:
    told = [each for each in question.totals if each.what == what]
    if not told:
        return None
    names = tuple(dict.fromkeys(each.name for each in told))
    of_cells = [getattr(cell, what) for cell in cells]
    for name in names:
        if name not in of_cells:
            raise NotFound(
                f"There is no spend of {what} {name!r} to be split.", where="totals", help="Name one of the answer's."
            )
    of = np.array([names.index(name) if name in names else -1 for name in of_cells] * len(question.span), dtype=np.intp)
    least, most = np.zeros(len(names)), np.full(len(names), np.inf)
    for each in told:
        place = names.index(each.name)
        least[place] = max(least[place], each.least or 0)
        most[place] = min(most[place], np.inf if each.most is None else each.most)
    return Totals(what, names, of, least, most)


def _stock(cells: Sequence[Cell], question: Question, measured: Measured) -> Limits | None:
    """Of a dealer over all months; what sells without spend is taken from it first."""
    if not question.stock:
        return None
    names = tuple(question.stock)
    sold, _draws = measured.conversion(cells, 1)
    left = [units - len(question.span) * measured.other_sales.get(name, 0.0) for name, units in question.stock.items()]
    of = _of_dealers(cells, names) * len(question.span)
    return Limits("stock", names, np.array(of, np.intp), np.tile(sold, len(question.span)), _left(names, left, "stock"))


def _calls(cells: Sequence[Cell], question: Question, measured: Measured) -> Limits | None:
    """Of a dealer in each month; of the holding where no dealer is named."""
    if not question.capacity:
        return None
    if "" in question.capacity and len(question.capacity) > 1:
        raise InvalidInput(
            "Capacity is of the whole holding, or of dealers.", where="capacity", help="Leave one of them out."
        )
    names = tuple(question.capacity)
    is_whole = names == ("",)
    others = [sum(measured.other_leads.values()) if is_whole else measured.other_leads.get(name, 0.0) for name in names]
    left = [limit - other for limit, other in zip(question.capacity.values(), others, strict=True)]
    of_month = [0] * len(cells) if is_whole else _of_dealers(cells, names)
    of = [place + month * len(names) if place >= 0 else -1 for month in range(len(question.span)) for place in of_month]
    most = np.tile(_left(names, left, "capacity"), len(question.span))
    said = tuple(f"{name} {month}".strip() for month in question.span for name in names)
    return Limits("capacity", said, np.array(of, np.intp), np.ones(len(of)), most)


def _of_dealers(cells: Sequence[Cell], names: Sequence[str]) -> list[int]:
    places = {name: place for place, name in enumerate(names)}
    return [places.get(cell.dealer, -1) for cell in cells]


def _left(names: Sequence[str], left: Sequence[float], where: str) -> Numbers:
    """Raises `InvalidInput` where what comes without spend takes all of it."""
    for name, each in zip(names, left, strict=True):
        if each <= 0:
            raise InvalidInput(
                f"What comes without spend takes all {where} of {name or 'the holding'} already.",
                where=where,
                help="Raise the limit, or leave it out.",
            )
    return np.array(left)
