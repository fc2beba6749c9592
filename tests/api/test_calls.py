"""Calls over HTTP and on the command line: the report, the size of a pool, and addresses that pages ask for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from collectors.sources.register import new_token
from collectors.sources.source import Source
from collectors.visits.number import written
from tests.api.cli.closedloop import closedloop, closedloop_process
from tests.api.test_collect import READ
from tests.api.test_tracker import post, source
from tests.attribution.world import World

__all__ = ["source"]
LINE, ONE = "+74950000001", "+79000000001"
VISITOR = {"visitor": "v" + "1" * 16, "session": "s" + "2" * 16}


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def call(key: str, minutes: float, **fields: Any) -> dict[str, Any]:
    return {"id": key, "started_at": ago(minutes), "caller": ONE, "called": LINE} | fields


CALLS = [
    call("missed", 3000, status="missed", waiting_s=30, dealer="north"),
    call("back", 2990, direction="out", caller=LINE, called=ONE, status="answered"),
    call("again", 2000, status="answered", talk_s=61, waiting_s=10, dealer="north"),
]


def test_the_report_over_http(services: Services, client: TestClient) -> None:
    assert client.get("/api/reports/calls").status_code == 401
    world = World(services)
    world.tell({"calls": CALLS})
    world.attribute()
    told = client.get("/api/reports/calls", params={"by": "dealer", "window": 7}, headers=READ).json()
    (row,) = told["items"]
    wanted = {
        "dealer": "north", "calls": 2, "first_calls": 1, "target_calls": 1, "unanswered": 1, "called_back": 1,
        "back_median": 600, "waiting_mean": 20, "share_unanswered": 0.5,
    }  # fmt: skip
    assert {name: row[name] for name in wanted} == wanted
    assert told["totals"]["calls"] == 2
    assert told["target_rules"][0]["talk_s"] == 30
    assert told["question"]["window"] == 7
    csv = client.get("/api/reports/calls", params={"by": "operator", "format": "csv"}, headers=READ)
    assert csv.text.splitlines()[0].startswith("operator,calls,first_calls")
    wrong: list[dict[str, str | int]] = [
        {"by": "colour"}, {"whose": "nobody"}, {"window": 0}, {"from": "2026-02-01", "to": "2026-01-01"},
    ]  # fmt: skip
    for asked in wrong:
        assert client.get("/api/reports/calls", params=asked, headers=READ).status_code == 422, asked


@pytest.fixture
def pooled(services: Services) -> World:
    """A site with two numbers; three visits within ten minutes, one of which called 20 minutes after it began."""
    settings = {"origins": "dealer.example", "numbers": "+79000000101, +79000000102"}
    made = Source("site", "site", new_token(), ZoneInfo("UTC"), settings=settings, dealer="north")
    services.sources.connect(made, author="test", next_pull_at=None)
    world = World(services)
    at = [600.0, 598.0, 595.0]
    number = services.leases.lease(("+79000000101",), "v0", "s0", site="site")
    services.leases.lease(("+79000000101",), "v1", "s1", site="site")
    world.tell({
        "touches": [
            {"id": f"site:visit:e{n}", "visitor_id": f"v{n}", "session_id": f"s{n}", "occurred_at": ago(each)}
            for n, each in enumerate(at)
        ],
        "actions": [
            {"id": f"site:action:e{n}", "name": "page", "visitor_id": f"v{n}", "session_id": f"s{n}",
             "occurred_at": ago(each - 3)} for n, each in enumerate(at)
        ],
        "calls": [
            {"id": "c", "started_at": ago(580), "caller": ONE, "called": number, "session_id": "s0"},
            {"id": "d", "started_at": ago(570), "caller": ONE, "called": number},
        ],
    })  # fmt: skip
    return world


def test_the_size_of_a_pool_by_measured_traffic(pooled: World, client: TestClient) -> None:
    path = "/api/numbers/pool-size"
    assert client.get(path).status_code == 401
    told = client.get(path, params={"accuracy": "90,99"}, headers=READ).json()
    traffic = told["traffic"]
    assert (traffic["visits"], traffic["duration_minutes"], traffic["leased_minutes"], traffic["calls"]) == (
        3,
        3,
        33,
        1,
    )
    assert [row["accuracy"] for row in told["items"]] == [0.9, 0.99]
    assert [row["needed_minutes"] for row in told["items"]] == [33, 33]
    assert told["items"][0]["numbers"] < told["items"][1]["numbers"]
    pool = told["pool"]
    assert (pool["numbers"], pool["visits_served"], pool["visits_refused"], pool["measured_accuracy"]) == (2, 1, 1, 0.5)
    assert (pool["calls"], pool["calls_matched"], pool["matched_share"]) == (2, 1, 0.5)
    assert client.get(path, params={"site": "other"}, headers=READ).status_code == 404
    assert client.get(path, params={"from": "2020-01-01", "to": "2020-01-02"}, headers=READ).status_code == 422


def test_the_size_of_a_pool_by_given_traffic_needs_nothing_measured(client: TestClient) -> None:
    asked: dict[str, str | int] = {"visits": 60, "duration": 5, "delay": 20, "accuracy": "95"}
    told = client.get("/api/numbers/pool-size", params=asked, headers=READ).json()
    assert [row["numbers"] for row in told["items"]] == [41]
    assert told["pool"] is None
    none = client.get("/api/numbers/pool-size", headers=READ)
    assert (none.status_code, none.json()["error"]["where"]) == (422, "site")
    assert client.get("/api/numbers/pool-size", params={"visits": 0}, headers=READ).status_code == 422


def test_a_page_asks_for_its_visits_number_and_address(client: TestClient, services: Services, source: Source) -> None:
    settings = {**source.settings, "address": "Sales+{visit}@dealer.example"}
    changed = Source("site", "site", source.token, source.timezone, settings=settings)
    services.sources.connect(changed, author="test", next_pull_at=None)
    services.sites._read_at = None
    told = post(client, source, lease=VISITOR).json()
    number = services.visit_numbers.number_of(VISITOR["visitor"], VISITOR["session"])
    assert (told["visit"], told["address"]) == (written(number), f"sales+{number}@dealer.example")
    assert post(client, source, lease={"visitor": "somebody", "session": "s"}).status_code == 400


def test_the_script_with_letters_is_small_too(client: TestClient) -> None:
    plain, more = client.get("/t.js"), client.get("/t.js?letters")
    assert plain.headers["ETag"] != more.headers["ETag"]
    assert int(plain.headers["Content-Length"]) < int(more.headers["Content-Length"]) <= 7 * 1024
    assert b"mailto" in more.content
    assert b"mailto" not in plain.content


def test_the_commands_show_the_same(tmp_path: Path) -> None:
    (tmp_path / "calls.ndjson").write_bytes(b"\n".join(map(orjson.dumps, CALLS)))
    assert "3 calls accepted" in closedloop_process(tmp_path, "collect", "calls.ndjson", "--as", "calls").out
    assert closedloop(tmp_path, "load", "--drain").code == 0
    assert closedloop(tmp_path, "attribute").code == 0
    shown = closedloop_process(tmp_path, "report", "calls", "--by", "dealer")
    assert shown.code == 0, shown.problems
    assert "600 s" in shown.out
    sized = closedloop(tmp_path, "numbers", "pool-size", "--visits", "60", "--accuracy", "95", "--delay", "20")
    assert "41" in sized.out
