"""The daily series that are judged, as matrices: a row a subject, a column a day, the newest last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from attribution.anomalies.baseline import HISTORY, Numbers
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "anomalies")

FACTS = ("cost", "media", "sessions", "leads", "asked", "junk", "calls", "missed")
SUBJECT_KINDS = ("all", "channel", "dealer", "contractor")


@dataclass(frozen=True, slots=True)
class Watched:
    """What checks look at: the `HISTORY` days that end with `last_day`, in the account's time zone.

    `frame` has a row a subject and day with all `FACTS`; `events` the same with `events` of sources and pages.
    """

    last_day: date
    frame: pd.DataFrame
    events: pd.DataFrame

    @property
    def days(self) -> list[date]:
        return [self.last_day - timedelta(days=back) for back in range(HISTORY - 1, -1, -1)]

    def subjects(self, kind: str) -> list[str]:
        frame = self.events if kind in ("source", "page") else self.frame
        return sorted(frame.loc[frame["subject_kind"] == kind, "subject"].unique())

    def matrix(self, kind: str, fact: str) -> Numbers:
        """A row for each of `subjects(kind)`; 0 on days that nothing is told of."""
        frame = self.events if fact == "events" else self.frame
        chosen = frame[frame["subject_kind"] == kind]
        wide = chosen.pivot_table(index="subject", columns="date", values=fact, aggfunc="sum", fill_value=0)
        return wide.reindex(index=self.subjects(kind), columns=self.days, fill_value=0).to_numpy(dtype=np.float64)


def read_watched(warehouse: Warehouse, run: int, timezone: str, last_day: date) -> Watched:
    parameters = {"run": run, "timezone": timezone, "from": last_day - timedelta(days=HISTORY - 1), "to": last_day}
    frame = warehouse.frame(_SQL["daily_series"], parameters)
    events = [warehouse.frame(_SQL[name], parameters) for name in ("daily_sources", "daily_pages")]
    return Watched(
        last_day,
        _dated(frame, FACTS),
        _dated(pd.concat([each for each in events if not each.empty] or [_NONE]), ("events",)),
    )


_NONE = pd.DataFrame(columns=["subject_kind", "subject", "date", "events"])


def _dated(frame: pd.DataFrame, facts: Sequence[str]) -> pd.DataFrame:
    whole = frame.reindex(columns=["subject_kind", "subject", "date", *facts])
    whole["date"] = pd.to_datetime(whole["date"]).dt.date
    return whole.astype(dict.fromkeys(facts, "float64"))
