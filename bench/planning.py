"""What fitted response curves earn on simulated holdings whose truth is known, and how long the fit takes.

Ten holdings of Michaelis-Menten truths, five of each other family, 0 to 40% of leads credited to another channel.
"""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from time import perf_counter

import orjson

from planning.response.fitting import fit, plainly
from tests.planning.response.earning import NARROW, WIDE, Earned, coverage, earned, fitted, panel_of
from tests.planning.response.known_sets import MERIDIAN, known_sets, regions
from tests.planning.response.panels import Holding, TrueFamily, simulate

_ASTRAY = (0.0, 0.1, 0.2, 0.3, 0.4)
_SEEDS = {TrueFamily.MICHAELIS_MENTEN: 10, TrueFamily.HILL: 5, TrueFamily.POWER: 5, TrueFamily.LOG: 5}
_WANTED = {NARROW: 0.93, WIDE: 0.8}
_PEER_SEED = 1
_MERIDIAN_S = 190.0
Rows = list[dict[str, str]]


def main(_folder: Path) -> Rows:
    rows: Rows = []
    for family, seeds in _SEEDS.items():
        holdings = [holding_of(seed, family) for seed in range(seeds)]
        answers = [fitted(holding) for holding in holdings]
        for bounds, wanted in _WANTED.items():
            told = [earned(*pair, bounds) for pair in zip(holdings, answers, strict=True)]
            rows.append(_gain_row(family, bounds, told, wanted))
        covered = mean(coverage(*pair) for pair in zip(holdings, answers, strict=True))
        what = f"80% intervals of cells' expected leads, {family}"
        rows.append(_row(what, f"{covered:.1%} hold", "80%", covered / 0.8, "0.94 … 1.06"))
    return [*rows, *_times(), *_known(), *_peer()]


def holding_of(seed: int, family: TrueFamily = TrueFamily.MICHAELIS_MENTEN) -> Holding:
    return simulate(seed, family=family, misattributed=_ASTRAY[seed % len(_ASTRAY)])


def _gain_row(family: TrueFamily, bounds: tuple[float, float], told: Sequence[Earned], wanted: float) -> dict[str, str]:
    ours = [each.ours for each in told]
    others = ", ".join(
        f"{name} {mean(getattr(each, slug) for each in told):.2f}"
        for slug, name in (("fixed_cpl", "fixed CPL"), ("unpooled", "no pooling"), ("by_romi", "by ROMI"))
    )
    what = f"share of the attainable gain at {bounds[0]:g}–{bounds[1]:g}×, {family}, {len(told)} holdings"
    return _row(what, f"{mean(ours):.3f}, the worst {min(ours):.3f}", f"{wanted}; {others}", mean(ours) / wanted, "≥ 1")


def _times() -> Rows:
    holding = holding_of(_PEER_SEED)
    panel = panel_of(holding)
    fit(panel, plainly(panel))
    began = perf_counter()
    fit(panel, plainly(panel))
    once = perf_counter() - began
    began = perf_counter()
    fitted(holding)
    whole = perf_counter() - began
    what = "360 cells × 36 months: carry-over, family, stray leads and draws"
    return [_row(what, f"{whole:.2f} s", f"one fit: {1000 * once:.0f} ms", whole / 10, "≤ 1 (10 s)")]


def _known() -> Rows:
    folder = known_sets()
    if folder is None:
        return []
    began = perf_counter()
    found = regions(folder).mean
    took = perf_counter() - began
    inside = sum(low <= value <= high for value, (low, high) in zip(found, MERIDIAN, strict=True))
    what = f"returns of Meridian's 20 regions: {inside} of 4 within its 90% intervals"
    return [_row(what, f"{took:.1f} s", f"Meridian: {_MERIDIAN_S:.0f} s", took / _MERIDIAN_S, "≤ 0.05")]


def _peer() -> Rows:
    """Nothing where it is not installed: `pip install --group mediamix`."""
    if importlib.util.find_spec("pymc_marketing") is None:
        return []
    seed = _PEER_SEED
    words = [sys.executable, "-m", "bench.media_mix_peer", str(seed), str(_ASTRAY[seed % len(_ASTRAY)])]
    ran = subprocess.run(words, stdout=subprocess.PIPE, check=True, text=True)
    seconds, *shares = (float(word) for word in ran.stdout.split()[-3:])
    holding = holding_of(seed)
    began = perf_counter()
    answer = fitted(holding)
    took = perf_counter() - began
    peer = "PyMC-Marketing 0.19.2"
    rows = [_row("fit of one holding", f"{took:.2f} s", f"{peer}: {seconds:.0f} s", took / seconds, "≤ 0.02")]
    for bounds, theirs in zip((NARROW, WIDE), shares, strict=True):
        ours = earned(holding, answer, bounds).ours
        what = f"its share of the attainable gain at {bounds[0]:g}–{bounds[1]:g}×"
        rows.append(_row(what, f"{ours:.3f}", f"{peer}: {theirs:.3f}", ours / theirs if theirs > 0 else 0, "≥ 1"))
    return rows


def _row(what: str, measured: str, against: str, ratio: float, wanted: str) -> dict[str, str]:
    return {"what": what, "measured": measured, "against": against, "ratio": f"{ratio:.2f}", "wanted": wanted}


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
