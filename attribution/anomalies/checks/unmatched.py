"""Channels whose spend brings no touches, and channels that were paid for and bring touches without spend.

No probability is asked: a week of either is a gap in what is collected.
"""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from attribution.anomalies.baseline import Numbers
from attribution.anomalies.finding import Checked, Finding
from attribution.anomalies.series import Watched

DAYS = 7
_FEWEST_SESSIONS = 10
_PAID_DAYS = 14


def check_unmatched(watched: Watched) -> Iterator[Checked]:
    media, sessions, calls = (watched.matrix("channel", fact) for fact in ("media", "sessions", "calls"))
    if not len(media):
        return
    heard = sessions + calls
    spent = (media[:, -DAYS:] > 0).all(axis=1)
    silent = heard[:, -DAYS:].sum(axis=1) == 0
    paid = (media[:, :-DAYS] > 0).sum(axis=1) >= _PAID_DAYS
    free = media[:, -DAYS:].sum(axis=1) == 0
    busy = sessions[:, -DAYS:].sum(axis=1) >= _FEWEST_SESSIONS
    price = np.divide(media.sum(axis=1), sessions.sum(axis=1), out=np.zeros(len(media)), where=sessions.sum(axis=1) > 0)
    found = []
    for row in np.flatnonzero(spent & silent).tolist():
        days = _length(heard[row])
        money = float(media[row, -days:].sum())
        usual = float(heard[row, :-days].mean() * days) if days < heard.shape[1] else 0.0
        found.append(_finding(watched, row, "spend_without_touches", days, 0.0, usual, money))
    for row in np.flatnonzero(paid & free & busy).tolist():
        days = _length(media[row])
        seen = float(sessions[row, -days:].sum())
        meant = float(media[row, :-days].mean() * days)
        found.append(_finding(watched, row, "touches_without_spend", days, 0.0, meant, seen * float(price[row])))
    yield Checked(found, 0)


TEXTS = {
    "spend_without_touches": "money is spent, and no touch is counted",
    "touches_without_spend": "touches are counted, and no spend is told of",
}


def _finding(
    watched: Watched, row: int, kind: str, days: int, observed: float, expected: float, money: float
) -> Finding:
    since = watched.last_day - timedelta(days=days - 1)
    subject = watched.subjects("channel")[row]
    return Finding(kind, "channel", subject, since, observed, expected, 0.0, money or None, TEXTS[kind])


def _length(values: Numbers) -> int:
    """How many of the last days hold nothing."""
    filled = np.flatnonzero(values)
    return len(values) - int(filled[-1]) - 1 if len(filled) else len(values)
