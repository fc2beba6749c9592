"""How long all forecasts of a holding take: 100 dealers × 10 lines, 36 months, with their backtest and adding up.

Beside them seasonal naive of the same lines, tried on the same origins; and a series at a time, by the same arithmetic,
as one would write it first.
"""

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import orjson

from bench.timing import peak_memory, turn_about
from planning.forecast.backtest import origins_of
from planning.forecast.forecasting import Forecasts, forecast
from planning.forecast.theta import theta
from planning.forecast.tree import Level
from planning.response.curves import Numbers
from tests.planning.forecast.simulated import holding

_DEALERS, _LINES, _MONTHS, _AHEAD = 100, 10, 36, 18
_WANTED_S, _WANTED_GIB = 60, 2


def main(_folder: Path) -> list[dict[str, str]]:
    past, came = holding(_DEALERS, _LINES, _MONTHS, seed=1, ahead=6)
    began = perf_counter()
    found = forecast([past], past.next_month)
    taken = perf_counter() - began
    lengths = np.full(len(past.counts), _MONTHS)
    together, alone, naive = turn_about(
        3,
        lambda: theta(past.counts, lengths, _AHEAD),
        lambda: [theta(line[None, :], lengths[:1], _AHEAD) for line in past.counts],
        lambda: _seasonal_naive(past.counts),
    )
    return [
        _row(
            "forecasts: 1,000 lines × 36 months, backtest, reconciliation",
            f"{taken:.1f} s, {peak_memory():.2f} GiB",
            f"{_WANTED_S} s, {_WANTED_GIB} GiB; seasonal naive and its backtest {1000 * naive:.0f} ms",
            f"{taken / _WANTED_S:.2f}",
            "≤ 1",
        ),
        _row(
            "theta of 1,000 series together",
            f"{1000 * together:.0f} ms",
            f"one by one {1000 * alone:.0f} ms",
            f"{together / alone:.2f}",
            "≤ 0.5",
        ),
        _errors(found, past.counts, came),
        *_coverage(found),
    ]


def _seasonal_naive(counts: Numbers) -> list[Numbers]:
    return [np.abs(counts[:, origin - 12 : _MONTHS - 12] - counts[:, origin:]) for origin in origins_of(_MONTHS)]


def _errors(found: Forecasts, counts: Numbers, came: Numbers) -> dict[str, str]:
    """Of six months that were kept back."""
    lines = [at for at, each in enumerate(found.outlook.series) if each.dealer and each.direction]
    own = float(np.abs(found.outlook.mean[lines][:, : came.shape[1]] - came).mean())
    naive = float(np.abs(counts[:, -12:][:, : came.shape[1]] - came).mean())
    what = "mean error of lines, six months kept back"
    return _row(what, f"{own:.2f}", f"seasonal naive {naive:.2f}", f"{own / naive:.2f}", "< 1")


def _coverage(found: Forecasts) -> list[dict[str, str]]:
    rows = []
    for level in (Level.DEALER, Level.LINE):
        scores = [each for each in found.scores if each.level is level]
        errors = sum(each.errors for each in scores)
        covered = sum(each.covered * each.errors for each in scores) / errors
        nominal = sum(each.nominal * each.errors for each in scores) / errors
        told = f"80% intervals, by backtest: {level}"
        rows.append(_row(told, f"{covered:.2f}", f"uncalibrated {nominal:.2f}", f"{covered / 0.8:.2f}", "0.94 to 1.06"))
    return rows


def _row(what: str, measured: str, against: str, ratio: str, wanted: str) -> dict[str, str]:
    return {"what": what, "measured": measured, "against": against, "ratio": ratio, "wanted": wanted}


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
