"""How long people wait for a plan of 100 dealers × 12 months × 4 directions × 10 channels.

To see it, to share a year out, and to change a cell. A service over an empty warehouse, asked over HTTP; times are the
server's and the client's.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2 as httpx
import orjson

from bench.answering import answer_row, good
from tests.api.cli.closedloop import serving

_DEALERS, _CHANNELS = 100, 10
_TOTAL = 600_000_000
_DIRECTIONS = ("new_car", "used_car", "after_sales", "fleet")


def main(_folder: Path) -> list[dict[str, str]]:
    with (
        TemporaryDirectory() as scratch,
        serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address),
    ):
        client = httpx.Client(base_url=address, headers={"Authorization": "Bearer r"}, timeout=60)
        plan = _laid_out(client)
        page, cells = f"/plans/{plan}?measure=budget", f"/api/plans/{plan}/versions/1/cells"
        return [
            answer_row("the page of a plan: all dealers by brand", lambda _: client.get(page)),
            answer_row("the page of a brand: its 25 dealers", lambda _: client.get(f"{page}&brand=B1")),
            answer_row("the page of a dealer: its 40 lines", lambda _: client.get(f"{page}&dealer=d7")),
            answer_row(
                "sharing a year out over 48,000 cells", lambda at: _share(client, plan, _TOTAL + 7_654_321 * at)
            ),
            answer_row("saving a cell", lambda at: client.put(cells, json={"cells": [_cell(at)]})),
            answer_row("plan and fact by dealer", lambda _: client.get(f"/plans/{plan}/fact?measure=budget&upto=12")),
        ]


def _laid_out(client: httpx.Client) -> int:
    """The plan's id."""
    dealers = [{"id": f"d{at}", "name": f"Dealer {at}", "brand": f"B{at % 4}"} for at in range(_DEALERS)]
    good(client.put("/api/reference", json={"dealers": dealers}))
    directions = [{"id": each, "name": each, "kinds": [each]} for each in _DIRECTIONS]
    good(client.put("/api/plans/directions", json={"directions": directions}))
    plan = int(good(client.post("/api/plans", json={"name": "Plan", "year": 2027})).json()["id"])
    _share(client, plan, _TOTAL)
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


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
