"""The columns of a table of journey patterns, or of raw touches, and the names that other packages give them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from infra.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Layout:
    """`aliases` names each column, first as we call it; those of `required` must be there."""

    kind: str
    aliases: Mapping[str, Sequence[str]]
    required: frozenset[str]


PATTERNS = Layout(
    "patterns",
    {
        "path": ("path", "paths", "journey", "var_path"),
        "conversions": ("conversions", "total_conversions", "conversion", "conv", "var_conv"),
        "value": ("value", "total_conversion_value", "conversion_value", "revenue", "var_value"),
        "nulls": ("nulls", "total_null", "null", "non_conversions", "var_null"),
    },
    frozenset({"path", "conversions"}),
)
TOUCHES = Layout(
    "touches",
    {
        "visitor": ("visitor", "visitor_id", "user_id", "client_id", "customer_id", "user", "cookie"),
        "time": ("time", "ts", "timestamp", "occurred_at", "datetime", "date"),
        "channel": ("channel", "source"),
        "converted": ("converted", "conversion", "conversions"),
        "value": ("value", "conversion_value", "revenue"),
        "campaign": ("campaign", "campaign_name"),
    },
    frozenset({"visitor", "time", "channel", "converted"}),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Which of a table's columns is which of ours."""

    layout: Layout
    column: Mapping[str, str]


def find_columns(names: Sequence[str], given: Mapping[str, str]) -> Found:
    """`given` says which column (value) is which of ours (key); the others are known by their names, in any case.

    A table with a path is one of patterns. Raises `InvalidInput` where a column is missing or unknown.
    """
    known = {name.strip().lower(): name for name in reversed(names)}  # of two alike the first
    _check_given(known, given)
    layout = PATTERNS if "path" in given or any(alias in known for alias in PATTERNS.aliases["path"]) else TOUCHES
    column = {}
    for ours, aliases in layout.aliases.items():
        wanted = (given[ours].strip().lower(),) if ours in given else aliases
        if match := next((known[alias] for alias in wanted if alias in known), None):
            column[ours] = match
    if missing := layout.required - set(column):
        raise InvalidInput(
            f"There is no column for {', '.join(sorted(missing))}; the columns are {', '.join(names)}.",
            where="columns",
            help="A table of patterns has path, conversions, and maybe value and nulls; one of touches has visitor, "
            "time, channel, converted, and maybe value and campaign. Say which is which: --map path=column.",
        )
    return Found(layout, column)


def _check_given(known: Mapping[str, str], given: Mapping[str, str]) -> None:
    ours = {*PATTERNS.aliases, *TOUCHES.aliases}
    for name, column in given.items():
        if name not in ours:
            close = get_close_matches(name, ours, 1)
            raise InvalidInput(
                f"There is no {name!r} to map a column to.",
                where="map",
                help=f"Did you mean {close[0]}?" if close else f"There are {', '.join(sorted(ours))}.",
            )
        if column.strip().lower() not in known:
            raise InvalidInput(
                f"There is no column {column!r} for {name}.",
                where="map",
                help=f"The columns are {', '.join(reversed([*known.values()]))}.",
            )
