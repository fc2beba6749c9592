"""Expenses for Yandex Metrica."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collectors.vendors.asking import Api, Pace
from collectors.vendors.metrica_expenses import Expense, expenses_csv, upload_expenses
from infra.errors import VendorRefused
from tests.collectors.vendors.desk import serving_fake

VAT = Decimal(20)
HEAD = "Date,UTMSource,UTMMedium,UTMCampaign,UTMContent,Expenses,Currency,Clicks,Shows\n"
VK = Expense(date(2025, 1, 17), "vk", Decimal("15230.50"), "RUB", "cpc", "geely_video", clicks=410)


def told(*expenses: Expense) -> str:
    return expenses_csv(expenses, VAT).decode()


def test_the_documented_expense() -> None:
    assert told(VK) == f"{HEAD}2025-01-17,vk,cpc,geely_video,,15230.50,RUB,410,0\n"


def test_vat_is_taken_out_and_rows_of_the_same_marks_are_one() -> None:
    gross = replace(VK, cost=Decimal("1200"), vat_included=True, impressions=5)
    assert told(gross, replace(VK, cost=Decimal("0.50"))) == f"{HEAD}2025-01-17,vk,cpc,geely_video,,1000.50,RUB,820,5\n"


def test_costs_of_direct_and_of_no_source_are_left_out() -> None:
    assert told(replace(VK, vendor="yandex_direct"), replace(VK, source="")) == HEAD


def test_marks_with_commas_quotes_and_lines_stay_whole() -> None:
    assert '"a,""b""\nc"' in told(replace(VK, campaign='a,"b"\nc'))


@given(st.lists(st.builds(lambda cents: replace(VK, cost=Decimal(cents) / 100), st.integers(0, 10**9)), max_size=20))
def test_money_adds_up(expenses: list[Expense]) -> None:
    lines = told(*expenses).splitlines()[1:]
    assert sum(Decimal(line.split(",")[5]) for line in lines) == sum(each.cost for each in expenses)


def test_a_table_is_uploaded_and_a_refusal_is_told() -> None:
    heard: list[str] = []

    async def upload(request: Request) -> Response:
        if request.headers["authorization"] != "OAuth t":
            return JSONResponse({"code": 403}, 403)
        body = (await request.body()).decode()
        assert request.headers["content-type"].startswith("multipart/form-data")
        assert re.search(r'name="file"; filename="\S+"', body)
        heard.append(request.query_params["provider"] + body)
        return JSONResponse({"uploading": {"id": 7, "status": "UPLOADED"}})

    routes = [Route("/management/v1/counter/123/expense/upload", upload, methods=["POST"])]
    with serving_fake(Starlette(routes=routes)) as url:
        with Api(url, headers={"Authorization": "OAuth t"}, pace=Pace(pause=lambda _: None)) as api:
            assert upload_expenses(api, "123", told(VK).encode()) == "7"
        assert told(VK) in heard[0].replace("\r\n", "\n")
        with Api(url, headers={"Authorization": "OAuth old"}) as api, pytest.raises(VendorRefused):
            upload_expenses(api, "123", b"")
