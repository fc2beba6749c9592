"""Journeys out of files, in a table of the warehouse for as long as they are asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from attribution.journeys.columns import PATTERNS
from attribution.journeys.markov import MOST_CHANNELS
from attribution.journeys.reading import Source
from attribution.journeys.table import FIRST_PART, Journeys, new_journeys
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "journeys")


@contextmanager
def journeys_of(
    warehouse: Warehouse, source: Source, *, separator: str, lookback_days: float, half_life_days: float, direct: str
) -> Iterator[Journeys]:
    """The journeys of a file that the warehouse's machine can read. `separator` is of patterns, the days of touches.

    Raises `InvalidInput` where no channel is named, or too many are.
    """
    of_patterns = source.layout is PATTERNS
    asked: dict[str, Any] = {"file": str(source.file), "structure": source.structure}
    asked |= {"separator": separator.strip()} if of_patterns else source.column
    found = warehouse.rows(_SQL["channels_of_patterns" if of_patterns else "channels_of_touches"], asked)
    channels = check_channels([row["channel"] for row in found])
    with new_journeys(warehouse) as table:
        asked |= {"journeys": table, "channels": channels}
        if of_patterns:
            warehouse.command(_SQL["add_patterns"], {**asked, "first_part": FIRST_PART})
        else:
            window = timedelta(days=lookback_days) // timedelta(milliseconds=1)
            warehouse.command(_SQL["add_touches"], {**asked, "lookback_ms": window})
        yield Journeys(warehouse, table, channels, not of_patterns, half_life_days, direct)


def check_channels(channels: list[str]) -> list[str]:
    if not channels:
        raise InvalidInput("No journey has a touch.", where="body", help="Name at least one channel.")
    if len(channels) > MOST_CHANNELS:
        raise InvalidInput(
            f"There are {len(channels):,} different channels, and at most {MOST_CHANNELS:,} can be told apart.",
            where="channel",
            help="Group the channels first, or leave campaigns out.",
        )
    return channels
