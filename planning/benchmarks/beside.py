"""Own figures beside each benchmark: where they are better or worse beyond their interval."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.runs import Run
from planning.benchmarks.figures import AMOUNTS, FIGURES, Benchmark, BusinessModel
from planning.benchmarks.own import Own, Place

NAMES = ("model", "figure", "who", "currency", "verdict", "source", "dated", "notes", "id")
MEASURES = (
    Measure("share", "Share", Unit.SHARE),
    Measure("amount", "Amount", Unit.MONEY),
    Measure("amount_to", "Amount, to", Unit.MONEY),
    Measure("own", "Own", Unit.TIMES),
    Measure("own_low", "Own, at least", Unit.TIMES),
    Measure("own_high", "Own, at most", Unit.TIMES),
    Measure("own_count", "Own, of so many", Unit.COUNT),
)
_NOTHING = Own(None, None, None, 0)
_LESS_IS_BETTER = ("advertising_per_new",)


def verdict_of(benchmark: Benchmark, own: Own, currency: str) -> str:
    """`better`, `worse`, `alike` within the interval, or `unknown`: amounts in two currencies are not compared."""
    told = benchmark.told
    if own.value is None:
        return "unknown"
    if told.figure in AMOUNTS:
        if told.currency != currency or told.amount is None:
            return "unknown"
        least, most = told.amount / 100, (told.amount if told.amount_to is None else told.amount_to) / 100
        above, below = own.value > most, own.value < least
        if told.figure in _LESS_IS_BETTER:
            above, below = below, above
        return "better" if above else "worse" if below else "alike"
    if told.share is None or own.low is None or own.high is None:
        return "unknown"
    return "better" if own.low > told.share else "worse" if own.high < told.share else "alike"


def benchmark_answer(
    benchmarks: Sequence[Benchmark], own: Mapping[Place, Own], run: Run | None, currency: str, days: Mapping[str, str]
) -> Answer:
    """A row a figure, by business model, in the order of stages. `days` are of our own figures."""
    order = {name: place for place, name in enumerate((*BusinessModel, *FIGURES))}
    placed = sorted(benchmarks, key=lambda each: (order[each.told.model], order[each.told.figure], each.told.dated))
    told = [_row(each, own.get((each.told.model, each.told.figure), _NOTHING), currency) for each in placed]
    rows = pd.DataFrame(told, columns=[*NAMES, *(each.slug for each in MEASURES)])
    rows = rows.astype(dict.fromkeys(NAMES, object) | {each.slug: float for each in MEASURES})
    about = {"own": own_rows(own), "own_days": dict(days), "currency": currency, "interval": 0.95}
    return Answer("benchmarks", run, NAMES, MEASURES, rows, {}, {}, about)


def own_rows(own: Mapping[Place, Own]) -> list[dict[str, Any]]:
    return [
        {
            "model": model.value, "figure": figure, "value": each.value, "low": each.low, "high": each.high,
            "count": each.count,
        }
        for (model, figure), each in own.items()
    ]  # fmt: skip


def _row(benchmark: Benchmark, own: Own, currency: str) -> dict[str, Any]:
    return benchmark.as_dict() | {
        "id": str(benchmark.id or ""),
        "verdict": verdict_of(benchmark, own, currency),
        "own": own.value,
        "own_low": own.low,
        "own_high": own.high,
        "own_count": own.count,
    }
