"""Rows of a table of journeys, checked all at once: what is wrong is named by its line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from infra.errors import InvalidInput

_SHOWN = 5
_OTHER_SEPARATORS = ("->", "=>", "→", "»", "|", ";")
_YES, _NO = {"1", "1.0", "true", "yes", "t", "y"}, {"", "0", "0.0", "false", "no", "f", "n"}


@dataclass(frozen=True, slots=True)
class Rows:
    """A table by our columns, whose rows the reader knows as `word` with a number, the first of them `first`."""

    table: pa.Table
    word: str
    first: int


def several(problems: Sequence[str]) -> str:
    """The first of the problems in a sentence, and how many more there are."""
    shown = "; ".join(problems[:_SHOWN])
    return f"{shown}; and {len(problems) - _SHOWN} more." if len(problems) > _SHOWN else f"{shown}."


def check_patterns(rows: Rows, separator: str) -> pa.Table:
    """`path`, and `conversions`, `value` and `nulls` as numbers. Raises `InvalidInput`."""
    checked = _Checked(rows)
    path = checked.text("path")
    _check_separator(path, separator)
    mark = re.escape(separator.strip() or separator)
    checked.refuse(
        path.str.contains(rf"^\s*{mark}|{mark}\s*{mark}|{mark}\s*$", regex=True), "the path {} has an empty step", path
    )
    columns: dict[str, pd.Series] = {"path": path}
    for name in ("conversions", "value", "nulls"):
        columns[name] = checked.number(name, may_be_negative=name == "value")
    return checked.finished(columns)


def check_touches(rows: Rows, *, by_campaign: bool) -> pa.Table:
    """`visitor`, `time` (milliseconds, UTC where it names no zone), `channel`, `converted` (0 or 1) and `value`.

    Channels are «channel / campaign» by campaign. Raises `InvalidInput`.
    """
    checked = _Checked(rows)
    visitor, channel = checked.text("visitor"), checked.text("channel")
    checked.refuse(visitor == "", "there is no visitor", visitor)
    time = checked.time("time")
    converted = checked.flag("converted")
    checked.refuse((channel == "") & ~converted, "there is neither a channel nor a conversion", channel)
    if by_campaign:
        campaign = checked.text("campaign").replace("", "(none)")
        channel = channel.where(channel == "", channel + " / " + campaign)
    value = checked.number("value", may_be_negative=True)
    return checked.finished(
        {"visitor": visitor, "time": time, "channel": channel, "converted": converted.astype("uint8"), "value": value}
    )


def _check_separator(path: "pd.Series[str]", separator: str) -> None:
    if not separator.strip():
        raise InvalidInput("The separator of a path's steps is empty.", where="separator")
    mark = separator.strip()
    for other in _OTHER_SEPARATORS:
        longer = mark in other and other != mark
        unused = other not in mark and not path.str.contains(mark, regex=False).any()
        if (longer or unused) and path.str.contains(other, regex=False).any():
            raise InvalidInput(
                f"A path's steps are looked for between {mark!r}, but paths hold {other!r}: {_first(path, other)!r}.",
                where="separator",
                help=f"Name the separator: --separator '{other}', or ?separator={other}.",
            )


def _first(path: "pd.Series[str]", mark: str) -> str:
    return str(path[path.str.contains(mark, regex=False)].iloc[0])[:80]


class _Checked:
    """Columns read out of rows of which the wrong ones are gathered; rows that are empty throughout are none."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._texts = {name: _texts(rows.table[name]) for name in rows.table.column_names}
        self._blank = np.logical_and.reduce([(text == "").to_numpy() for text in self._texts.values()])
        self._problems: dict[int, str] = {}

    def text(self, name: str) -> "pd.Series[str]":
        return (
            self._texts[name]
            if name in self._texts
            else pd.Series("", index=range(self._rows.table.num_rows), dtype=str)
        )

    def number(self, name: str, *, may_be_negative: bool) -> "pd.Series[float]":
        """Empty is 0."""
        text = self.text(name)
        found = pd.to_numeric(text.replace("", "0"), errors="coerce").astype(float)
        self.refuse(~found.abs().lt(np.inf), f"{name} {{}} is no number", text)
        if not may_be_negative:
            self.refuse(found < 0, f"{name} {{}} is negative", text)
        return found

    def time(self, name: str) -> "pd.Series[pd.Timestamp]":
        text = self.text(name)
        found = pd.to_datetime(text.where(text != "", None), format="ISO8601", utc=True, errors="coerce")
        self.refuse(found.isna(), f"{name} {{}} is no time such as 2026-01-31T09:00:00Z", text)
        self.refuse(found.dt.year < 1970, f"{name} {{}} is before 1970", text)
        return found.astype("datetime64[ms, UTC]")

    def flag(self, name: str) -> "pd.Series[bool]":
        text = self.text(name).str.lower()
        self.refuse(~text.isin(_YES | _NO), f"{name} {{}} is neither 1 nor 0", text)
        return text.isin(_YES)

    def refuse(self, wrong: "pd.Series[bool]", why: str, text: "pd.Series[str]") -> None:
        for place in np.flatnonzero(wrong.to_numpy() & ~self._blank):
            self._problems.setdefault(int(place), why.format(repr(text.iloc[place][:80])))

    def finished(self, columns: "dict[str, pd.Series]") -> pa.Table:
        """The rows that are not empty. Raises `InvalidInput` where any was refused."""
        if self._problems:
            told = [
                f"{self._rows.word} {place + self._rows.first}: {self._problems[place]}"
                for place in sorted(self._problems)
            ]
            raise InvalidInput(several(told), where="body", help="Correct these rows, or leave them out.")
        return pa.Table.from_pandas(pd.DataFrame(columns)[~self._blank], preserve_index=False)


def _texts(column: pa.ChunkedArray) -> "pd.Series[str]":
    """A column as text, trimmed; nothing is empty."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return pd.Series(column.to_pandas()).map(lambda at: "" if pd.isna(at) else at.isoformat()).astype(str)
    text = column.cast(pa.string()) if not pa.types.is_string(kind) else column
    return pd.Series(text.fill_null("").to_pandas(), dtype=str).str.strip()
