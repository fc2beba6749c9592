"""Noise over HTTP: the report, its examples, and the rules."""

from fastapi.testclient import TestClient

from api.bootstrap import Services
from tests.api.test_collect import READ
from tests.attribution.noise.noisy import click
from tests.attribution.world import World


def test_the_report_its_examples_and_a_file(services: Services, client: TestClient) -> None:
    world = World(services)
    assert client.get("/api/reports/noise").status_code == 401
    assert client.get("/api/reports/noise", headers=READ).json()["error"]["code"] == "not_ready"
    world.tell({"touches": [click("a", 0), click("b", 1)]})
    world.attribute(full=True)
    period = {"from": "2026-01-01", "to": "2026-12-31"}
    told = client.get("/api/reports/noise", headers=READ, params=period).json()
    assert [(row["reason"], row["excluded_touches"]) for row in told["items"]] == [("duplicate_click", 1)]
    assert told["rules"]["version"] == 0
    examples = client.get("/api/reports/noise/examples", headers=READ, params=period).json()
    assert [(row["id"], row["excluded"]) for row in examples["items"]] == [("b", "yes")]
    as_file = client.get("/api/reports/noise", headers=READ, params=period | {"by": "channel", "format": "csv"})
    assert as_file.text.splitlines()[1].startswith("paid_search,1,1")
    assert client.get("/api/reports/noise", headers=READ, params={"by": "phone"}).status_code == 422


def test_rules_are_changed_as_a_new_version(client: TestClient) -> None:
    before = client.get("/api/noise/rules", headers=READ).json()
    assert (before["version"], before["versions"]) == (0, [])
    changed = [{"reason": "bot", "action": "flag"}]
    assert client.put("/api/noise/rules", json=changed).status_code == 401
    assert client.put("/api/noise/rules", json=changed, headers=READ).json()["version"] == 1
    after = client.get("/api/noise/rules", headers=READ).json()
    assert {rule["action"] for rule in after["items"] if rule["reason"] == "bot"} == {"flag"}
    assert [each["author"] for each in after["versions"]] == ["API key"]
    wrong = client.put("/api/noise/rules", json=[{"reason": "luck", "action": "flag"}], headers=READ)
    assert wrong.status_code == 422
    assert "call_flood" in wrong.json()["error"]["help"]
