"""What a check finds, and what a check is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from attribution.anomalies.baseline import Numbers
from attribution.anomalies.judging import Judgement, begun, is_over
from attribution.anomalies.series import Watched

SMALLEST_CHANGE = 0.3


@dataclass(frozen=True, slots=True)
class Finding:
    """`observed` and `expected` are of the days from `since` on.

    `kind` is what happened, such as `calls_low`; `probability` that chance alone did it; `money` what is at stake, None
    where nobody can say.
    """

    kind: str
    subject_kind: str
    subject: str
    since: date
    observed: float
    expected: float
    probability: float
    money: float | None
    text: str

    @property
    def is_low(self) -> bool:
        return self.observed < self.expected

    @property
    def severity(self) -> str:
        """`critical` where it fell to a third or less, or rose to the threefold or more; else `warning`."""
        return "critical" if 3 * self.observed <= self.expected or self.observed >= 3 * self.expected else "warning"


@dataclass(frozen=True, slots=True)
class Checked:
    """All that a check found improbable to any degree, and how many series it judged."""

    findings: Sequence[Finding]
    judged: int


Check = Callable[[Watched], Iterable[Checked]]


@dataclass(frozen=True, slots=True)
class Told:
    """How an anomaly of one direction is called, and said."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Telling:
    """What it means where a series is lower or higher than it should be; None where that is no news."""

    low: Told | None = None
    high: Told | None = None


def findings_of(
    watched: Watched, subject_kind: str, telling: Telling, judgement: Judgement, values: Numbers, worth: Numbers
) -> Checked:
    """`values` are daily, a row a subject; `worth` is the money that one unit of them stands for.

    Most rows are probable: they are left out here, and counted.
    """
    subjects = watched.subjects(subject_kind)
    recent = values[:, -judgement.daily.shape[1] :]
    lengths = begun(recent, judgement.daily)
    found = []
    for row in np.flatnonzero(judgement.probability < _INTERESTING):
        is_low = judgement.observed[row] < judgement.expected[row]
        told = telling.low if is_low else telling.high
        days = int(lengths[row])
        seen, meant = float(recent[row, -days:].sum()), float(judgement.daily[row, -days:].sum())
        if (seen < meant) != is_low:  # the scan met something older: what was judged is newer
            days, seen, meant = int(judgement.days[row]), float(judgement.observed[row]), float(judgement.expected[row])
        if told is None or abs(seen - meant) < SMALLEST_CHANGE * meant:
            continue
        if is_over(recent[row, -days:], judgement.daily[row, -days:]):
            continue
        found.append(
            Finding(
                told.kind,
                subject_kind,
                subjects[row],
                watched.last_day - timedelta(days=days - 1),
                seen,
                meant,
                float(judgement.probability[row]),
                float(abs(seen - meant) * worth[row]) or None,
                told.text,
            )
        )
    return Checked(found, int((judgement.probability < 1).sum()))


_INTERESTING = 0.01
