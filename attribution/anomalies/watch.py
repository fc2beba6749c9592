"""Watching: after a run, every check is asked, and what is improbable enough is told once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from attribution.anomalies.cause import Causes
from attribution.anomalies.checks import CHECKS
from attribution.anomalies.finding import Finding
from attribution.anomalies.notices import Notices, tells
from attribution.anomalies.series import Watched, read_watched
from attribution.runs import newest_run
from infra.settings import Settings
from infra.warehouse import Warehouse

FALSE_NOTICES_A_DAY = 0.1
"""How many notices a day chance alone may raise in expectation, over all series that are judged."""

_LATEST = 2
_ROOTS = (
    "spend_without_touches", "touches_without_spend", "source_silent", "tracker_missing", "spend_low", "spend_high",
    "sessions_low", "sessions_high", "calls_low", "calls_high", "missed_share_high", "junk_share_high", "leads_low",
    "leads_high", "conversion_low", "conversion_high", "cpl_high", "cpl_low",
)  # fmt: skip
"""Kinds, what may be the cause of another before it: calls that end make leads fall and CPL rise."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many series were judged, how many notices raised, how many go on, and how many ended."""

    judged: int
    raised: int
    going_on: int
    ended: int


def check_anomalies(warehouse: Warehouse, notices: Notices, settings: Settings, today: date) -> Outcome:
    """Judge the days before `today`, which is not over, by what the newest run stored. Raises `NotReady`."""
    run = newest_run(warehouse).number
    watched = read_watched(warehouse, run, settings.timezone, today - timedelta(days=1))
    if late := _late(watched):
        watched = read_watched(warehouse, run, settings.timezone, today - timedelta(days=1 + late))
    last_day = watched.last_day
    judged, found = find_anomalies(watched)
    unknown = notices.going_on(found, last_day)
    new = [each for each in unknown if each.probability <= FALSE_NOTICES_A_DAY / max(judged, 1)]
    causes = Causes(warehouse, run, settings.timezone, last_day)
    raised = sum(notices.raise_new(each, causes.of(each), last_day) for each in _untold(new))
    ended = notices.end(last_day)
    return Outcome(judged, raised, len(notices.all()) - raised, ended)


def _late(watched: Watched) -> int:
    """How many of the last days are still to come in: costs are told a day or two later. More than that is silence."""
    media = watched.matrix("all", "media")
    told = np.flatnonzero(media[0]) if len(media) else np.zeros(0)
    late = media.shape[1] - 1 - int(told[-1]) if len(told) else 0
    return late if late <= _LATEST else 0


def find_anomalies(watched: Watched) -> tuple[int, Sequence[Finding]]:
    """How many series were judged, and all that is improbable to any degree, the roots first.

    A new notice needs a probability within the budget; one that is open goes on with less.
    """
    checked = [each for check in CHECKS for each in check(watched)]
    found = [finding for each in checked for finding in each.findings]
    order = sorted(found, key=lambda each: (_ROOTS.index(each.kind), each.subject_kind, each.subject))
    return sum(each.judged for each in checked), order


def _untold(new: Sequence[Finding]) -> list[Finding]:
    """Of several that tell the same, the first: the root, of the widest subject."""
    told: list[Finding] = []
    for each in new:
        if not any(tells(known, each) for known in told):
            told.append(each)
    return told
