"""From a client library's messages to the report: what a visitor's ad click brought, over cookie, user and server."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from tests.attribution.world import World
from tests.told import told_services

WRITE = {"Authorization": "Bearer w"}
READ = {"Authorization": "Bearer r"}
LANDING = "https://dealer.example/monjaro?utm_source=yandex&utm_medium=cpc"


def visit(services: Services) -> list[dict[str, Any]]:
    """A visit of two pages, a login, a request, and a sale that only the dealer's server knows of."""
    start = services.clock.now().replace(hour=9) - timedelta(days=3)
    cookie, user = {"anonymousId": "a-1"}, {"userId": "u-1"}
    browser = {"page": {"url": LANDING}, "campaign": {"source": "yandex", "medium": "cpc"}}
    inner = {"page": {"url": "https://dealer.example/price", "referrer": LANDING}}
    told: list[dict[str, Any]] = [
        {**cookie, "type": "page", "context": browser},
        {**cookie, "type": "page", "context": inner},
        {**cookie, "type": "screen", "name": "Garage"},
        {**cookie, **user, "type": "identify", "traits": {"phone": "89000000001"}},
        {**cookie, "type": "track", "event": "Lead Submitted", "context": browser},
        {**user, "type": "track", "event": "Contract Signed", "properties": {"deal_id": "d-1"}},
        {**user, "type": "track", "event": "Order Completed", "properties": {"deal_id": "d-1", "revenue": 500}},
    ]
    return [
        {**each, "messageId": f"m-{place}", "timestamp": (start + timedelta(hours=place)).isoformat()}
        for place, each in enumerate(told)
    ]


def tell(world: World) -> None:
    with TestClient(create_app(world.services)) as client:
        batch = {"batch": visit(world.services)}
        assert client.post("/v1/batch", json=batch, headers=WRITE).status_code == 200
    world.tell({})
    world.attribute()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Rows by source."""
    with (
        told_services(tmp_path_factory.mktemp("segment"), tell) as services,
        TestClient(create_app(services)) as client,
    ):
        rows = client.get("/api/reports/romi?by=source", headers=READ).json()["items"]
    return {row["source"]: row for row in rows}


def test_the_ad_click_gets_the_lead_and_the_sale(report: dict[str, dict[str, Any]]) -> None:
    assert (report["yandex"]["leads"], report["yandex"]["sales"], report["yandex"]["revenue"]) == (1, 1, 500)
    assert "(no touch)" not in report


def test_pages_of_a_day_are_one_visit(report: dict[str, dict[str, Any]]) -> None:
    assert sum(row["sessions"] for row in report.values()) == 1
