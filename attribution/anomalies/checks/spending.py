"""Media cost of a channel, contractor or all together that stops, falls or jumps."""

from collections.abc import Iterator

import numpy as np

from attribution.anomalies.baseline import weekday_exposure
from attribution.anomalies.finding import Checked, Telling, Told, findings_of
from attribution.anomalies.judging import judge_money
from attribution.anomalies.series import Watched

_TELLING = Telling(Told("spend_low", "spend has fallen"), Told("spend_high", "spend has jumped"))


def check_spending(watched: Watched) -> Iterator[Checked]:
    for kind in ("all", "channel", "contractor"):
        values = watched.matrix(kind, "media")
        if not len(values):
            continue
        judgement = judge_money(values, weekday_exposure(values))
        yield findings_of(watched, kind, _TELLING, judgement, values, np.ones(len(values)))
