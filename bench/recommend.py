"""How fast budgets are split: beside SciPy's SLSQP on the same curves, and a whole recommendation of 100 dealers.

The gain is reckoned on 400 draws of all curves. Totals that cross each other and limits on leads go by linear programs.
"""

import sys
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import orjson

from bench.timing import peak_memory, turn_about
from planning.recommend.advising import advise
from planning.recommend.asked import Total
from planning.recommend.splitting import best_split
from tests.planning.recommend.responses import MEASURED, of_usual, response
from tests.planning.recommend.splits import by_slsqp, room_around, spots

_DEALERS = tuple(f"d{number}" for number in range(100))
_CHANNELS = tuple(f"channel {number}" for number in range(10))
_WANTED_S = 10


def main(_folder: Path) -> list[dict[str, str]]:
    return [_beside_slsqp(), *_of_a_holding()]


def _beside_slsqp() -> dict[str, str]:
    wanted = spots(360, 0)
    room = room_around(wanted)
    ours, theirs = turn_about(1, lambda: best_split(wanted, room), lambda: by_slsqp(wanted, room))
    gains = [float(wanted.worth.at(found).sum()) for found in (best_split(wanted, room), by_slsqp(wanted, room))]
    return {
        "what": f"splitting a budget over 360 cells; margin {gains[0] / gains[1] - 1:+.1e} of SLSQP's",
        "measured": f"{1000 * ours:.1f} ms",
        "against": f"SciPy's SLSQP {theirs:.2f} s",
        "ratio": f"{theirs / ours:,.0f}",
        "wanted": "≥ 100",
    }


def _of_a_holding() -> list[dict[str, str]]:
    known = response(_DEALERS, _CHANNELS, draws=400)
    plain = of_usual(known, step=100)
    usual = known.curves.usual.reshape(len(_DEALERS), len(_CHANNELS)) * 100
    of_dealers = zip(_DEALERS, usual.sum(axis=1), strict=True)
    of_channels = zip(_CHANNELS, usual.sum(axis=0), strict=True)
    totals = (
        *(Total("dealer", name, most=int(spend * 1.05)) for name, spend in of_dealers),
        *(Total("channel", name, least=int(spend * 0.9)) for name, spend in of_channels),
    )
    leads = zip(_DEALERS, known.curves.brought.reshape(usual.shape).sum(axis=1), strict=True)
    bound = replace(plain, totals=totals, capacity={name: 8 + float(count) * 1.05 for name, count in leads})
    rows = []
    for said, question in (
        ("within bounds of cells", plain),
        ("three months of it", replace(plain, months=3, amount=plain.amount * 3)),
        ("with totals of dealers and channels, and leads that can be answered", bound),
    ):
        began = perf_counter()
        told = advise(known, MEASURED, question, {}).as_dict()
        taken = perf_counter() - began
        assert np.isclose(sum(cell["best"] for cell in told["cells"]), question.amount / 100)
        rows.append({
            "what": f"a recommendation for 100 dealers × 10 lines, {said}",
            "measured": f"{taken:.2f} s, {peak_memory():.1f} GiB at most",
            "against": f"{_WANTED_S} s",
            "ratio": f"{taken / _WANTED_S:.2f}",
            "wanted": "≤ 1",
        })  # fmt: skip
    return rows


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
