"""Sharing a number on the top out to dealers and months, and summing the other way.

Law: the lines below a place of the tree add up to what it was given, exactly, whatever is locked. What is locked keeps
its number, months in which a dealer is closed have none, and everything else has its share by the chosen weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from infra.errors import InvalidInput
from planning.dimensions import DealerPlace, Network
from planning.grid import Flags, Grid, LineKey
from planning.measures import PlannedMeasure, planned_measure
from planning.split import Places, Weights, Whole, nested, share_out

_YEAR = 12


class SplitMethod(StrEnum):
    """By what a whole is shared: see `Basis`."""

    HISTORY = "history"
    SEASONALITY = "seasonality"
    CAPACITY = "capacity"
    EVEN = "even"
    WEIGHTS = "weights"
    CURRENT = "current"


@dataclass(frozen=True)
class Basis:
    """What weights are made of.

    `history` has what happened in the last twelve whole months, each under its month of the year; `capacities` are
    units a month by dealer and direction; `weights` are of dealers, `month_weights` of the twelve months.
    """

    history: Grid
    capacities: Mapping[tuple[str, str], int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    month_weights: Sequence[float] = (1.0,) * _YEAR


@dataclass(frozen=True, slots=True)
class Split:
    """What is shared out: `totals` in smallest units, one of all `months` together or one of each of them.

    Empty names are every holding, brand, dealer, direction, channel and contractor. Without `directions` and `channels`
    the lines that are there share; with them, a line for each dealer, direction and channel, and what else is there
    goes to 0 unless it is locked. Shares are multiples of `step`.
    """

    measure: str
    totals: tuple[int, ...]
    months: tuple[int, ...]
    method: SplitMethod
    holding: str = ""
    brand: str = ""
    dealer: str = ""
    direction: str = ""
    channel: str = ""
    directions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    step: int = 1

    def __post_init__(self) -> None:
        planned_measure(self.measure)
        if len(self.totals) not in (1, len(self.months)) or not self.months:
            raise InvalidInput(
                "There is one total for all months together, or one for each.", where="totals", help="Name the months."
            )
        if any(total < 0 for total in self.totals):
            raise InvalidInput("A plan is not negative.", where="total", help="Write 0 or more.")
        if self.step < 1:
            raise InvalidInput("Shares are multiples of a whole number.", where="step", help="Write 1 or more.")


def split_lines(split: Split, lines: Grid, network: Network, year: int, basis: Basis) -> Grid:
    """The lines of the measure after it; `lines` are those of the measure before it.

    Raises `InvalidInput` where locked cells already plan more, or nothing has a weight.
    """
    measure = planned_measure(split.measure)
    dealers = {each.id: each for each in network.under(holding=split.holding, brand=split.brand, dealer=split.dealer)}
    wide = lines.with_keys(_wanted(split, lines, dealers))
    inside = _inside(split, wide, dealers)
    sharing = inside & _sharing(split, wide)
    free = open_cells(wide, network, year) & _of_months(split.months) & sharing[:, None] & ~wide.locked
    emptied = inside[:, None] & ~sharing[:, None] & ~wide.locked & _of_months(split.months)
    values = np.where(emptied | free, 0, wide.values)
    fixed = np.where(inside[:, None] & ~free, values, 0)
    totals, of_total = _totals(split, fixed, measure)
    weights = _weights(split, wide, free, basis)
    values[free] = _shares(split, totals, of_total[free], weights[free], _levels(wide, free, network), measure)
    return Grid(wide.keys, values, wide.locked, wide.edits)


def keep_whole(lines: Grid, after: Grid, group: Flags, free: Flags) -> Grid:
    """`after` with the cells of `free` changed so that all of `group` add up to what they did in `lines`.

    Raises `InvalidInput` where they cannot give that much.
    """
    wide = lines.with_keys(after.keys)
    whole = int(wide.values[group].sum())
    kept = int(after.values[group & ~free].sum())
    if kept > whole or not free.any():
        raise InvalidInput(
            f"The others cannot give {kept - whole:,} more: they are locked, or have not so much.",
            where="value",
            help="Unlock some of them, write a smaller number, or let the whole change with it.",
        )
    weights = np.where(free, wide.values, 0).astype(np.float64)
    if not weights.any():
        weights = free.astype(np.float64)
    values = after.values.copy()
    one = np.zeros(int(free.sum()), dtype=np.intp)
    values[free] = share_out(np.array([whole - kept]), weights[free], [one])
    return Grid(after.keys, values, after.locked, after.edits)


def _wanted(split: Split, lines: Grid, dealers: Mapping[str, DealerPlace]) -> Iterable[LineKey]:
    """The lines that there are to be."""
    has_lines = {key.dealer for key in lines.keys if _fits(split, key)}
    directions = split.directions or ((split.direction,) if split.direction else ("",))
    channels = split.channels or ((split.channel,) if split.channel else ("",))
    for dealer in dealers:
        if split.directions or split.channels or dealer not in has_lines:
            for direction in directions:
                for channel in channels:
                    yield LineKey(split.measure, dealer, direction, channel)


def _fits(split: Split, key: LineKey) -> bool:
    return (not split.direction or key.direction == split.direction) and (
        not split.channel or key.channel == split.channel
    )


def _inside(split: Split, lines: Grid, dealers: Mapping[str, DealerPlace]) -> Flags:
    return np.array([key.dealer in dealers and _fits(split, key) for key in lines.keys], dtype=np.bool_)


def _sharing(split: Split, lines: Grid) -> Flags:
    return np.array(
        [
            (not split.directions or key.direction in split.directions)
            and (not split.channels or key.channel in split.channels)
            for key in lines.keys
        ],
        dtype=np.bool_,
    )


def open_cells(lines: Grid, network: Network, year: int) -> Flags:
    """Months of lines in which their dealer, who is seen, is open."""
    months = {each.id: each.open_months(year) for each in network.dealers}
    closed = (False,) * _YEAR
    return np.array([months.get(key.dealer, closed) for key in lines.keys], dtype=np.bool_).reshape(-1, _YEAR)


def _of_months(months: Sequence[int]) -> Flags:
    flags = np.zeros(_YEAR, dtype=np.bool_)
    flags[[month - 1 for month in months]] = True
    return flags


def _totals(split: Split, fixed: Whole, measure: PlannedMeasure) -> tuple[Whole, Places]:
    """What is left for free cells of each total, and which total each cell belongs to."""
    of_month = np.zeros(_YEAR, dtype=np.intp)
    if len(split.totals) > 1:
        of_month[[month - 1 for month in split.months]] = np.arange(len(split.months))
    chosen = _of_months(split.months)
    taken = np.bincount(of_month[chosen], fixed.sum(axis=0)[chosen], len(split.totals)).astype(np.int64)
    totals = np.array(split.totals, dtype=np.int64)
    if (taken > totals).any():
        place = int(np.flatnonzero(taken > totals)[0])
        raise InvalidInput(
            f"Locked cells{_when(split, place)} already plan {measure.shown(int(taken[place])):,}, which is more than"
            f" {measure.shown(int(totals[place])):,}.",
            where="total",
            help="Unlock some of them, or share out more.",
        )
    return totals - taken, np.broadcast_to(of_month, fixed.shape)


def _shares(
    split: Split,
    totals: Whole,
    of_total: Places,
    weights: Weights,
    levels: Sequence[Places],
    measure: PlannedMeasure,
) -> Whole:
    """Of the free cells, level by level within each total."""
    sums = np.bincount(of_total, weights, len(totals))
    if ((sums == 0) & (totals > 0)).any():
        place = int(np.flatnonzero((sums == 0) & (totals > 0))[0])
        raise InvalidInput(
            f"There is nothing by which to share {measure.shown(int(totals[place])):,}{_when(split, place)}:"
            f" {_MISSING[split.method]}.",
            where="method",
            help="Share evenly or by own weights, or unlock cells.",
        )
    return share_out(totals, weights, nested(of_total, *levels), split.step)


_MISSING = {
    SplitMethod.HISTORY: "nothing of the kind happened in these months of the last year",
    SplitMethod.SEASONALITY: "nothing of the kind happened in the last year",
    SplitMethod.CAPACITY: "no capacities are entered for these dealers and directions",
    SplitMethod.EVEN: "every cell is locked, or its dealer is closed",
    SplitMethod.WEIGHTS: "the weights of all open dealers and months are 0",
    SplitMethod.CURRENT: "every cell is locked, or its dealer is closed",
}


def _when(split: Split, place: int) -> str:
    return f" of month {split.months[place]}" if len(split.totals) > 1 else ""


def _levels(lines: Grid, free: Flags, network: Network) -> list[Places]:
    """Of each free cell its holding, brand, dealer, direction and channel, as numbers; months are the last level."""
    rows = np.nonzero(free)[0]
    places = network.by_id
    names = (
        [places[key.dealer].holding if key.dealer in places else "" for key in lines.keys],
        [places[key.dealer].brand if key.dealer in places else "" for key in lines.keys],
        lines.column("dealer"),
        lines.column("direction"),
        lines.column("channel"),
        lines.column("contractor"),
    )
    return [
        np.unique(np.array(column, dtype=np.str_), return_inverse=True)[1].astype(np.intp)[rows] for column in names
    ]


def _weights(split: Split, lines: Grid, free: Flags, basis: Basis) -> Weights:
    """Of each cell; 0 where it is not free."""
    months = np.asarray(basis.month_weights, dtype=np.float64)
    if split.method is SplitMethod.HISTORY:
        found = _history_of(lines, basis.history)
    elif split.method is SplitMethod.SEASONALITY:
        found = _seasonal(_history_of(lines, basis.history))
    elif split.method is SplitMethod.CAPACITY:
        units = [basis.capacities.get((key.dealer, key.direction), 0) for key in lines.keys]
        found = np.array(units, dtype=np.float64)[:, None] * months
    elif split.method is SplitMethod.WEIGHTS:
        found = np.array([basis.weights.get(key.dealer, 0.0) for key in lines.keys])[:, None] * months
    elif split.method is SplitMethod.CURRENT and np.where(free, lines.values, 0).any():
        found = lines.values.astype(np.float64)
    else:
        found = np.ones(lines.values.shape)
    return np.where(free, np.maximum(found, 0), 0.0)


def _history_of(lines: Grid, history: Grid) -> Weights:
    """What happened to each line; one that is not broken down has all of its dealer's."""
    known: dict[LineKey, Weights] = {}
    for key, values in zip(history.keys, history.values.astype(np.float64), strict=True):
        for direction in {key.direction, ""}:
            for channel in {key.channel, ""}:
                name = LineKey(key.measure, key.dealer, direction, channel)
                known[name] = known.get(name, 0) + values
    nothing = np.zeros(_YEAR)
    return np.array([known.get(key._replace(contractor=""), nothing) for key in lines.keys]).reshape(-1, _YEAR)


def _seasonal(history: Weights) -> Weights:
    """Each line's year, spread over the months as all lines together were: a small dealer's season is mostly chance."""
    season = history.sum(axis=0)
    whole = season.sum()
    profile = season / whole if whole else np.zeros(_YEAR)
    spread: Weights = history.sum(axis=1)[:, None] * profile
    return spread
