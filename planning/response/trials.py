"""The test that would tell a curve which the past does not: which dealers, for how long, and what it would find.

Half of the dealers of a channel switch it off, every second by what they spend, so that both halves are alike; a
channel that is bought for the whole holding is switched off at times. The shortest test is taken that would find the
channel's own leads missing (80% power, two-sided at 5%), by what the same dealers did on the newest days.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from attribution.experiments.design import Design
from attribution.experiments.power import Planned, power_report
from infra.errors import InvalidInput, NotReady
from infra.warehouse import Warehouse
from planning.response.model import Ground, Response
from planning.response.panel import Panel

_WEEKS = (4, 8, 12)
_WEEKS_OF_MONTH = 52 / 12


@dataclass(frozen=True, slots=True)
class Trial:
    """`dealers` switch the channel off for `weeks`; all do, at times, where there are none.

    Of `at_stake` credited leads of these weeks the smallest number that would be found missing is `smallest`, None
    where too little has happened to say; `tells` says whether that is fewer than are at stake.
    """

    channel: str
    dealers: tuple[str, ...]
    weeks: int
    smallest: float | None
    at_stake: float

    @property
    def tells(self) -> bool:
        return self.smallest is not None and self.smallest <= self.at_stake


def trials_of(warehouse: Warehouse, panel: Panel, response: Response) -> Mapping[str, Trial]:
    """By channel, of those whose curve is unknown. Channels of the same dealers share what power reports say."""
    asked: dict[tuple[tuple[str, ...], int], float | None] = {}
    found: dict[str, Trial] = {}
    for place, channel in enumerate(panel.channels):
        cells = np.flatnonzero(panel.channel == place)
        if all(response.grounds[cell] is not Ground.NONE for cell in cells):
            continue
        dealers = _half(panel, cells)
        leads = _a_week(panel, cells, dealers)
        for weeks in _WEEKS:
            key = dealers, weeks
            if key not in asked:
                asked[key] = _smallest(warehouse, dealers, weeks)
            found[channel] = Trial(channel, dealers, weeks, asked[key], leads * weeks)
            if found[channel].tells:
                break
    return found


def _half(panel: Panel, cells: np.ndarray) -> tuple[str, ...]:
    """Every second dealer, by what they spend on the channel; none where it is bought for all or for one."""
    spend: dict[str, float] = {}
    for cell in cells:
        name = panel.cells[cell].dealer
        spend[name] = spend.get(name, 0.0) + float(panel.spend[cell].sum())
    if "" in spend or len(spend) < 4:
        return ()
    in_order = sorted(spend, key=lambda name: (-spend[name], name))
    return tuple(sorted(in_order[::2]))


def _a_week(panel: Panel, cells: np.ndarray, dealers: tuple[str, ...]) -> float:
    """Credited leads of the channel at these dealers, a week of the last three months."""
    chosen = [cell for cell in cells if not dealers or panel.cells[cell].dealer in dealers]
    return float(panel.leads[chosen, -3:].mean(axis=1).sum()) / _WEEKS_OF_MONTH


def _smallest(warehouse: Warehouse, dealers: tuple[str, ...], weeks: int) -> float | None:
    design = Design.GEO if dealers else Design.TIME
    try:
        rows = power_report(warehouse, Planned(design, test=dealers, weeks=weeks)).rows
    except (InvalidInput, NotReady):
        return None
    smallest = float(rows["leads_smallest"].iloc[0])
    return smallest if np.isfinite(smallest) else None
