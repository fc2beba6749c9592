"""Site visits, leads and calls of a channel, dealer or contractor that stop, fall or jump against what is usual for it.

Each is held against its own level, weekday pattern and trend, and against what its peers do alike.
"""

from collections.abc import Iterator

import numpy as np

from attribution.anomalies.baseline import weekday_exposure
from attribution.anomalies.finding import Checked, Telling, Told, findings_of
from attribution.anomalies.judging import judge_counts
from attribution.anomalies.series import SUBJECT_KINDS, Watched

_TELLINGS = {
    "sessions": Telling(Told("sessions_low", "too few site visits"), Told("sessions_high", "too many site visits")),
    "calls": Telling(Told("calls_low", "too few calls"), Told("calls_high", "too many calls")),
    "leads": Telling(Told("leads_low", "too few leads"), Told("leads_high", "too many leads")),
}


def check_counts(watched: Watched) -> Iterator[Checked]:
    for kind in SUBJECT_KINDS:
        cost = watched.matrix(kind, "cost").sum(axis=1)
        for fact, telling in _TELLINGS.items():
            values = watched.matrix(kind, fact)
            if not len(values):
                continue
            judgement = judge_counts(values, weekday_exposure(values))
            whole = values.sum(axis=1)
            worth = np.divide(cost, whole, out=np.zeros_like(cost), where=whole > 0)
            yield findings_of(watched, kind, telling, judgement, values, worth)
