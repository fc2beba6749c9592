"""Journeys told as patterns or as a file, in an engine."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from attribution.journeys.filling import journeys_of
from attribution.journeys.reading import Reading, read_source
from attribution.journeys.table import Journeys
from infra.warehouse import Warehouse
from tests.attribution.journeys.reference_models import Pattern


@contextmanager
def told_patterns(warehouse: Warehouse, patterns: Iterable[Pattern], direct: str = "direct") -> Iterator[Journeys]:
    rows = [(" > ".join(each.path), each.conversions, each.value, each.nulls) for each in patterns]
    table = pd.DataFrame(rows, columns=["path", "conversions", "value", "nulls"])
    with TemporaryDirectory() as folder:
        table.to_csv(Path(folder) / "patterns.csv", index=False)
        with told_file(warehouse, Path(folder) / "patterns.csv", direct=direct) as journeys:
            yield journeys


@contextmanager
def told_file(
    warehouse: Warehouse, file: Path, *, direct: str = "direct", lookback_days: float = 90, by_campaign: bool = False
) -> Iterator[Journeys]:
    with TemporaryDirectory() as folder:
        source = read_source(file, Path(folder), Reading(by_campaign=by_campaign))
        with journeys_of(
            warehouse, source, separator=">", lookback_days=lookback_days, half_life_days=7, direct=direct
        ) as journeys:
            yield journeys
