"""The visits of those who begin to look for a car on one day: drawn for all of them at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from collectors.sample.channels import PLACEMENTS, next_weights
from collectors.sample.holding import Holding
from collectors.sample.season import DAY, MINUTE, midnight, times_of_day

MOST_VISITS = 9
GOES_ON = 0.56
MEAN_GAP_DAYS = 4.5

_TABLE = np.cumsum(np.array(next_weights()), axis=1)
_TABLE /= _TABLE[:, -1:]
_DECIDED = len(PLACEMENTS) + 1
_PERSUADES = np.array([placement.persuades for placement in PLACEMENTS])
_NAMES_DEALER = np.array([placement.names_dealer for placement in PLACEMENTS])


@dataclass(frozen=True, slots=True)
class Cohort:
    """Arrays over people: `dealers`, `devices` (how many), `accounts`; and over people × visits: the rest.

    `placements` is -1 where there is no visit. `deciding` is the visit that caused the wish to ask, or -1.
    """

    first_number: int
    dealers: NDArray[np.int64]
    devices: NDArray[np.int64]
    accounts: NDArray[np.bool_]
    at: NDArray[np.int64]
    placements: NDArray[np.int64]
    device: NDArray[np.int64]
    names_dealer: NDArray[np.bool_]
    deciding: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.dealers)


def draw_cohort(
    rng: np.random.Generator, holding: Holding, day: int, count: int, first_number: int, persuasion: float
) -> Cohort:
    devices = 1 + (rng.random(count) < 0.34).astype(np.int64) + (rng.random(count) < 0.05)
    at = np.zeros((count, MOST_VISITS), dtype=np.int64)
    placements = np.full((count, MOST_VISITS), -1, dtype=np.int64)
    deciding = np.full(count, -1, dtype=np.int64)
    state = np.zeros(count, dtype=np.int64)
    moment = midnight(day) + times_of_day(rng, count)
    active = np.ones(count, dtype=bool)
    for visit in range(MOST_VISITS):
        drawn = (rng.random(count)[:, None] > _TABLE[state]).sum(axis=1)
        placements[active, visit] = drawn[active]
        at[active, visit] = moment[active]
        persuaded = active & (deciding < 0) & (rng.random(count) < _PERSUADES[drawn] * persuasion)
        deciding[persuaded] = visit
        state = np.where(deciding >= 0, _DECIDED, drawn + 1)
        active &= rng.random(count) < np.where(deciding >= 0, 0.4, GOES_ON)
        moment = _next_moment(rng, moment, deciding >= 0)
    return Cohort(
        first_number,
        np.searchsorted(holding.shares, rng.random(count)).clip(0, len(holding.dealers) - 1),
        devices,
        rng.random(count) < 0.12,
        at,
        placements,
        (rng.random((count, MOST_VISITS)) * devices[:, None]).astype(np.int64),
        rng.random((count, MOST_VISITS)) < _NAMES_DEALER[placements],
        deciding,
    )


def _next_moment(rng: np.random.Generator, moment: NDArray[np.int64], decided: NDArray[np.bool_]) -> NDArray[np.int64]:
    """At least ten minutes later; days later on average, sooner for those who have decided."""
    mean = np.where(decided, 0.8, MEAN_GAP_DAYS)
    gap = rng.exponential(mean).clip(0, 40) * DAY
    return moment + 10 * MINUTE + gap.astype(np.int64)
