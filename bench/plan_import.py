"""How long a director waits for a table of 50,000 rows and 600,000 figures: to be read, and to be written.

A service over an empty warehouse, asked over HTTP. Reading is in the background; meanwhile the page asks how far it is.
"""

import io
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import httpx2 as httpx
import orjson
import xlsxwriter

from bench.answering import good
from tests.api.cli.closedloop import serving

_DEALERS, _CHANNELS, _CONTRACTORS = 100, 10, 8
_MEASURES = ("sales", "service_visits", "leads", "visits", "revenue", "margin", "budget")
_ROWS = 50_000
_WANTED_S = 15


def main(_folder: Path) -> list[dict[str, str]]:
    with (
        TemporaryDirectory() as scratch,
        serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address),
    ):
        client = httpx.Client(base_url=address, headers={"Authorization": "Bearer r"}, timeout=120)
        plan, workbook = _laid_out(client), _workbook()
        began = time.perf_counter()
        sent = good(client.post(f"/api/plans/{plan}/imports", files={"file": ("plan.xlsx", workbook)}))
        at = f"/api/plans/{plan}/imports/{sent.json()['id']}"
        asked, found = _read(client, at)
        read = time.perf_counter() - began
        if found["found"]["cells"] != 12 * _ROWS:
            raise ValueError(f"{found['found']['cells']} cells were read")
        began = time.perf_counter()
        good(client.post(f"{at}/confirm"))
        written = time.perf_counter() - began
        return [
            _row("reading a workbook of 50,000 rows", read, f"; asked how far it is: {1000 * median(asked):.0f} ms"),
            _row("writing its 600,000 cells", written, ""),
        ]


def _laid_out(client: httpx.Client) -> int:
    """The plan's id."""
    reference = {
        "dealers": [{"id": f"d{at}", "name": f"Дилер {at}"} for at in range(_DEALERS)],
        "contractors": [{"id": f"c{at}"} for at in range(_CONTRACTORS)],
        "channel_rules": [{"channel": f"ch{at}", "source": f"^s{at}$"} for at in range(_CHANNELS)],
    }
    good(client.put("/api/reference", json=reference))
    return int(good(client.post("/api/plans", json={"name": "Plan", "year": 2027})).json()["id"])


def _workbook() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("План")
        months = [f"{number:02}.2027" for number in range(1, 13)]
        sheet.write_row(0, 0, ["Дилер", "Канал", "Подрядчик", "Показатель", *months, "Итого"])
        for at in range(_ROWS):
            measure = _MEASURES[at % 7]
            part = 0.25 if measure in ("revenue", "margin", "budget") else 0
            figures = [(at * 7 + month) % 100 + part for month in range(12)]
            names = [f"Дилер {at // 500}", f"ch{at // 50 % 10}", f"c{at % 50 // 7}", measure]
            sheet.write_row(at + 1, 0, [*names, *figures, sum(figures)])
    return buffer.getvalue()


def _read(client: httpx.Client, at: str) -> tuple[list[float], dict[str, Any]]:
    """How long each look at its progress took, and what was found."""
    asked = []
    while True:
        began = time.perf_counter()
        found: dict[str, Any] = good(client.get(at)).json()
        asked.append(time.perf_counter() - began)
        if found["step"] != "reading":
            return asked, found
        time.sleep(0.3)


def _row(what: str, seconds: float, more: str) -> dict[str, str]:
    return {
        "what": what,
        "measured": f"{seconds:.1f} s{more}",
        "against": f"{_WANTED_S} s",
        "ratio": f"{seconds / _WANTED_S:.2f}",
        "wanted": "≤ 1",
    }


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
