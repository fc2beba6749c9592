"""TikTok Ads: the integrated report."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

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


@dataclass
class FakeTikTok:
    """The report: `rows` are (date, ad, spend), two on a page whatever is asked for."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def report(self, request: Request) -> Response:
        params = dict(request.query_params)
        self.asked.append(params)
        if self.answers:
            return self.answers.pop(0)
        if request.headers["access-token"] != "t":
            return code(40105)
        if not isinstance(orjson.loads(params["dimensions"]), list):
            return code(40002)
        found = [row for row in self.rows if params["start_date"] <= row[0] <= params["end_date"]]
        start = (int(params["page"]) - 1) * 2
        info = {"page": int(params["page"]), "total_page": -(-len(found) // 2), "total_number": len(found)}
        rows = [_row(*row) for row in found[start : start + 2]]
        return JSONResponse({"code": 0, "message": "OK", "data": {"list": rows, "page_info": info}})


def _row(day: str, ad: str, spend: str) -> dict[str, Any]:
    metrics = {"spend": spend, "impressions": "10", "clicks": "1", "campaign_id": "77", "campaign_name": "geely"}
    return {"dimensions": {"ad_id": ad, "stat_time_day": f"{day} 00:00:00"}, "metrics": metrics}


def code(number: int) -> Response:
    return JSONResponse({"code": number, "message": "of ivan@example.com", "data": {}})


@pytest.fixture
def tiktok() -> Iterator[FakeTikTok]:
    fake = FakeTikTok()
    with serving_fake(Starlette(routes=[Route("/open_api/v1.3/report/integrated/get/", fake.report)])) as fake.url:
        yield fake


def connected(desk: Desk, tiktok: FakeTikTok, **settings: str) -> Source:
    given = {"base_url": tiktok.url, "advertiser": "7000", "first_days": "2", "again_days": "2", **settings}
    return desk.connect("tiktok_ads", secrets={"token": "t"}, settings=given)


def costs(desk: Desk) -> dict[str, str]:
    return {event["id"].removeprefix("north:spend:7000:"): event["cost"] for event in desk.events("spend")}


def test_the_documented_report_is_spend(desk: Desk, tiktok: FakeTikTok) -> None:
    tiktok.answers = [Response(sent("tiktok_ads", "report.json"), media_type="application/json")]
    assert desk.pull(connected(desk, tiktok)).error == ""
    assert desk.events("spend") == meant("tiktok_ads", "spend.json")


def test_pages_are_followed_and_what_vanished_costs_nothing(desk: Desk, tiktok: FakeTikTok, clock: FrozenClock) -> None:
    source = connected(desk, tiktok)
    tiktok.rows = [("2025-01-17", ad, "1.10") for ad in "abc"]
    assert desk.pull(source).error == ""
    assert set(costs(desk)) == {"2025-01-17:77:a", "2025-01-17:77:b", "2025-01-17:77:c"}
    assert [params["page"] for params in tiktok.asked] == ["1", "2"]
    assert orjson.loads(tiktok.asked[0]["dimensions"]) == ["ad_id", "stat_time_day"]
    clock.advance(timedelta(days=1))
    tiktok.rows = [("2025-01-17", "b", "1.20")]
    desk.pull(source)
    assert list(costs(desk).values()) == ["0.0000", "1.2000", "0.0000"]


@pytest.mark.parametrize(("number", "words"), [(40105, "refuses the report"), (40100, "too often"), (50000, "busy")])
def test_errors_come_with_status_200(desk: Desk, tiktok: FakeTikTok, number: int, words: str) -> None:
    tiktok.answers = [code(number)]
    told = desk.pull(connected(desk, tiktok)).error
    assert words in told
    assert "example.com" not in told
    assert desk.events("spend") == []


def test_spans_are_of_30_days_at_most_and_a_pull_that_dies_between_them_goes_on(desk: Desk, tiktok: FakeTikTok) -> None:
    source = connected(desk, tiktok, first_days="40")
    tiktok.rows = [("2024-12-10", "a", "1.00"), ("2025-01-17", "a", "2.00")]
    first = {"list": [_row(*tiktok.rows[0])], "page_info": {"total_page": 1}}
    tiktok.answers = [JSONResponse({"code": 0, "data": first}), code(40002)]
    assert "40002" in desk.pull(source).error
    assert list(costs(desk).values()) == ["1.0000"]
    tiktok.answers = [Response(status_code=500), Response(status_code=429)]
    assert desk.pull(source).error == ""
    assert list(costs(desk).values()) == ["1.0000", "2.0000"]


def test_an_empty_report_is_well(desk: Desk, tiktok: FakeTikTok) -> None:
    assert desk.pull(connected(desk, tiktok)).error == ""
    assert desk.events("spend") == []
    assert desk.rejections() == []
