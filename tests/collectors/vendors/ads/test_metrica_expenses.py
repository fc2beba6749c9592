"""Expenses for Yandex Metrica."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from collectors.expenses import Expense
from collectors.pulling import Puller
from collectors.sources.source import Source
from collectors.vendors.metrica_expenses import expenses_csv
from infra.errors import WarehouseUnavailable
from tests.collectors.vendors.ads.fake_metrica import COUNTER, FakeMetrica
from tests.collectors.vendors.desk import Desk, serving_fake

HEAD = "Date,UTMSource,UTMMedium,UTMCampaign,UTMContent,Expenses,Currency,Clicks,Shows\n"
DAY = date(2025, 1, 17)
VK = Expense(DAY, DAY, "vk", Decimal("15230.50"), "RUB", "cpc", "geely_video", clicks=410, collected_from="vk")


def told(*expenses: Expense) -> str:
    return expenses_csv(expenses, known=["direct-north"]).decode()


def test_the_documented_expense() -> None:
    assert told(VK) == f"{HEAD}2025-01-17,vk,cpc,geely_video,,15230.50,RUB,410,0\n"


def test_rows_of_the_same_marks_are_one_and_a_period_is_a_range() -> None:
    month = replace(VK, first=date(2025, 1, 1), cost=Decimal(10))
    assert told(VK, replace(VK, cost=Decimal("0.50"), impressions=5), month) == (
        f"{HEAD}2025-01-01/2025-01-17,vk,cpc,geely_video,,10.00,RUB,410,0\n"
        "2025-01-17,vk,cpc,geely_video,,15231.00,RUB,820,5\n"
    )


def test_costs_that_metrica_knows_are_left_out_and_nothing_is_no_table() -> None:
    assert told(replace(VK, collected_from="direct-north")) == ""


def test_marks_with_commas_quotes_and_lines_stay_whole() -> None:
    assert '"a,""b""\nc"' in told(replace(VK, campaign='a,"b"\nc'))


@given(st.lists(st.builds(lambda cents: replace(VK, cost=Decimal(cents) / 100), st.integers(0, 10**9)), max_size=20))
def test_money_adds_up(expenses: list[Expense]) -> None:
    lines = told(*expenses).splitlines()[1:]
    assert sum(Decimal(line.split(",")[5]) for line in lines) == sum(each.cost for each in expenses)


@pytest.fixture
def metrica() -> Iterator[FakeMetrica]:
    fake = FakeMetrica()
    app = Starlette(routes=[Route(COUNTER + "/{rest:path}", fake.answer, methods=["GET", "POST"])])
    with serving_fake(app) as fake.url:
        yield fake


def test_metrica_is_told_what_other_ads_cost_net_of_vat_and_once(desk: Desk, metrica: FakeMetrica) -> None:
    spent = {"date": "2025-01-17", "cost": "1200", "currency": "RUB", "medium": "cpc", "vat_included": True}
    direct = desk.connect(
        "yandex_direct", key="direct-north", secrets={"token": "t"}, settings={"base_url": metrica.url}
    )
    rows = [
        spent | {"source": "vk", "campaign": "77"},
        spent | {"source": "yandex", "properties": {"collected_from": direct.id}},
        spent | {"source": "old", "date": "2024-10-01"},
        spent | {"source": ""},
    ]
    take_in(desk, rows)
    source = connected(desk, metrica)
    assert desk.pull(source).error == ""
    assert metrica.tables == [f"{HEAD}2025-01-17,vk,cpc,77,,1000.00,RUB,0,0\n"]
    assert desk.pull(source).error == ""
    assert len(metrica.tables) == 1, "what Metrica was told last is not told again"
    take_in(desk, [rows[0] | {"cost": "0"}])
    desk.pull(source)
    assert metrica.tables[1] == f"{HEAD}2025-01-17,vk,cpc,77,,0.00,RUB,0,0\n"


def test_an_upload_that_is_refused_is_told_and_sent_again(desk: Desk, metrica: FakeMetrica) -> None:
    take_in(desk, [{"date": "2025-01-17", "cost": "1", "currency": "RUB", "source": "vk"}])
    source = connected(desk, metrica)
    metrica.errors = {"upload": [JSONResponse({"code": 403}, 403)]}
    assert "403" in desk.pull(source).error
    assert desk.pull(source).error == ""
    assert len(metrica.tables) == 1


def test_expenses_wait_while_the_warehouse_is_out_of_reach(desk: Desk, metrica: FakeMetrica) -> None:
    def out_of_reach(first: date, last: date) -> list[Expense]:
        raise WarehouseUnavailable("The warehouse does not answer.")

    source, services = connected(desk, metrica), desk.services
    puller = Puller(services.sources, services.progress, services.intake, services.clock, expenses=out_of_reach)
    assert puller.pull_now(source.id)
    assert desk.state(source).error == ""
    assert metrica.tables == []


def test_nobody_is_told_unless_it_is_wanted(desk: Desk, metrica: FakeMetrica) -> None:
    take_in(desk, [{"date": "2025-01-17", "cost": "1", "currency": "RUB", "source": "vk"}])
    assert desk.pull(connected(desk, metrica, expenses="no")).error == ""
    assert metrica.tables == []


def connected(desk: Desk, metrica: FakeMetrica, **settings: str) -> Source:
    given = {"base_url": metrica.url, "counter": "123", "expenses": "yes", "first_days": "1", **settings}
    return desk.connect("yandex_metrica", key="metrica", secrets={"token": "t"}, settings=given)


def take_in(desk: Desk, rows: list[dict[str, Any]]) -> None:
    desk.services.intake.accept("spend", rows)
    loader = desk.services.new_loader()
    loader.drain()
    loader.close()
