"""How long people wait for the media plans of 100 dealers × 10 items, with a month of spend beside them.

To see a month of all dealers, one dealer's plan, and the calendar, and to keep items and lay a budget out. A service
asked over HTTP; what the warehouse knows is found once for each run, and the first request of a run is told apart.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2 as httpx
import orjson

from api.bootstrap import Services
from attribution.attributing import attribute
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from bench.answering import answer_row, good
from infra.settings import read_settings
from planning.editing import Cell
from planning.grid import LineKey
from planning.media.items import ToldItem
from planning.media.months import Month, month_of
from planning.plans import State, move
from tests.api.cli.closedloop import serving
from tests.migrated import lay_warehouse

_DEALERS, _ITEMS = 100, 10
_BUDGET = 1_000_000_00


def main(_folder: Path) -> list[dict[str, str]]:
    with TemporaryDirectory() as scratch:
        month = month_of(datetime.now(UTC).date())
        _prepare(Path(scratch) / "data", month)
        with serving(Path(scratch), CLOSEDLOOP_REQUESTS_PER_MINUTE="100000") as (_, address):
            client = httpx.Client(base_url=address, headers={"Authorization": "Bearer r"}, timeout=60)
            return _measured(client, month)


def _measured(client: httpx.Client, month: Month) -> list[dict[str, str]]:
    page = f"/media-plans?month={month}"
    began = time.perf_counter()
    good(client.get(page))
    first = f"; {1000 * (time.perf_counter() - began):.0f} ms for the first of a run"
    return [
        answer_row("media plans of a month: 100 dealers × 10 items", lambda _: client.get(page), first),
        answer_row("one dealer's media plan", lambda at: client.get(f"/media-plans/d{at}/{month}")),
        answer_row("keeping ten items", lambda at: _keep(client, at + 1)),
        answer_row("laying a budget out over ten items", lambda at: _lay_out(client, at + 1)),
        answer_row("the calendar of a month: 1,000 flights", lambda _: client.get(f"/calendar?month={month}")),
    ]


def _prepare(data: Path, month: Month) -> None:
    lay_warehouse(data)
    services = Services(read_settings(data=data, _env_file=None))
    dealers = tuple(Dealer(id=f"d{at}", name=f"Dealer {at}", brand=f"B{at % 4}") for at in range(_DEALERS))
    replace_reference(services.database, ReferenceDocument(dealers=dealers), author="bench", clock=services.clock)
    services.intake.accept("spend", list(_spend(month)))
    loader = services.new_loader()
    loader.drain()
    loader.close()
    attribute(services.warehouse, services.database, services.clock, services.settings, lambda *_: None)
    _approve(services, month)
    for dealer in dealers:
        plan = services.media_plans.open(dealer.id, month, author="bench", currency="RUB")
        items = [_item(at, month) for at in range(_ITEMS)]
        services.media_plans.put(plan.id, items, based_on=plan.revision, author="bench")
    services.close()


def _approve(services: Services, month: Month) -> None:
    version = services.plans.create("Plan", month.year, currency="RUB", author="bench")
    cells = [Cell(LineKey("budget", f"d{at}"), month.month, _BUDGET) for at in range(_DEALERS)]
    services.plan_editor.put(version.id, cells, author="bench")
    with services.database.begin() as connection:
        for state in (State.SUBMITTED, State.APPROVED):
            move(connection, version.id, state, services.clock, author="bench")


def _item(at: int, month: Month) -> ToldItem:
    return ToldItem("paid_search", _BUDGET // _ITEMS, month.first, month.last, campaign=f"campaign {at}")


def _spend(month: Month) -> Iterator[dict[str, Any]]:
    days: list[date] = [month.first - timedelta(days=30) + timedelta(days=number) for number in range(60)]
    for dealer in range(_DEALERS):
        for at in range(_ITEMS):
            for day in days:
                yield {
                    "date": day.isoformat(), "cost": 1000 + 37 * at + day.day, "source": "yandex", "medium": "cpc",
                    "campaign": f"campaign {at}", "dealer": f"d{dealer}",
                }  # fmt: skip


def _keep(client: httpx.Client, key: int) -> httpx.Response:
    plan = good(client.get(f"/api/media-plans/{key}")).json()
    names = ("id", "channel", "campaign", "from", "to")
    items = [{name: each[name] for name in names} | {"budget": each["budget"] - 1} for each in plan["items"]]
    return client.put(f"/api/media-plans/{key}/items", json={"items": items, "based_on": plan["revision"]})


def _lay_out(client: httpx.Client, key: int) -> httpx.Response:
    plan = good(client.get(f"/api/media-plans/{key}")).json()
    told = {"by": "even", "based_on": plan["revision"]}
    return client.post(f"/api/media-plans/{key}/layout", json=told)


if __name__ == "__main__":
    print(orjson.dumps(main(Path(sys.argv[1]))).decode())
