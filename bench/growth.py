"""What five times as many touches cost: time and memory of a full run, and of one that goes on."""

import subprocess
import sys
from pathlib import Path

import orjson

from bench.holding import grow, prepare
from bench.increments import EVENTS

_SAMPLE = 2_500_000
_SMALL, _LARGE = 4, 20


def main(folder: Path) -> list[dict[str, str]]:
    sample = folder.parent / str(_SAMPLE)
    prepare(sample, _SAMPLE)
    small, large = (_measured(folder.parent / f"{_SAMPLE}x{times}", sample, times) for times in (_SMALL, _LARGE))
    touches = f"{large['touches']:,.0f} touches, {large['conversions']:,.0f} conversions"
    each = [1e6 * taken["full"] / taken["touches"] for taken in (small, large)]
    return [
        _row(
            f"a full run over {touches}", f"{large['memory']:.2f} GiB at its peak", "8 GiB", large["memory"] / 8, "≤ 1"
        ),
        _row(
            "the same, seconds for a million touches",
            f"{each[1]:.2f} s",
            f"{small['touches']:,.0f} touches: {each[0]:.2f} s",
            each[1] / each[0],
            "about 1",
        ),
        _going_on(small, ""),
        _going_on(large, "≤ 0.02"),
    ]


def _going_on(taken: dict[str, float], wanted: str) -> dict[str, str]:
    return _row(
        f"a run that goes on after {EVENTS:,} new events, {taken['touches']:,.0f} touches",
        f"{taken['step']:.1f} s",
        f"a full run: {taken['full']:.1f} s",
        taken["step"] / taken["full"],
        wanted,
    )


def _measured(folder: Path, sample: Path, times: int) -> dict[str, float]:
    counts = grow(folder, sample, times)
    command = [sys.executable, "-m", "bench.increments", str(folder)]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    taken: dict[str, float] = orjson.loads(ran.stdout.splitlines()[-1])
    return taken | counts


def _row(what: str, measured: str, against: str, ratio: float, wanted: str) -> dict[str, str]:
    return {"what": what, "measured": measured, "against": against, "ratio": f"{ratio:.3f}", "wanted": wanted}


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
