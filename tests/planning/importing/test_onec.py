"""Rows of 1C in the place of a file: asked as its interface is documented, and read by the wizard like any table."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from collectors.sources.source import Source
from collectors.vendors.onec import VENDOR
from tests.collectors.vendors.desk import serving_fake
from tests.collectors.vendors.fake_onec import AUTHORIZATION

REGISTER = "InformationRegister_ПланПродаж"


def row(dealer: str, month: int, units: int) -> dict[str, Any]:
    return {
        "Period": f"2027-{month:02}-01T00:00:00",
        "Подразделение_Key": "00000000-0000-0000-0000-000000000000",
        "Подразделение": {"Description": dealer},
        "Показатель": "Продажи",
        "Значение": units,
        "DataVersion": "AAAA",
    }


@pytest.fixture
def asked() -> list[dict[str, str]]:
    return []


@pytest.fixture
def base(asked: list[dict[str, str]]) -> Iterator[str]:
    """A base whose register has a plan of two dealers; it answers a page at a time."""
    rows = [row(dealer, month, 10 * month) for dealer in ("Север", "Юг") for month in range(1, 13)]

    async def answer(request: Request) -> Response:
        if request.headers["authorization"] != AUTHORIZATION:
            return Response(status_code=401)
        if request.path_params["entity"] != REGISTER:
            return JSONResponse({"odata.error": {"code": "8"}}, 404)
        asked.append(dict(request.query_params))
        if request.query_params.get("$filter") == "nothing":
            return JSONResponse({"value": []})
        start = int(request.query_params.get("$skip", 0))
        return JSONResponse({"value": rows[start : start + int(request.query_params["$top"])]})

    with serving_fake(Starlette(routes=[Route("/odata/standard.odata/{entity}", answer)])) as address:
        yield address


@pytest.fixture
def plan(services: Services, client: TestClient, base: str) -> int:
    """A plan of 2027 in a holding of two dealers, with a base of 1C connected."""
    dealers = (Dealer(id="north", name="Север"), Dealer(id="south", name="Юг"))
    replace_reference(services.database, ReferenceDocument(dealers=dealers), author="t", clock=services.clock)
    settings = {"address": "https://1c.example.com", "user": "робот", "preset": "onec_orders", "base_url": base}
    source = Source("till", "onec", "t0ken", ZoneInfo("UTC"), settings=settings, secrets={"password": "пароль"})
    services.sources.connect(source, author="t", next_pull_at=None)
    client.headers["Authorization"] = "Bearer r"
    return services.plans.create("План", 2027, currency="RUB", author="t").plan


def take(client: TestClient, plan: int, **told: str) -> Any:
    return client.post(f"/api/plans/{plan}/imports/onec", json={"source": "till", "entity": REGISTER, **told})


def test_a_register_becomes_the_draft(
    services: Services, client: TestClient, plan: int, asked: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(VENDOR), "PAGE", 10)
    taken = take(client, plan, expand="Подразделение", filter="Year(Period) eq 2027")
    assert taken.status_code == 202, taken.text
    assert [each["$skip"] for each in asked] == ["0", "10", "20"]
    assert {(each["$expand"], each["$filter"]) for each in asked} == {("Подразделение", "Year(Period) eq 2027")}
    address = f"/api/plans/{plan}/imports/{taken.json()['id']}"
    services.import_reader.wait(taken.json()["id"], 60)
    found = client.get(address).json()
    assert found["step"] == "preview", found
    assert found["found"]["sheets"][0]["headings"] == ["Period", "Подразделение.Description", "Показатель", "Значение"]
    assert client.post(f"{address}/confirm").status_code == 200
    lines = client.get(f"/api/plans/{plan}/versions/1/cells").json()["items"]
    months = [10 * month for month in range(1, 13)]
    assert [(each["measure"], each["dealer"], each["months"]) for each in lines] == [
        ("sales", "north", months), ("sales", "south", months),
    ]  # fmt: skip


@pytest.mark.parametrize(("told", "status", "said"), [
    ({"source": "nowhere"}, 404, "no source"),
    ({"entity": "Catalog_Нет"}, 502, "404"),
    ({"filter": "nothing"}, 422, "has no rows that fit"),
])  # fmt: skip
def test_what_cannot_be_read_says_why(
    client: TestClient, plan: int, told: dict[str, str], status: int, said: str
) -> None:
    refused = take(client, plan, **told)
    assert refused.status_code == status
    assert said in refused.json()["error"]["message"]
    assert refused.json()["error"]["help"]
    assert client.get(f"/api/plans/{plan}/imports").json()["total"] == 0
