"""Comparisons and experiments as they are asked: over HTTP and on the command line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from tests.api.test_collect import READ
from tests.attribution.world import START, World, lead, spend, stage, visit
from tests.told import OpenTold, told_services

NOW = datetime.now(UTC)
ZONE = "Europe/Moscow"
TODAY = (NOW - START) / timedelta(days=1)


def ago(days: int) -> str:
    """The day some days ago, as the zone of the reports counts it."""
    return (NOW.astimezone(ZoneInfo(ZONE)) - timedelta(days=days)).date().isoformat()


FIRST, LAST = ago(80), ago(2)
DEALERS = tuple(f"d{n}" for n in range(8))
EXPERIMENT: dict[str, Any] = {
    "id": "vk-pause", "channels": ["paid_social"], "design": "geo", "switched": "on", "test": list(DEALERS[:4]),
    "baseline_from": ago(70), "periods": [{"from": ago(20), "to": ago(3)}],
}  # fmt: skip


def tell(world: World) -> None:
    """Requests of seventy days at four dealers; in the first two, vk brings more at last."""
    names = [
        (f"{dealer}-{day}-{place}", dealer, TODAY - day, "vk" if place else "yandex")
        for dealer in DEALERS for day in range(3, 70)
        for place in range(2 if day <= 20 and dealer in EXPERIMENT["test"] else 1)
    ]  # fmt: skip
    world.refer(
        dealers=[{"id": dealer, "brand": "Lada", "city": "Москва"} for dealer in DEALERS],
        contractors=[{"id": "agency", "name": "Агентство", "campaigns": [{"source": "vk"}]}],
    )
    world.tell({
        "touches": [visit(f"t{name}", f"v{name}", at, source) for name, _, at, source in names],
        "leads": [
            lead(f"l{name}", at, visitor_id=f"v{name}", dealer=dealer,
                 properties={"self_reported_source": "друзья" if name.endswith("5-0") else "Яндекс"})
            for name, dealer, at, _ in names
        ],
        "deals": [
            stage(f"s{name}", "sale", at + 0.1, visitor_id=f"v{name}", dealer=dealer, amount=1000, margin=200)
            for name, dealer, at, _ in names[::4]
        ],
        "spend": [
            spend(FIRST, LAST, 500, "yandex"), spend(FIRST, LAST, 900, "vk", dealer="d0"),
        ],
    })  # fmt: skip
    world.attribute()


def test_over_http(open_told: OpenTold) -> None:
    told = open_told(tell, NOW, timezone=ZONE).client
    days = {"from": FIRST, "to": LAST}

    def ask(path: str, **asked: Any) -> dict[str, Any]:
        answer = told.get(path, params=asked, headers=READ)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    dealers = ask("/api/reports/dealers", measures="cr_lead_sale,cpl", peers="city", **days)
    assert {row["dealer"] for row in dealers["items"]} == set(DEALERS)
    assert dealers["question"]["measures"] == ["cr_lead_sale", "cpl"]
    assert ask("/api/reports/contractors", by="contractor,month", **days)["items"][0]["contractor"] == "(none)"
    said = ask("/api/reports/self-reported", of="lead", **days)
    assert {row["self_reported"] for row in said["items"]} == {"word_of_mouth", "search"}
    assert said["totals"]["counted"] == sum(row["counted"] for row in said["items"])

    assert told.post("/api/experiments", json=EXPERIMENT).status_code == 401
    entered = told.post("/api/experiments", json=EXPERIMENT, headers=READ)
    assert (entered.status_code, entered.json()["id"]) == (201, "vk-pause")
    again = told.post("/api/experiments", json=EXPERIMENT, headers=READ)
    assert (again.status_code, again.json()["error"]["where"]) == (422, "id")
    assert told.post("/api/experiments", content=b"{", headers=READ).status_code == 422
    assert [each["id"] for each in ask("/api/experiments")["items"]] == ["vk-pause"]
    (found,) = ask("/api/reports/experiments", experiment="vk-pause")["items"]
    assert found["leads_attributed"] == 72
    assert found["leads_incremental"] == pytest.approx(72)
    assert told.get("/api/reports/experiments", params={"experiment": "x"}, headers=READ).status_code == 404
    calibrated = ask("/api/reports/calibrated", **days)
    assert calibrated["calibrated_by"]["paid_social"]["factor"] == pytest.approx(1)
    power = ask("/api/reports/power", test="d0,d1", weeks=2, baseline_weeks=4)
    assert power["items"][0]["leads_smallest_lift"] > 0
    assert told.delete("/api/experiments/vk-pause", headers=READ).status_code == 204
    assert told.delete("/api/experiments/vk-pause", headers=READ).status_code == 404
    none = ask("/api/reports/experiments")
    assert (none["items"], none["help"]) == ([], "`closedloop experiments add` enters an experiment.")

    for path, asked, where in (
        ("dealers", {"peers": "street"}, "peers"), ("dealers", {"measures": "colour"}, "measures"),
        ("contractors", {"by": "channel"}, "by"), ("self-reported", {"of": "call"}, "of"),
        ("power", {"design": "moon"}, "design"), ("power", {"test": ""}, "test"),
    ):  # fmt: skip
        refused = told.get(f"/api/reports/{path}", params=asked, headers=READ)
        assert (refused.status_code, refused.json()["error"]["where"]) == (422, where)
    for form in ("csv", "xlsx", "parquet"):
        for path in ("dealers", "contractors", "self-reported", "calibrated", "experiments"):
            answer = told.get(f"/api/reports/{path}", params={"format": form}, headers=READ)
            assert answer.status_code == 200, (path, form, answer.text)


def test_on_the_command_line(tmp_path: Path) -> None:
    with told_services(tmp_path / "data", tell, NOW, timezone=ZONE) as services:
        data = str(services.settings.data)

    def run(*words: str, code: int = 0) -> str:
        ran = CliRunner().invoke(app, words, env={"CLOSEDLOOP_DATA": data, "COLUMNS": "200"})
        assert ran.exit_code == code, ran.output
        return ran.output

    assert "d7" in run("report", "dealers", "--measures", "cr_lead_sale", "--from", FIRST, "--to", LAST)
    assert "agency" in run("report", "contractors", "--from", FIRST, "--to", LAST)
    assert "word_of_mouth" in run("report", "self-reported")
    file = tmp_path / "experiment.json"
    file.write_bytes(orjson.dumps(EXPERIMENT))
    assert "vk-pause is entered" in run("experiments", "add", str(file))
    assert "paid_social" in run("experiments", "list")
    shown = run("experiments", "show", "vk-pause")
    assert "incremental" in shown
    assert "72" in shown
    assert "Calibrated by experiments: paid_social" in run("report", "calibrated")
    assert "smallest" in run("experiments", "power", "--test", "d0,d1", "--weeks", "2")
    assert "removed" in run("experiments", "remove", "vk-pause")
    assert "No experiment yet" in run("experiments", "list")
    assert "cannot be read" in run("experiments", "add", "nowhere.json", code=1)
