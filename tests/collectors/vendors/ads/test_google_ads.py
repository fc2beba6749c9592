"""Google Ads: cost by searchStream."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.app import create_app
from api.bootstrap import Services
from collectors.sources.source import Source
from collectors.vendors.google_ads import read_batches
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.collectors.vendors.ads.golden import meant, sent
from tests.collectors.vendors.desk import Desk, serving_fake
from tests.migrated import lay_warehouse

SECRETS = {"client_secret": "s", "refresh_token": "r", "developer_token": "d"}


@dataclass
class FakeGoogle:
    """Login and Google Ads: a token is taken `lasts` times; `rows` are (date, campaign, micros)."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    lasts: int = 100
    tokens: int = 0
    used: int = 0
    errors: list[Response] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    spans: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form["refresh_token"] != SECRETS["refresh_token"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens, self.used = self.tokens + 1, 0
        return JSONResponse({"access_token": f"a{self.tokens}", "expires_in": 3599, "token_type": "Bearer"})

    async def search(self, request: Request) -> Response:
        self.headers, self.used = dict(request.headers), self.used + 1
        if self.headers["authorization"] != f"Bearer a{self.tokens}" or self.used > self.lasts:
            return JSONResponse([{"error": {"code": 401, "status": "UNAUTHENTICATED"}}], 401)
        if self.errors:
            return self.errors.pop(0)
        found = re.search(r"BETWEEN '(\S+)' AND '(\S+)'", (await request.json())["query"])
        assert found
        self.spans.append((found[1], found[2]))
        batches = [{"results": [_row(*row)]} for row in self.rows if found[1] <= row[0] <= found[2]]
        return JSONResponse([*batches, {"requestId": "last"}])


def _row(day: str, campaign: str, micros: str) -> dict[str, Any]:
    row: dict[str, Any] = {"segments": {"date": day}, "campaign": {"id": campaign, "name": f"name {campaign}"}}
    return row | {"metrics": {"costMicros": micros, "clicks": "1"}, "customer": {"currencyCode": "RUB"}}


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    fake = FakeGoogle()
    routes = [
        Route("/token", fake.token, methods=["POST"]),
        Route("/v26/customers/1234567890/googleAds:searchStream", fake.search, methods=["POST"]),
    ]
    with serving_fake(Starlette(routes=routes)) as fake.url:
        yield fake


def connected(desk: Desk, google: FakeGoogle, **settings: str) -> Source:
    given = {"base_url": google.url, "customer": "123-456-7890", "client_id": "c", "first_days": "2"}
    return desk.connect("google_ads", secrets=SECRETS, settings=given | settings)


def costs(desk: Desk) -> dict[str, str]:
    return {event["id"].removeprefix("north:spend:1234567890:"): event["cost"] for event in desk.events("spend")}


def test_the_documented_answer_is_spend(tmp_path: Path, clock: FrozenClock, google: FakeGoogle) -> None:
    lay_warehouse(tmp_path / "ua")
    settings = read_settings(data=tmp_path / "ua", write_key="w", api_key="r", currency="UAH", _env_file=None)
    services = Services(settings, clock)
    desk = Desk(services, TestClient(create_app(services)))
    google.errors = [Response(sent("google_ads", "stream.json"), media_type="application/json")]
    assert desk.pull(connected(desk, google)).error == ""
    assert desk.events("spend") == meant("google_ads", "spend.json")
    services.close()


def test_spend_keeps_its_currency(desk: Desk, google: FakeGoogle) -> None:
    google.errors = [Response(sent("google_ads", "stream.json"), media_type="application/json")]
    assert desk.pull(connected(desk, google)).rejected == 0
    assert [row["currency"] for row in desk.events("spend")] == ["UAH"]


def test_what_is_zero_may_be_left_out() -> None:
    batches = orjson.loads('[{"results":[{"campaign":{"id":"1"},"segments":{"date":"2025-01-16"}}]},{}]')
    (row,) = read_batches(batches)
    assert (row.cost, row.clicks, row.impressions, row.currency) == (Decimal(0), 0, 0, "")


def test_what_is_asked_for(desk: Desk, google: FakeGoogle) -> None:
    desk.pull(connected(desk, google, login_customer="111-222-3333"))
    assert google.headers["developer-token"] == "d"
    assert google.headers["login-customer-id"] == "1112223333"
    assert google.spans == [("2025-01-16", "2025-01-17")]


def test_a_token_that_ends_during_a_pull_is_renewed(desk: Desk, google: FakeGoogle) -> None:
    google.rows, google.lasts = [("2024-12-01", "1", "1000000"), ("2025-01-17", "1", "2500000")], 1
    assert desk.pull(connected(desk, google, first_days="80")).error == ""
    assert costs(desk) == {"2024-12-01:1:": "1.0000", "2025-01-17:1:": "2.5000"}
    assert google.tokens == 3


def test_a_refresh_token_that_is_taken_no_more_is_told(desk: Desk, google: FakeGoogle) -> None:
    source = desk.connect(
        "google_ads", secrets=SECRETS | {"refresh_token": "old"},
        settings={"base_url": google.url, "customer": "1234567890", "client_id": "c"},
    )  # fmt: skip
    assert "refresh token" in desk.pull(source).error


def test_a_refusal_is_told_by_its_code(desk: Desk, google: FakeGoogle) -> None:
    detail = {
        "errors": [{"errorCode": {"authorizationError": "USER_PERMISSION_DENIED"}, "message": "name@example.com"}]
    }
    error = {"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [detail]}}
    google.errors = [JSONResponse([error], 403)]
    told = desk.pull(connected(desk, google)).error
    assert "USER_PERMISSION_DENIED" in told
    assert "example.com" not in told


def test_a_pull_that_dies_between_spans_goes_on_and_throttling_is_waited_for(desk: Desk, google: FakeGoogle) -> None:
    source = connected(desk, google, first_days="40")
    google.rows = [("2024-12-20", "1", "1000000"), ("2025-01-17", "1", "2000000")]
    google.errors = [Response(status_code=429)]
    google.lasts = 2
    desk.pull(source)
    assert len(costs(desk)) == 2
    google.errors = [JSONResponse({"error": {}}, 400)]
    assert desk.pull(source).error != ""
    google.errors = [Response(status_code=500), Response(status_code=503, headers={"Retry-After": "120"})]
    assert "busy" in desk.pull(source).error
    assert desk.pull(source).error == ""
    assert len(desk.events("spend")) == 2


def test_a_campaign_that_is_reported_no_more_costs_nothing(desk: Desk, google: FakeGoogle, clock: FrozenClock) -> None:
    source = connected(desk, google)
    google.rows = [("2025-01-16", "1", "1000000"), ("2025-01-17", "2", "2000000")]
    desk.pull(source)
    clock.advance(timedelta(hours=3))
    google.rows = [("2025-01-16", "1", "1500000")]
    desk.pull(source)
    assert costs(desk) == {"2025-01-16:1:": "1.5000", "2025-01-17:2:": "0.0000"}
