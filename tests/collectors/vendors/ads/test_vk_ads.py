"""VK Ads: statistics of campaigns by day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from collectors.sources.source import Source
from infra.clock import FrozenClock
from tests.collectors.vendors.ads.golden import meant, sent
from tests.collectors.vendors.desk import Desk, serving_fake

STATISTICS = orjson.loads(sent("vk_ads", "statistics.json"))


@dataclass
class FakeVk:
    """The API: gives five tokens in all, the newest of which is taken; `spent` is by campaign and day."""

    plans: dict[int, str] = field(default_factory=dict)
    spent: dict[tuple[int, str], Any] = field(default_factory=dict)
    documented: bool = False
    tokens: int = 0
    grants: list[str] = field(default_factory=list)
    errors: list[Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.grants.append(form["grant_type"])
        fresh = form["grant_type"] == "client_credentials"
        if form["client_secret"] != "s" or (fresh and self.grants.count("client_credentials") > 5):
            return JSONResponse({"error": "token_limit_exceeded"}, 403)
        self.tokens += 1
        token = {"access_token": f"a{self.tokens}", "refresh_token": "r", "expires_in": 86400}
        return JSONResponse({**token, "token_type": "Bearer", "tokens_left": 4})

    async def list_plans(self, request: Request) -> Response:
        if request.headers["authorization"] != f"Bearer a{self.tokens}":
            return JSONResponse({"error": {"code": "expired_token"}}, 401)
        start = int(request.query_params["offset"])
        items = [{"id": key, "name": name} for key, name in sorted(self.plans.items())][start : start + 250]
        return JSONResponse({"count": len(self.plans), "offset": start, "items": items})

    async def days(self, request: Request) -> Response:
        params = dict(request.query_params)
        self.asked.append(params)
        if self.errors:
            return self.errors.pop(0)
        if self.documented:
            return JSONResponse(STATISTICS)
        ids = [int(key) for key in params["id"].split(",")]
        return JSONResponse({"items": [self._item(key, params) for key in ids]})

    def _item(self, key: int, params: dict[str, str]) -> dict[str, Any]:
        rows = [
            {"date": day, "base": {"shows": 1, "clicks": 0, "spent": spent}}
            for (plan, day), spent in self.spent.items()
            if plan == key and params["date_from"] <= day <= params["date_to"]
        ]
        return {"id": key, "rows": rows}


@pytest.fixture
def vk() -> Iterator[FakeVk]:
    fake = FakeVk()
    routes = [
        Route("/api/v2/oauth2/token.json", fake.token, methods=["POST"]),
        Route("/api/v2/ad_plans.json", fake.list_plans),
        Route("/api/v2/statistics/ad_plans/day.json", fake.days),
    ]
    with serving_fake(Starlette(routes=routes)) as fake.url:
        yield fake


def connected(desk: Desk, vk: FakeVk, **settings: str) -> Source:
    given = {"base_url": vk.url, "client_id": "c", "first_days": "3", "again_days": "3", **settings}
    return desk.connect("vk_ads", secrets={"client_secret": "s"}, settings=given)


def costs(desk: Desk) -> dict[str, str]:
    return {event["id"].removeprefix("north:spend:c:"): event["cost"] for event in desk.events("spend")}


def test_the_documented_statistics_are_spend(desk: Desk, vk: FakeVk) -> None:
    vk.plans, vk.documented = {10000001: "geely_video"}, True
    assert desk.pull(connected(desk, vk)).error == ""
    assert desk.events("spend") == meant("vk_ads", "spend.json")


def test_spent_is_text_or_a_number(desk: Desk, vk: FakeVk) -> None:
    vk.plans = {1: "x"}
    vk.spent = {(1, "2025-01-15"): "0.10", (1, "2025-01-16"): 0.1, (1, "2025-01-17"): None}
    desk.pull(connected(desk, vk))
    assert list(costs(desk).values()) == ["0.1000", "0.1000", "0.0000"]


def test_a_token_is_used_again_and_renewed_when_it_ends(desk: Desk, vk: FakeVk, clock: FrozenClock) -> None:
    source = connected(desk, vk)
    for _ in range(3):
        assert desk.pull(source).error == ""
    assert vk.grants == ["client_credentials"]
    clock.advance(timedelta(days=1))
    desk.pull(source)
    vk.tokens += 1  # somebody renewed it elsewhere: the one that is kept is taken no more
    assert desk.pull(source).error == ""
    assert vk.grants == ["client_credentials", "refresh_token", "refresh_token"]
    assert desk.services.sources.get(source.id).secrets["kept_token"] == f"a{vk.tokens}"


def test_no_token_is_told(desk: Desk, vk: FakeVk) -> None:
    source = desk.connect("vk_ads", secrets={"client_secret": "other"}, settings={"base_url": vk.url, "client_id": "c"})
    assert "gives no token" in desk.pull(source).error


def test_campaigns_are_listed_by_pages_and_asked_for_in_chunks(desk: Desk, vk: FakeVk) -> None:
    vk.plans = {key: f"plan {key}" for key in range(1000, 1260)}
    vk.spent = {(key, "2025-01-17"): "1" for key in vk.plans}
    vk.errors = [Response(status_code=429, headers={"Retry-After": "1"}), Response(status_code=500)]
    assert desk.pull(connected(desk, vk)).error == ""
    assert len(costs(desk)) == 260
    assert [len(params["id"].split(",")) for params in vk.asked[2:]] == [100, 100, 60]


def test_spans_are_of_92_days_at_most_and_a_pull_that_dies_between_them_goes_on(desk: Desk, vk: FakeVk) -> None:
    source = connected(desk, vk, first_days="100")
    vk.plans, vk.spent = {1: "x"}, {(1, "2024-10-12"): "1", (1, "2025-01-17"): "2"}
    vk.errors = [JSONResponse(vk_item(vk, "2024-10-12")), JSONResponse({}, 403)]
    assert "403" in desk.pull(source).error
    assert desk.pull(source).error == ""
    assert list(costs(desk).values()) == ["1.0000", "2.0000"]
    assert vk.asked[-1]["date_from"] == "2025-01-05"


def vk_item(vk: FakeVk, day: str) -> dict[str, Any]:
    return {"items": [vk._item(1, {"date_from": day, "date_to": day})]}


def test_a_deleted_campaign_keeps_its_cost_and_a_refunded_one_costs_nothing(
    desk: Desk, vk: FakeVk, clock: FrozenClock
) -> None:
    source = connected(desk, vk)
    vk.plans = {1: "kept", 2: "refunded"}
    vk.spent = {(1, "2025-01-17"): "5", (2, "2025-01-17"): "3"}
    desk.pull(source)
    clock.advance(timedelta(days=1))
    vk.plans = {}
    del vk.spent[2, "2025-01-17"]
    assert desk.pull(source).error == ""
    assert costs(desk) == {"2025-01-17:1:": "5.0000", "2025-01-17:2:": "0.0000"}
    assert desk.events("spend")[0]["properties"]["campaign_name"] == "kept"


def test_an_account_without_campaigns_is_well(desk: Desk, vk: FakeVk) -> None:
    assert desk.pull(connected(desk, vk)).error == ""
    assert vk.asked == []
