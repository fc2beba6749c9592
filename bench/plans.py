"""How long people wait for a plan of 100 dealers × 12 months × 4 directions × 10 channels.

To see it, to share a year out, and to change a cell. A service over an empty warehouse, asked over HTTP; times are the
server's and the client's.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx2 as httpx
import orjson

from tests.api.cli.closedloop import serving

_DEALERS, _CHANNELS = 100, 10
_DIRECTIONS = ("new_car", "used_car", "after_sales", "fleet")
_TIMES, _WANTED_MS = 15, 300


def main(_folder: Path) -> list[dict[str, str]]:
    with (
        TemporaryDirectory() as scratch,
        serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address),
    ):
        client = httpx.Client(base_url=address, headers={"Authorization": "Bearer r"}, timeout=60)
        plan = _laid_out(client)
        page, cells = f"/plans/{plan}?measure=budget", f"/api/plans/{plan}/versions/1/cells"
        return [
            _row("the page of a plan: all dealers by brand", lambda _: client.get(page)),
            _row("the page of a brand: its 25 dealers", lambda _: client.get(f"{page}&brand=B1")),
            _row("the page of a dealer: its 40 lines", lambda _: client.get(f"{page}&dealer=d7")),
            _row("sharing a year out over 48,000 cells", lambda at: _share(client, plan, 600_000_000 + 7_654_321 * at)),
            _row("saving a cell", lambda at: client.put(cells, json={"cells": [_cell(at)]})),
            _row("plan and fact by dealer", lambda _: client.get(f"/plans/{plan}/fact?measure=budget&upto=12")),
        ]


def _laid_out(client: httpx.Client) -> int:
    """The plan's id."""
    dealers = [{"id": f"d{at}", "name": f"Dealer {at}", "brand": f"B{at % 4}"} for at in range(_DEALERS)]
    _good(client.put("/api/reference", json={"dealers": dealers}))
    directions = [{"id": each, "name": each, "kinds": [each]} for each in _DIRECTIONS]
    _good(client.put("/api/plans/directions", json={"directions": directions}))
    plan = int(_good(client.post("/api/plans", json={"name": "Plan", "year": 2027})).json()["id"])
    _share(client, plan, 600_000_000)
    return plan


def _share(client: httpx.Client, plan: int, total: int) -> httpx.Response:
    split = {
        "measure": "budget",
        "totals": [total],
        "method": "even",
        "directions": _DIRECTIONS,
        "channels": [f"channel {at}" for at in range(_CHANNELS)],
    }
    return client.post(f"/api/plans/{plan}/versions/1/split", json=split)


def _cell(at: int) -> dict[str, object]:
    key = {"measure": "budget", "dealer": f"d{at}", "direction": "new_car", "channel": "channel 3"}
    return {**key, "month": 1 + at % 12, "value": 1000 + at}


def _row(what: str, ask: Callable[[int], httpx.Response]) -> dict[str, str]:
    taken = []
    for at in range(_TIMES):
        began = time.perf_counter()
        _good(ask(at))
        taken.append(1000 * (time.perf_counter() - began))
    return {
        "what": what,
        "measured": f"{median(taken):.0f} ms at the median, {max(taken):.0f} ms at most",
        "against": f"{_WANTED_MS} ms",
        "ratio": f"{median(taken) / _WANTED_MS:.2f}",
        "wanted": "≤ 1",
    }


def _good(answer: httpx.Response) -> httpx.Response:
    answer.raise_for_status()
    return answer


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
