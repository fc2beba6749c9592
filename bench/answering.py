"""How long answers take whom asks over HTTP: times are the server's and the client's."""

import time
from collections.abc import Callable
from statistics import median

import httpx2 as httpx

_TIMES, _WANTED_MS = 15, 300


def answer_row(
    what: str, ask: Callable[[int], httpx.Response], more: str = "", wanted_ms: int = _WANTED_MS
) -> dict[str, str]:
    """A row of the table, of asking so many times, each with its number; `more` stands behind the times."""
    taken = []
    for at in range(_TIMES):
        began = time.perf_counter()
        good(ask(at))
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "what": what,
        "measured": f"{median(taken):.0f} ms at the median, {max(taken):.0f} ms at most{more}",
        "against": f"{wanted_ms} ms",
        "ratio": f"{median(taken) / wanted_ms:.2f}",
        "wanted": "≤ 1",
    }


def good(answer: httpx.Response) -> httpx.Response:
    answer.raise_for_status()
    return answer
