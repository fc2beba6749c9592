"""Own measures, own dimensions and channel rules over HTTP, and the reports that use them."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.sheets import table_of
from tests.attribution.world import NOW, World, lead, spend, stage, visit
from tests.migrated import lay_warehouse

READ = {"Authorization": "Bearer r"}
PERIOD = {"from": "2026-01-01", "to": "2026-01-31"}
RULES = [{"channel": "search", "source": "yandex"}, {"channel": "late", "source": "^yandex$"}]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("definitions")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, timezone="UTC", write_key="w", api_key="r", load_interval_ms=1, _env_file=None
    )
    services = Services(settings, FrozenClock(NOW))
    world = World(services)
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, ("yandex", "vk")[n % 2]) for n in range(4)],
        "leads": [lead(f"l{n}", n, visitor_id=f"v{n}", product=("Vesta", "Atlas")[n % 2]) for n in range(4)],
        "deals": [stage("d0", "sale", 9, visitor_id="v0", product="Vesta", amount=1000, margin=300)],
        "spend": [spend("2026-01-01", "2026-01-10", 100, "yandex"), spend("2026-01-01", "2026-01-10", 50, "vk")],
    })  # fmt: skip
    world.attribute()
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened
    services.close()


def reported(client: TestClient, **asked: str) -> dict[str, Any]:
    answer = client.get("/api/reports/romi", params={**PERIOD, **asked})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_measure_is_defined_asked_for_and_removed(client: TestClient) -> None:
    body = {"formula": "(margin - cost) / sales", "title": "Profit per sale"}
    told = client.put("/api/measures/profit_per_sale", json=body).json()
    assert told == {"name": "profit_per_sale", "unit": "money", "version": 1, **body}
    assert told in client.get("/api/measures").json()["items"]
    found = reported(client, by="source", measures="sales,profit_per_sale", sort="profit_per_sale")
    assert found["items"] == [
        {"source": "yandex", "sales": 1, "profit_per_sale": 200}, {"source": "vk", "sales": 0, "profit_per_sale": None},
    ]  # fmt: skip
    assert found["totals"] == {"sales": 1, "profit_per_sale": 150}
    assert found["definitions"] == {"profit_per_sale": {"version": 1, "formula": "(margin - cost) / sales"}}
    sheet = client.get("/api/reports/romi", params={**PERIOD, "measures": "profit_per_sale", "format": "xlsx"})
    assert list(table_of(sheet.content)) == ["Channel", "Profit per sale"]
    page = client.get("/channels", params={**PERIOD, "by": "source"}).text
    assert "Profit per sale" in page
    assert client.delete("/api/measures/profit_per_sale").status_code == 204
    versions = client.get("/api/measures/profit_per_sale/versions").json()
    assert [(each["version"], each["removed"], each["author"]) for each in versions["items"]] == [
        (2, True, "API key"), (1, False, "API key"),
    ]  # fmt: skip
    gone = client.get("/api/reports/romi", params={"measures": "profit_per_sale"})
    assert (gone.status_code, gone.json()["error"]["where"]) == (422, "measures")
    assert client.delete("/api/measures/profit_per_sale").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "where", "sentence"),
    [
        ("measures/mine", {"formula": "lead / cost"}, "formula", "There is no figure 'lead'."),
        ("measures/mine", {"formula": "cost + leads"}, "formula", "money cannot be added to a count"),
        ("measures/mine", {}, "body", "formula: Field required"),
        ("measures/mine", {"formula": "cost", "unit": "roubles"}, "body", "unit: Input should be 'money', 'count'"),
        ("measures/cost", {"formula": "leads"}, "name", "means something else already"),
        ("dimensions/mine", {"rules": [{"value": "x", "when": {"maker": "x"}}]}, "body", "no dimension 'maker'"),
        ("dimensions/channel", {"property": "x"}, "name", "means something else already"),
    ],
)
def test_what_cannot_be_defined_is_said(
    client: TestClient, path: str, body: dict[str, Any], where: str, sentence: str
) -> None:
    answer = client.put(f"/api/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == where
    assert sentence in answer.json()["error"]["message"]


def test_a_dimension_is_defined_asked_for_and_removed(client: TestClient) -> None:
    body = {"rules": [{"value": "small", "when": {"product": "vesta"}}], "otherwise": "big"}
    told = client.put("/api/dimensions/segment", json=body).json()
    assert told == {"name": "segment", "version": 1, **body}
    assert told in client.get("/api/dimensions").json()["items"]
    found = reported(client, by="segment", measures="leads", where="-segment:(none)", sort="segment")
    assert found["items"] == [{"segment": "big", "leads": 2}, {"segment": "small", "leads": 2}]
    assert found["definitions"] == {"segment": {"version": 1}}
    page = client.get("/channels", params={**PERIOD, "by": ["segment", "month"], "where": "segment:big"}).text
    assert "ROMI and CPL by segment and month" in page
    assert 'value="segment:big"' in page
    assert [each["version"] for each in client.get("/api/dimensions/segment/versions").json()["items"]] == [1]
    assert client.delete("/api/dimensions/segment").status_code == 204


def test_a_report_comes_in_pages(client: TestClient) -> None:
    first = reported(client, by="source,day", measures="leads", sort="-day", limit="3")
    assert (len(first["items"]), first["total"], first["next"]) == (3, 20, "3")
    rest = reported(client, by="source,day", measures="leads", sort="-day", next="3")
    assert (len(rest["items"]), rest["next"], rest["totals"]) == (17, None, first["totals"])
    days = [row["day"] for row in first["items"] + rest["items"]]
    assert days == sorted(days, reverse=True)


def test_each_figure_says_its_model(client: TestClient) -> None:
    found = reported(client, models="leads:first", measures="cost,leads,sales,cpl")
    assert found["models"] == {"cost": [], "leads": ["first"], "sales": ["last_non_direct"], "cpl": ["first"]}
    assert "allocated" in found["words"]
    assert found["question"]["models"] == {"leads": "first"}
    page = client.get("/channels", params={**PERIOD, "models": "leads:first"}).text
    assert "leads by first touch." in page


def test_rules_are_previewed_kept_and_taken_back(client: TestClient) -> None:
    told = client.post("/api/channel-rules/preview", json=RULES).json()
    moves = [
        (each["from"], each["to"], each["sessions"], each["leads"], each["sales"], each["cost"])
        for each in told["items"]
    ]
    assert moves == [("paid_search", "search", 2, 2, 1, 100), ("paid_social", "other", 2, 2, 0, 50)]
    assert [each["use"] for each in told["rules"]] == ["used", "shadowed"]
    assert told["unmatched"]["after"]["leads"] == 2
    assert client.get("/api/channel-rules").json()["version"] == 0
    kept = client.put("/api/channel-rules", json={"rules": RULES}).json()
    assert (kept["version"], kept["author"], len(kept["rules"])) == (1, "API key", 2)
    back = client.put("/api/channel-rules", json={"version": 0}).json()
    assert (back["version"], len(back["rules"])) == (2, 30)
    told = client.get("/api/channel-rules", params={"version": 1}).json()
    assert [each["version"] for each in told["versions"]] == [2, 1, 0]
    assert [rule["channel"] for rule in told["rules"]] == ["search", "late"]
    assert client.put("/api/channel-rules", json={"version": 9}).status_code == 404
    assert client.put("/api/channel-rules", json=[{"channel": "x", "source": "("}]).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "measures"), ("PUT", "measures/x"), ("DELETE", "measures/x"), ("GET", "dimensions"),
        ("PUT", "dimensions/x"), ("GET", "channel-rules"), ("PUT", "channel-rules"), ("POST", "channel-rules/preview"),
    ],
)  # fmt: skip
def test_nobody_without_the_api_key(client: TestClient, method: str, path: str) -> None:
    body: Any = None if method in ("GET", "DELETE") else {}
    for key, status in (("", 401), ("w", 403)):
        answer = client.request(method, f"/api/{path}", json=body, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status
