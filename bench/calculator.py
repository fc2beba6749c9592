"""How long people wait for the budget calculator: 100 dealers × 10 channels, a year and a half of leads.

The rates are found once for a run and kept; then every change of the form is answered from them. A service over a
warehouse of simulated leads, asked over HTTP; times are the server's and the client's.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2 as httpx
import numpy as np
import orjson

from api.bootstrap import Services
from attribution.attributing import attribute
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from bench.answering import answer_row, good
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.migrated import lay_warehouse

_DEALERS, _CHANNELS, _MONTHS, _LEADS = 100, 10, 18, 6
_WANTED_S = 60
_SOURCES = tuple(f"source{at}" for at in range(_CHANNELS))


def main(_folder: Path) -> list[dict[str, str]]:
    with TemporaryDirectory() as scratch:
        lay_warehouse(Path(scratch) / "data")
        _fill(Services(read_settings(data=Path(scratch) / "data", _env_file=None)))
        with serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address):
            client = httpx.Client(base_url=address, headers={"Authorization": "Bearer r"}, timeout=300)
            began = time.perf_counter()
            good(client.post("/api/calculator", json={}))
            first = time.perf_counter() - began
            return [
                {
                    "what": "rates of 100 dealers × 10 channels with their backtest, once for a run",
                    "measured": f"{first:.1f} s",
                    "against": f"{_WANTED_S} s",
                    "ratio": f"{first / _WANTED_S:.2f}",
                    "wanted": "≤ 1",
                },
                answer_row(
                    "the calculator: wanted sales of all dealers",
                    lambda at: _ask(client, sales=2000 + at),
                    wanted_ms=100,
                ),
                answer_row(
                    "the calculator: a budget of one dealer", lambda at: _ask(client, dealer=f"d{at}"), wanted_ms=100
                ),
                answer_row("the calculator's page, after a change", lambda at: _page(client, at), wanted_ms=100),
            ]


def _ask(client: httpx.Client, **question: Any) -> httpx.Response:
    return client.post("/api/calculator", json=question)


def _page(client: httpx.Client, at: int) -> httpx.Response:
    return client.get(f"/calculator?goal=sales&amount={1000 + at}&part=work")


def _fill(services: Services) -> None:
    dealers = tuple(Dealer(id=f"d{at}", name=f"Dealer {at}", brand=f"brand{at % 5}") for at in range(_DEALERS))
    replace_reference(services.database, ReferenceDocument(dealers=dealers), author="bench", clock=services.clock)
    first = (services.clock.now() - timedelta(days=30 * _MONTHS)).replace(hour=0, minute=0, second=0, microsecond=0)
    for family, events in (("touches", _touches), ("leads", _leads), ("deals", _deals), ("spend", _spend)):
        for _outcome in services.intake.accept_stream(family, events(first)):
            pass
    loader = services.new_loader()
    loader.drain()
    loader.close()
    attribute(services.warehouse, services.database, services.clock, services.settings)
    services.close()


def _each(first: datetime) -> Iterator[tuple[int, str, str, datetime]]:
    """A lead: its number, dealer, source and moment."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(_LEADS, (_DEALERS, _CHANNELS, _MONTHS))
    dealer, channel, month = (np.repeat(each.ravel(), counts.ravel()) for each in np.indices(counts.shape))
    days = 30 * month + rng.uniform(0, 30, len(month))
    for number, (of, source, day) in enumerate(zip(dealer.tolist(), channel.tolist(), days.tolist(), strict=True)):
        yield number, f"d{of}", _SOURCES[source], first + timedelta(days=day)


def _touches(first: datetime) -> Iterator[dict[str, Any]]:
    for number, dealer, source, at in _each(first):
        yield {
            "id": f"t{number}", "visitor_id": f"v{number}", "occurred_at": at.isoformat(), "source": source,
            "medium": "cpc", "campaign": source, "dealer": dealer,
        }  # fmt: skip


def _leads(first: datetime) -> Iterator[dict[str, Any]]:
    for number, dealer, _source, at in _each(first):
        moment = (at + timedelta(minutes=5)).isoformat()
        yield {
            "id": f"l{number}", "visitor_id": f"v{number}", "created_at": moment, "kind": "form", "dealer": dealer
        }  # fmt: skip


def _deals(first: datetime) -> Iterator[dict[str, Any]]:
    rng, now = np.random.default_rng(2), datetime.now(UTC)
    for number, dealer, _source, at in _each(first):
        came, visit, sale = rng.random(), rng.geometric(0.1), rng.geometric(0.03)
        for stage, share, days in (("visit", 0.3, visit), ("sale", 0.1, visit + sale)):
            moment = at + timedelta(days=float(days))
            if came < share and moment < now:
                yield {
                    "id": f"{stage}{number}", "deal_id": f"deal{number}", "lead_id": f"l{number}", "stage": stage,
                    "visitor_id": f"v{number}", "occurred_at": moment.isoformat(), "dealer": dealer,
                    "kind": "new_car", "amount": 1_000_000, "margin": 90_000,
                }  # fmt: skip


def _spend(first: datetime) -> Iterator[dict[str, Any]]:
    for month in range(_MONTHS):
        begun = first + timedelta(days=30 * month)
        for dealer in range(_DEALERS):
            for source in _SOURCES:
                yield {
                    "from": f"{begun:%Y-%m-%d}", "to": f"{begun + timedelta(days=29):%Y-%m-%d}", "cost": "9000",
                    "source": source, "medium": "cpc", "campaign": source, "dealer": f"d{dealer}",
                }  # fmt: skip


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
