"""Sources that tell nothing any more, and parts of sites whose pages are not counted any more."""

from collections.abc import Iterator

import numpy as np

from attribution.anomalies.baseline import weekday_exposure
from attribution.anomalies.finding import Checked, Telling, Told, findings_of
from attribution.anomalies.judging import judge_counts
from attribution.anomalies.series import Watched

_TELLINGS = {
    "source": Telling(low=Told("source_silent", "the source tells nothing any more, or almost")),
    "page": Telling(low=Told("tracker_missing", "these pages are not counted any more, or almost")),
}
_ALMOST_SILENT = 0.1


def check_silence(watched: Watched) -> Iterator[Checked]:
    """Only what has almost ended: a page may be read less."""
    for kind, telling in _TELLINGS.items():
        values = watched.matrix(kind, "events")
        if not len(values):
            continue
        judgement = judge_counts(values, weekday_exposure(values))
        checked = findings_of(watched, kind, telling, judgement, values, np.zeros(len(values)))
        silent = [each for each in checked.findings if each.observed <= _ALMOST_SILENT * each.expected]
        yield Checked(silent, checked.judged)
