"""Meta: insights, and leads of lead forms."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2 as httpx
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

SECRET = "metaappsecret"
WEBHOOK = sent("meta_ads", "webhook.json")


@dataclass
class FakeMeta:
    """The Graph API: `rows` of insights are (date, campaign, ad, spend), two on a page; `leads` are by their id."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    too_much: int = 1000
    job_status: list[str] = field(default_factory=list)
    errors: list[Response] = field(default_factory=list)
    asked: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def insights(self, request: Request) -> Response:
        params = dict(request.query_params)
        self.asked.append(params)
        assert request.headers["authorization"] == "Bearer t"
        if self.errors:
            return self.errors.pop(0)
        if request.method == "POST":
            return JSONResponse({"report_run_id": f"run-{len(self.asked)}"})
        if "run" in request.path_params:
            params = {**self.asked[int(request.path_params["run"]) - 1], **params}
        days = orjson.loads(params["time_range"])
        found = [row for row in self.rows if days["since"] <= row[0] <= days["until"]]
        if "run" not in request.path_params and len({row[0] for row in found}) > self.too_much:
            return error(1, 400, message="Please reduce the amount of data you're asking for, then retry your request")
        start = int(params.get("after", 0))
        page: dict[str, Any] = {"data": [_row(*row) for row in found[start : start + 2]]}
        if found[start + 2 :]:
            page["paging"] = {
                "cursors": {"after": str(start + 2)},
                "next": f"https://graph.facebook.com/?after={start}",
            }
        return JSONResponse(page)

    async def job(self, request: Request) -> Response:
        status = self.job_status.pop(0) if self.job_status else "Job Completed"
        return JSONResponse({"id": "run", "async_status": status, "async_percent_completion": 50})

    async def lead(self, request: Request) -> Response:
        lead = self.leads.get(request.path_params["id"])
        return JSONResponse(lead) if lead else error(100, 400)


def _row(day: str, campaign: str, ad: str, spend: str) -> dict[str, Any]:
    return {"date_start": day, "campaign_id": campaign, "ad_id": ad, "spend": spend, "account_currency": "RUB"}


def error(code: int, status: int, message: str = "of ivan@example.com") -> Response:
    return JSONResponse({"error": {"message": message, "type": "OAuthException", "code": code}}, status)


@pytest.fixture
def meta() -> Iterator[FakeMeta]:
    fake = FakeMeta()
    routes = [
        Route("/v25.0/act_1000000001/insights", fake.insights, methods=["GET", "POST"]),
        Route("/v25.0/run-{run}/insights", fake.insights),
        Route("/v25.0/run-{run}", fake.job),
        Route("/v25.0/{id}", fake.lead),
    ]
    with serving_fake(Starlette(routes=routes)) as fake.url:
        yield fake


def connected(desk: Desk, meta: FakeMeta, **settings: str) -> Source:
    given = {"base_url": meta.url, "account": "act_1000000001", "first_days": "2", "again_days": "2", **settings}
    secrets = {"token": "t", "app_secret": SECRET, "verify_token": "v"}
    return desk.connect("meta_ads", secrets=secrets, settings=given)


def signed(desk: Desk, source: Source, body: bytes, secret: str = SECRET) -> httpx.Response:
    sign = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={sign}", "content-type": "application/json"}
    return desk.deliver(source, body, headers=headers)


def costs(desk: Desk) -> dict[str, str]:
    return {event["id"].removeprefix("north:spend:1000000001:"): event["cost"] for event in desk.events("spend")}


def test_the_documented_insights_are_spend(desk: Desk, meta: FakeMeta) -> None:
    meta.errors = [Response(sent("meta_ads", "insights.json"), media_type="application/json")]
    assert desk.pull(connected(desk, meta)).error == ""
    assert desk.events("spend") == meant("meta_ads", "spend.json")


def test_pages_are_followed_and_what_vanished_costs_nothing(desk: Desk, meta: FakeMeta, clock: FrozenClock) -> None:
    source = connected(desk, meta)
    meta.rows = [("2025-01-17", "1", ad, "2.50") for ad in "abcde"]
    assert desk.pull(source).error == ""
    assert len(costs(desk)) == 5
    assert [params.get("after") for params in meta.asked] == [None, "2", "4"]
    assert (meta.asked[0]["level"], meta.asked[0]["time_increment"]) == ("ad", "1")
    clock.advance(timedelta(days=1))
    meta.rows = [("2025-01-17", "1", "a", "3.00")]
    desk.pull(source)
    assert list(costs(desk).values()) == ["3.0000", "0.0000", "0.0000", "0.0000", "0.0000"]


def test_a_pull_that_dies_between_pages_loses_and_doubles_nothing(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta, first_days="10")
    meta.rows = [("2025-01-09", "1", "a", "1.00"), ("2025-01-16", "1", "a", "2.00"), ("2025-01-17", "1", "a", "3.00")]
    first = {"data": [_row(*meta.rows[0])], "paging": {}}
    meta.errors = [JSONResponse(first), error(190, 400)]
    assert "190" in desk.pull(source).error
    assert "example.com" not in desk.state(source).error
    assert desk.pull(source).error == ""
    assert list(costs(desk).values()) == ["1.0000", "2.0000", "3.0000"]


def test_less_is_asked_for_where_meta_has_too_much_to_tell(desk: Desk, meta: FakeMeta) -> None:
    meta.rows, meta.too_much = [(f"2025-01-{day}", "1", "a", "1.00") for day in (14, 15, 16, 17)], 1
    source = connected(desk, meta, first_days="4")
    assert desk.pull(source).error == ""
    assert len(costs(desk)) == 4


def test_a_single_day_of_too_much_is_made_by_a_job(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta)
    meta.rows, meta.too_much = [("2025-01-17", "1", ad, "1.00") for ad in "abc"], 0
    meta.job_status = ["Job Not Started", "Job Running"]
    assert desk.pull(source).error == ""
    assert len(costs(desk)) == 3
    assert desk.pauses.count(15.0) == 2
    meta.job_status = ["Job Failed"]
    assert "not made the insights" in desk.pull(source).error


@pytest.mark.parametrize("code", [4, 17, 613, 80004])
def test_limits_that_come_as_status_400_are_waited_for(desk: Desk, meta: FakeMeta, code: int) -> None:
    source = connected(desk, meta)
    meta.errors = [error(code, 400)]
    state = desk.pull(source)
    assert "asked too often" in state.error
    assert state.next_pull_at
    assert state.next_pull_at - desk.services.clock.now() == timedelta(minutes=5)


def test_the_address_is_verified(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta)
    answer = desk.deliver(source, method="GET", query="hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=v")
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")
    refused = desk.deliver(source, method="GET", query="hub.mode=subscribe&hub.challenge=1&hub.verify_token=w")
    assert refused.status_code == 401


def test_the_documented_webhook_brings_the_lead(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta)
    meta.leads = {"400000000000001": orjson.loads(sent("meta_ads", "lead.json"))}
    for _ in range(2):
        assert signed(desk, source, WEBHOOK).status_code == 200
    desk.read()
    assert desk.events("leads") == [], "nobody asks Meta within the request"
    assert desk.pull(source).error == ""
    signed(desk, source, WEBHOOK)
    desk.read()
    desk.pull(source)
    assert desk.events("leads") == meant("meta_ads", "leads.json")
    assert desk.services.progress.wanted(source.id) == []


def test_campaigns_names_and_other_answers_are_kept(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta)
    answers = [{"name": "first_name", "values": ["Іван"]}, {"name": "last_name", "values": ["Тестов"]},
               {"name": "which_car", "values": ["Monjaro", "Tugella"]}]  # fmt: skip
    told = {"created_time": "2025-01-17T11:52:10+0000", "field_data": answers, "campaign_id": "77", "is_organic": True}
    meta.leads = {"400000000000001": told | {"id": "400000000000001", "new": {"deep": 1}}}
    signed(desk, source, WEBHOOK)
    desk.read()
    desk.pull(source)
    (lead,) = desk.events("leads")
    assert (lead["name"], lead["campaign"], lead["medium"]) == ("Іван Тестов", "77", "social")
    assert lead["properties"]["which_car"] == "Monjaro, Tugella"


def test_the_golden_signature_is_taken(desk: Desk, meta: FakeMeta) -> None:
    golden = "sha256=c8dd36468169387281df4ab82aac1356c5150007b48542cd3da361e57b1065a4"
    body = b'{"object":"page","entry":[]}'
    answer = desk.deliver(connected(desk, meta), body, headers={"X-Hub-Signature-256": golden})
    assert answer.status_code == 200


@pytest.mark.parametrize(("secret", "body"), [("other", WEBHOOK), ("", b"{}")])
def test_a_wrong_signature_is_refused(desk: Desk, meta: FakeMeta, secret: str, body: bytes) -> None:
    source = connected(desk, meta)
    assert signed(desk, source, body, secret).status_code == 401
    assert desk.deliver(source, body).status_code == 401
    desk.read()
    assert desk.services.progress.wanted(source.id) == []


def test_a_source_without_an_app_secret_takes_no_webhook(desk: Desk, meta: FakeMeta) -> None:
    source = desk.connect("meta_ads", secrets={"token": "t"}, settings={"base_url": meta.url})
    assert signed(desk, source, WEBHOOK, "").status_code == 401


def test_a_lead_that_is_not_given_holds_up_no_other_and_stays_wanted(
    desk: Desk, meta: FakeMeta, clock: FrozenClock
) -> None:
    source = connected(desk, meta)
    meta.leads = {"2": {"id": "2", "created_time": "2025-01-17T11:52:10+0000"}}
    changes = [{"field": "leadgen", "value": {"leadgen_id": key}} for key in ("1", "2")] + [{"field": "feed"}]
    signed(desk, source, orjson.dumps({"object": "page", "entry": [{"changes": changes}]}))
    desk.read()
    meta.rows = [("2025-01-17", "1", "a", "1.00")]
    assert "refuses what was asked (OAuthException 100)" in desk.pull(source).error
    assert [lead["id"] for lead in desk.events("leads")] == ["north:lead:2"]
    assert len(costs(desk)) == 1
    asked = len(meta.asked)
    meta.leads["1"] = {"id": "1", "created_time": "2025-01-17T11:52:10+0000"}
    clock.advance(timedelta(minutes=1))
    assert desk.pull(source).error == ""
    assert len(desk.events("leads")) == 2
    assert len(meta.asked) == asked, "a lead does not bring costs about at each pull"


def test_metas_sample_is_a_test_and_other_bodies_are_rejected(desk: Desk, meta: FakeMeta) -> None:
    source = connected(desk, meta)
    signed(desk, source, WEBHOOK.replace(b"400000000000001", b"444444444444"))
    signed(desk, source, b"[1]")
    signed(desk, source, b'{"entry":[{"changes":[{"field":"leadgen"}]}]}')
    desk.read()
    assert desk.services.progress.wanted(source.id) == []
    assert [rejected.family for rejected in desk.rejections()] == ["deliveries", "deliveries"]
