"""What the past tells of the response to spend: the response itself, and what it was read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from attribution.experiments.calibration import Factor, factors
from attribution.experiments.design import Experiment
from attribution.experiments.reporting import evaluations
from attribution.models import Model
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.settings import Settings
from infra.warehouse import Warehouse
from planning.history import months_before
from planning.media.months import month_of
from planning.response.calibrating import calibrated
from planning.response.choosing import choose
from planning.response.curves import Curves, Family, Numbers, Places
from planning.response.drawing import DRAWS, response_of
from planning.response.margins import margins_of
from planning.response.model import Response
from planning.response.reading import MONTHS, read_past
from planning.response.trials import Trial, trials_of


@dataclass(frozen=True)
class Study:
    """`spend`, `leads` and `season` are of the shape (cells, months), cells as those of the response.

    `astray` is the share of credited leads that others than their channel brought, `tests` by channel what lift tests
    found, `trials` by channel the test that would tell an unknown curve.
    """

    response: Response
    months: tuple[str, ...]
    spend: Numbers
    leads: Numbers
    season: Numbers
    astray: float = 0.0
    tests: Mapping[str, Factor] | None = None
    trials: Mapping[str, Trial] | None = None

    @property
    def channels(self) -> Sequence[str]:
        return sorted({cell.channel for cell in self.response.cells})

    def places_of(self, channel: str) -> Places:
        return np.array(
            [place for place, cell in enumerate(self.response.cells) if cell.channel == channel], dtype=np.int64
        )

    def of(self, places: Places) -> "Study":
        """That of some cells."""
        return replace(
            self, response=self.response.of(places), spend=self.spend[places], leads=self.leads[places],
            season=self.season[places],
        )  # fmt: skip

    def seen_by(self, seen: Visibility) -> "Study":
        """Cells of what one sees; those of the whole holding are seen by who sees all dealers."""
        if seen.is_everything:
            return self
        cells = self.response.cells
        places = np.array(
            [
                place
                for place, cell in enumerate(cells)
                if seen.sees_dealer(cell.dealer) and seen.sees_contractor(cell.contractor)
            ],
            dtype=np.int64,
        )
        return replace(self.of(places), tests={}, trials={})


def read_study(warehouse: Warehouse, settings: Settings, today: date, told: Sequence[Experiment] = ()) -> Study:
    """Of the whole holding, from the last whole months. Raises `NotReady` where nothing was attributed yet."""
    run = newest_run(warehouse)
    past = read_past(warehouse, run, months_before(month_of(today), MONTHS), settings)
    if not past:
        return nothing_known()
    panel = past.panel
    chosen = choose(panel)
    margins = margins_of(panel, past.margin, past.sold)
    tested = factors(evaluations(warehouse, told, run, Model.LAST_NON_DIRECT))
    response = calibrated(response_of(panel, chosen, margins.mean, margins.error), panel, chosen, tested)
    return Study(
        response, past.months, panel.spend, panel.leads, chosen.fit.season, chosen.fit.held.leakage.share,
        {channel: each for channel, each in tested.items() if channel in panel.channels},
        trials_of(warehouse, panel, response),
    )  # fmt: skip


def nothing_known() -> Study:
    none, drawn = np.zeros(0), np.zeros((DRAWS, 0))
    curves, draws = Curves(Family.POWER, none, none, none), Curves(Family.POWER, drawn, drawn, drawn)
    empty = np.zeros((0, 0))
    return Study(Response((), curves, draws, none, drawn, none, none, ()), (), empty, empty, empty, tests={}, trials={})
