"""How long the server takes for each page while twenty people click at once: a service over the whole holding.

Each of them opens pages in an order of their own, of periods of their own, and reads two seconds in between, as one who
is in a hurry does. What the network and the browser take is not counted: the time is from asking to the last byte, at
the server itself. Each page of each period is opened once before, as somebody does in the morning: that is told apart.
While they click, leads come, and so a new run.
"""

import random
import shutil
import sys
import threading
import time
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx2 as httpx
import orjson

from bench.holding import UNTIL
from tests.api.cli.closedloop import serving

PAGES = (
    "/overview", "/channels", "/dealers", "/contractors", "/funnel", "/funnel/lost", "/funnel/calls", "/managers",
    "/journeys", "/journeys/cohorts", "/customers", "/sources", "/settings", "/audit",
)  # fmt: skip
_PEOPLE, _SECONDS, _PAUSE_S = 20, 60, 2.0
_WANTED_MEDIAN_S, _WANTED_LATE_S, _WANTED_KB = 0.3, 0.8, 250
_DAYS = (30, 90, 365)

Taken = dict[str, list[float]]
"""Seconds by page."""


def main(folder: Path) -> list[dict[str, str]]:
    with TemporaryDirectory(dir=folder.parent) as scratch:
        shutil.copytree(folder, Path(scratch) / "data", symlinks=True)
        with serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address):
            _await_fresh(address)
            visitor = _visitor(address)
            first = {page: [_opened(visitor, _asked(page, days)) for days in _DAYS] for page in PAGES}
            sizes = {page: len(visitor.get(_asked(page, _DAYS[0])).content) / 1024 for page in PAGES}
            taken = _clicked(address)
    _tell(first, taken, sizes)
    every = [seconds for each in taken.values() for seconds in each]
    openings = [seconds for each in first.values() for seconds in each]
    late = quantiles(every, n=20)[-1]
    return [
        {
            "what": "the first opening of a page and a period in a run",
            "measured": f"{median(openings):.1f} s at the median, {max(openings):.1f} s at most",
            "against": f"{1000 * median(every):.0f} ms at the median afterwards",
            "ratio": f"{median(openings) / median(every):.0f}",
            "wanted": "",
        },
        {
            "what": f"{_PEOPLE} people who click at once, every page: the server's time",
            "measured": f"{1000 * median(every):.0f} ms at the median, {1000 * late:.0f} ms at the 95th percentile",
            "against": f"{1000 * _WANTED_MEDIAN_S:.0f} and {1000 * _WANTED_LATE_S:.0f} ms",
            "ratio": f"{median(every) / _WANTED_MEDIAN_S:.2f} and {late / _WANTED_LATE_S:.2f}",
            "wanted": "≤ 1",
        },
        {
            "what": "the largest page, without what is kept by the browser",
            "measured": f"{max(sizes.values()):.0f} KB, {max(sizes, key=lambda page: sizes[page])}",
            "against": f"{_WANTED_KB} KB",
            "ratio": f"{max(sizes.values()) / _WANTED_KB:.2f}",
            "wanted": "≤ 1",
        },
    ]


def _clicked(address: str) -> Taken:
    taken: defaultdict[str, list[float]] = defaultdict(list)
    until = time.perf_counter() + _SECONDS
    people = [threading.Thread(target=_click, args=(address, number, until, taken)) for number in range(_PEOPLE)]
    for person in people:
        person.start()
    time.sleep(_SECONDS / 3)
    _send_a_lead(address)
    for person in people:
        person.join()
    return taken


def _send_a_lead(address: str) -> None:
    lead = {"id": "bench", "created_at": f"{UNTIL}T09:00:00Z", "kind": "form", "dealer": "d1"}
    httpx.post(f"{address}/collect/leads", json=[lead], headers={"Authorization": "Bearer w"}).raise_for_status()


def _click(address: str, number: int, until: float, taken: Taken) -> None:
    choice = random.Random(number)
    client = _visitor(address)
    while time.perf_counter() < until:
        page = choice.choice(PAGES)
        taken[page].append(_opened(client, _asked(page, choice.choice(_DAYS))))
        time.sleep(_PAUSE_S)


def _visitor(address: str) -> httpx.Client:
    client = httpx.Client(base_url=address, timeout=120, headers={"Accept": "text/html"})
    client.get("/?key=r", follow_redirects=False)
    return client


def _asked(page: str, days: int) -> str:
    return f"{page}?from={UNTIL - timedelta(days=days - 1)}&to={UNTIL}"


def _opened(client: httpx.Client, address: str) -> float:
    begin = time.perf_counter()
    client.get(address).raise_for_status()
    return time.perf_counter() - begin


def _await_fresh(address: str) -> None:
    headers = {"Authorization": "Bearer r"}
    for _ in range(1800):
        if httpx.get(f"{address}/api/status", headers=headers, timeout=60).json()["fresh"]:
            return
        time.sleep(0.5)
    raise TimeoutError("the reports are still behind")


def _tell(first: Taken, taken: Taken, sizes: dict[str, float]) -> None:
    for page in PAGES:
        seconds = sorted(taken.get(page, [0.0]))
        late = seconds[round(0.95 * (len(seconds) - 1))]
        print(
            f"{page:20} first {max(first[page]):6.2f} s, median {1000 * median(seconds):6.0f} ms, "
            f"95 % {1000 * late:6.0f} ms, {sizes[page]:4.0f} KB, {len(seconds)} times",
            file=sys.stderr,
        )


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
