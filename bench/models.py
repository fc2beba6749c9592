"""From raw touches to exact results, against ChannelAttribution, and against the engine that merely sorts the touches.

`python -m bench.models FOLDER` runs each side in processes of its own, turn about. The results are six heuristics, and
Markov removal effects of order 1 and 2 on conversions and value.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson

from attribution.journeys.filling import journeys_of
from attribution.journeys.models import RuleModel, models_for
from attribution.journeys.reading import Reading, read_source
from attribution.journeys.table import Span
from bench.journeys import CHANNELS, write_touches
from bench.timing import peak_memory, seconds
from infra.settings import read_settings
from infra.sql import Statements
from infra.warehouse import open_scratch

_SQL = Statements("bench", "models")
_HEURISTICS = ("first", "last", "linear", "linear_unique", "position", "time_decay")
_ROUNDS = 3
Taken = tuple[float, float]
"""Seconds, and GiB at the peak."""


def main(folder: Path) -> list[dict[str, str]]:
    file = folder / "journeys.parquet"
    journeys = int(folder.name) // 2
    if not file.exists():
        write_touches(file, journeys)
    taken = [
        (_apart("bench.models", "compute", str(file)), _apart("bench.models", "sort", str(file)))
        for _ in range(_ROUNDS)
    ]
    ours, sorting = (tuple(map(median, zip(*side, strict=True))) for side in zip(*taken, strict=True))
    what = f"six heuristics, Markov 1 and 2, of {journeys:,} journeys, {CHANNELS} channels, from raw touches in Parquet"
    rows = [_row(what, ours[0], "the engine reading and sorting the same columns", sorting[0], "≤ 2.5")]
    if importlib.util.find_spec("ChannelAttribution"):
        peer = _apart("bench.peer", str(file))
        rows.append(_row(what, ours[0], "ChannelAttribution 2.2.5, paths by pandas", peer[0], "≤ 0.1"))
        rows.append(
            _row("peak memory of the same", ours[1], "ChannelAttribution 2.2.5, paths by pandas", peer[1], "≤ 1", "GiB")
        )
    return rows


def _row(what: str, ours: float, against: str, theirs: float, wanted: str, unit: str = "s") -> dict[str, str]:
    return {
        "what": what,
        "measured": f"{ours:.2f} {unit}",
        "against": f"{against}: {theirs:.2f} {unit}",
        "ratio": f"{ours / theirs:.2f}",
        "wanted": wanted,
    }


def _apart(module: str, *words: str) -> Taken:
    ran = subprocess.run([sys.executable, "-m", module, *words], stdout=subprocess.PIPE, check=True, text=True)
    taken, memory = ran.stdout.split()[-2:]
    return float(taken), float(memory)


def _compute(file: Path) -> None:
    settings = read_settings(_env_file=None, data=file.parent)
    warehouse = open_scratch(settings)
    with TemporaryDirectory() as folder:
        source = read_source(file, Path(folder), Reading())
        with journeys_of(
            warehouse, source, separator=">", lookback_days=90, half_life_days=7, direct="direct"
        ) as journeys:
            for model in models_for(journeys, 1):
                if isinstance(model, RuleModel) and model.name in _HEURISTICS:
                    model.fit(journeys, Span())
            steps = journeys.transitions(2, Span())
            for order in (1, 2):
                steps.of_order(order).effects_on_both(CHANNELS)
    warehouse.close()


def _sort(file: Path) -> None:
    warehouse = open_scratch(read_settings(_env_file=None, data=file.parent))
    warehouse.command(_SQL["create_sink"])
    warehouse.command(_SQL["sort_touches"], {"file": str(file)})
    warehouse.close()


if __name__ == "__main__":
    if sys.argv[1] in ("compute", "sort"):
        work = _compute if sys.argv[1] == "compute" else _sort
        print(seconds(lambda: work(Path(sys.argv[2]))), peak_memory())
    else:
        print(orjson.dumps(main(Path(sys.argv[1]))).decode())
