"""How soon a new lead is in the ROMI report of a running service: over HTTP, from its 202 on."""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx2 as httpx
import orjson

from bench.holding import UNTIL
from tests.api.cli.closedloop import serving
from tests.api.test_collect import READ, WRITE

_ROUNDS, _PATIENCE_S, _WANTED_S = 5, 900, 10


def main(folder: Path) -> list[dict[str, str]]:
    with TemporaryDirectory(dir=folder.parent) as scratch:
        shutil.copytree(folder, Path(scratch) / "data", symlinks=True)
        with serving(Path(scratch)) as (_, address), httpx.Client(base_url=address, timeout=60) as client:
            _await(lambda: client.get("/api/status", headers=READ).json()["fresh"])
            taken = [_seconds_to_report(client, f"fresh-{number}") for number in range(_ROUNDS)]
    middle, longest = median(taken), max(taken)
    return [
        {
            "what": "a new lead, from its 202 until the ROMI report holds it",
            "measured": f"{middle:.1f} s at the median, {longest:.1f} s at most",
            "against": f"{_WANTED_S} s",
            "ratio": f"{middle / _WANTED_S:.2f}",
            "wanted": "≤ 1",
        }
    ]


def _seconds_to_report(client: httpx.Client, source: str) -> float:
    lead = {
        "id": source,
        "created_at": f"{UNTIL}T12:00:00Z",
        "kind": "form",
        "email": f"{source}@a.ru",
        "source": source,
    }
    client.post("/collect/leads", json=lead, headers=WRITE).raise_for_status()
    begin = time.perf_counter()
    asked = {"by": "source", "from": str(UNTIL), "to": str(UNTIL)}
    _await(lambda: source in client.get("/api/reports/romi", params=asked, headers=READ).text)
    return time.perf_counter() - begin


def _await(holds: Callable[[], bool]) -> None:
    begin = time.perf_counter()
    while not holds():
        if time.perf_counter() - begin > _PATIENCE_S:
            raise TimeoutError(f"reports are still behind after {_PATIENCE_S} s")
        time.sleep(0.5)


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
