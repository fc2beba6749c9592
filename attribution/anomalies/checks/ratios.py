"""CPL, conversion, junk share and missed share that jump or fall: counts held against what they are a share of.

A jump of CPL is a lack of leads for the money that was spent, so that one lead more or less of a small dealer is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from attribution.anomalies.baseline import Numbers
from attribution.anomalies.finding import Checked, Telling, Told, findings_of
from attribution.anomalies.judging import judge_counts
from attribution.anomalies.series import SUBJECT_KINDS, Watched


@dataclass(frozen=True, slots=True)
class Ratio:
    """`count` per `per`; a day without any of the latter tells nothing."""

    count: str
    per: str
    telling: Telling


RATIOS = (
    Ratio("leads", "cost", Telling(Told("cpl_high", "CPL has risen"), Told("cpl_low", "CPL has fallen"))),
    Ratio(
        "leads",
        "sessions",
        Telling(
            Told("conversion_low", "fewer site visits become leads"),
            Told("conversion_high", "more site visits become leads"),
        ),
    ),
    Ratio("junk", "asked", Telling(high=Told("junk_share_high", "more leads are junk"))),
    Ratio("missed", "calls", Telling(high=Told("missed_share_high", "more calls are missed"))),
)


_MOST_DAYS = 0.8


def check_ratios(watched: Watched) -> Iterator[Checked]:
    for kind in SUBJECT_KINDS:
        cost, leads = watched.matrix(kind, "cost"), watched.matrix(kind, "leads")
        whole = leads.sum(axis=1)
        cpl = np.divide(cost.sum(axis=1), whole, out=np.zeros(len(cost)), where=whole > 0)
        for ratio in RATIOS:
            values, exposure = watched.matrix(kind, ratio.count), _smooth(watched.matrix(kind, ratio.per), ratio.per)
            if not len(values):
                continue
            judgement = judge_counts(values, exposure, is_share=True)
            yield findings_of(watched, kind, ratio.telling, judgement, values, cpl)


def _smooth(exposure: Numbers, per: str) -> Numbers:
    """Money works for a week: a lead of today may be of yesterday's click.

    What costs only now and then, or nothing of late, has no CPL to be judged: its exposure is 0.
    """
    if per != "cost":
        return exposure
    often = (exposure > 0).mean(axis=1) >= _MOST_DAYS
    goes_on = exposure[:, -7:].mean(axis=1) >= 0.5 * np.median(exposure, axis=1)
    exposure = np.where((often & goes_on)[:, np.newaxis], exposure, 0)
    padded = np.concatenate([np.repeat(exposure[:, :1], 6, axis=1), exposure], axis=1)
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 7, axis=1).mean(axis=2), dtype=np.float64)
