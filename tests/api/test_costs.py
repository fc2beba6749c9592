"""Costs over HTTP and on the command line: matching, offline media, same campaigns and rates."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from fastapi.testclient import TestClient

from api.bootstrap import Services
from tests.api.cli.closedloop import closedloop, closedloop_process
from tests.api.test_collect import READ
from tests.attribution.world import START, World, spend, visit

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
SAME = {
    "cost": {"source": "yandex", "medium": "cpc", "campaign": "mow"},
    "touches": {"source": "yandex", "medium": "cpc", "campaign": "moscow"},
}


def test_costs_are_matched_rated_and_told(services: Services, client: TestClient) -> None:
    world = World(services)
    ago = (datetime.now(UTC) - START) / timedelta(days=1) - 1
    world.tell({
        "spend": [
            spend(YESTERDAY, YESTERDAY, 10, "yandex", campaign="mow", currency="USD", id="s1"),
            spend(YESTERDAY, YESTERDAY, 7, "yandex", medium="tv", campaign="x", region="Тверь", id="s2"),
        ],
        "touches": [visit("t", "v", ago, "yandex", campaign="moscow")],
    })  # fmt: skip
    world.attribute()
    assert client.get("/api/rates", headers=READ).json()["missing"] == [
        {"family": "spend", "currency": "USD", "from": YESTERDAY, "to": YESTERDAY, "events": 1, "amount": 10.0}
    ]
    found = client.get("/api/reports/cost-matching", headers=READ).json()
    assert [each["currency"] for each in found["missing_rates"]] == ["USD"]

    told = "currency;date;nominal;rate\nusd;01.01.2026;100;8 050,5\nEUR;2026-01-01;;95"
    csv = {"Content-Type": "text/csv"}
    assert client.post("/api/rates", content=told, headers=READ | csv).json() == {"accepted": 2}
    assert client.post("/api/rates", content=told, headers=csv).status_code == 401
    wrong = client.post(
        "/api/rates", json=[{"currency": "GBP", "date": "2026-01-01", "rate": 1}, {"rate": 2}], headers=READ
    )
    assert wrong.status_code == 422
    assert wrong.json()["error"]["message"] == "Row 2, currency: Field required. Nothing was changed."
    said = client.post("/api/same-campaigns", json=SAME, headers=READ)
    assert (said.status_code, said.json()) == (201, {"id": 1, **SAME})
    assert client.get("/api/same-campaigns", headers=READ).json()["items"] == [said.json()]

    world.attribute()
    rates = client.get("/api/rates", params={"currency": "USD"}, headers=READ).json()
    assert rates == {
        "items": [{"currency": "USD", "date": "2026-01-01", "rate": 80.505}], "total": 1, "next": None, "missing": [],
    }  # fmt: skip
    found = client.get("/api/reports/cost-matching", headers=READ).json()
    (matched,) = (row for row in found["items"] if row["state"] == "matched")
    assert (matched["rule"], matched["cost"], matched["touch_campaign"]) == ("hand", 805.05, "moscow")
    offline = client.get("/api/reports/offline", params={"format": "csv"}, headers=READ)
    assert offline.text.splitlines()[0].startswith("medium,outcome,finding,cost,observed")
    assert "tv,leads,too little data: fewer than two places" in offline.text

    assert client.delete("/api/same-campaigns/1", headers=READ).status_code == 204
    assert client.delete("/api/same-campaigns/1", headers=READ).status_code == 404
    assert client.delete("/api/rates/usd/2026-01-01", headers=READ).status_code == 204
    assert client.delete("/api/rates/usd/2026-01-01", headers=READ).status_code == 404
    assert client.delete("/api/rates/usd/first", headers=READ).json()["error"]["where"] == "day"


def test_commands_tell_and_take_the_same(tmp_path: Path) -> None:
    rows = [
        {"date": YESTERDAY, "cost": 10, "currency": "USD", "source": "ya", "medium": "cpc", "campaign": "spring mow"},
        {"date": YESTERDAY, "cost": 5, "source": "ya", "medium": "cpc", "campaign": "Осень"},
        {"date": YESTERDAY, "cost": 4, "source": "ya", "medium": "cpc", "campaign": "spring moskau"},
    ]
    visits = [
        {"id": name, "visitor_id": name, "occurred_at": f"{YESTERDAY}T09:00:00Z", "source": "ya", "medium": "cpc",
         "campaign": name}
        for name in ("spring moscow", "osen")
    ]  # fmt: skip
    for family, told in (("spend", rows), ("touches", visits)):
        (tmp_path / f"{family}.json").write_bytes(orjson.dumps(told))
        assert closedloop(tmp_path, "collect", f"{family}.json", "--as", family).code == 0
    closedloop(tmp_path, "load", "--drain")
    closedloop(tmp_path, "attribute")
    table = closedloop_process(tmp_path, "report", "cost-matching").out
    assert "perhaps ya / cpc /" in table
    assert "No rate for 10.00 USD of spend" in table

    (tmp_path / "rates.csv").write_text("currency,date,rate\nUSD,2020-01-01,80.5\n")
    assert "1 rates, in force" in closedloop_process(tmp_path, "rates", "set", "rates.csv").out
    listed = closedloop(tmp_path, "rates", "list").out
    assert "80.5" in listed
    assert "No rate for" in listed
    pair = ("--cost", "ya / cpc / spring mow", "--touches", "ya / cpc / spring moscow")
    assert closedloop_process(tmp_path, "same-campaigns", "add", *pair).out.startswith(
        "1: spend on ya / cpc / spring mow lies"
    )
    assert "spring mow" in closedloop(tmp_path, "same-campaigns", "list").out
    closedloop(tmp_path, "attribute")
    document = orjson.loads(closedloop(tmp_path, "report", "cost-matching", "--format", "json").out)
    assert {each["rule"]: each["cost"] for each in document["by_rule"] if each["cost"]} == {
        "hand": 805, "tolerant": 5, "none": 4,
    }  # fmt: skip
    assert "Offline media" in closedloop(tmp_path, "report", "offline").out
    assert "matched by the rules again" in closedloop(tmp_path, "same-campaigns", "remove", "1").out
    assert closedloop(tmp_path, "same-campaigns", "remove", "1").problems.startswith("Nothing was said to be the same")
    assert "is removed" in closedloop(tmp_path, "rates", "remove", "usd", "2020-01-01").out
    unread = closedloop(tmp_path, "rates", "set", "spend.json")
    assert (unread.code, unread.problems.splitlines()[0]) == (1, "Row 1, rate: Field required. Nothing was changed.")
