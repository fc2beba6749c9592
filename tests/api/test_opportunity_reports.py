"""Funnel, lost leads, open deals, cohorts and maturity over HTTP, in every form, and what is wrong with a question."""

import io
from collections.abc import Iterator
from typing import Any

import pandas as pd
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
REPORTS = {
    "funnel": "by=channel",
    "lost-leads": "by=dealer",
    "open-deals": "by=stage",
    "cohorts": "by=month",
    "maturity": "by=month",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("reports")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, write_key="w", api_key="r", timezone="UTC", load_interval_ms=1,
        _env_file=None,
    )  # fmt: skip
    services = Services(settings, FrozenClock(NOW))
    world = World(services)
    sold = {"dealer": "=north", "amount": 1000, "margin": 100}
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n, "yandex") for n in range(40)],
        "leads": [lead(f"l{n}", n + 0.1, visitor_id=f"v{n}", dealer="=north") for n in range(40)],
        "deals": [
            *(stage(f"d{n}", "visit", n + 2, lead_id=f"l{n}", visitor_id=f"v{n}", dealer="=north") for n in range(30)),
            *(stage(f"d{n}", "sale", n + 5, lead_id=f"l{n}", visitor_id=f"v{n}", **sold) for n in range(0, 30, 2)),
        ],
        "spend": [spend("2026-01-01", "2026-01-31", 310, "yandex")],
    })  # fmt: skip
    world.attribute()
    with TestClient(create_app(services)) as opened:
        yield opened
    services.close()


def ask(client: TestClient, report: str, question: str = "") -> dict[str, Any]:
    answer = client.get(f"/api/reports/{report}?{question}", headers=READ)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.parametrize("report", REPORTS)
def test_each_form_holds_the_same_rows(client: TestClient, report: str) -> None:
    document = ask(client, report, REPORTS[report])
    assert document["total"] == len(document["items"]) > 0
    assert document["run"]["number"] == 1
    assert document["until"] == "2026-02-09"
    files = {
        form: client.get(f"/api/reports/{report}?{REPORTS[report]}&format={form}", headers=READ).content
        for form in ("csv", "xlsx", "parquet")
    }
    frames = [
        pd.read_csv(io.BytesIO(files["csv"])),
        table_of(files["xlsx"]),
        pd.read_parquet(io.BytesIO(files["parquet"])),
    ]
    for frame in frames:
        assert len(frame) == document["total"]
        assert frame.shape[1] == len(document["items"][0])
    if report == "lost-leads":
        assert frames[0]["dealer"].tolist() == ["'=north"]  # no spreadsheet computes it


def test_the_figures_hang_together(client: TestClient) -> None:
    stages = {row["stage"]: row["reached"] for row in ask(client, "funnel")["items"]}
    assert stages == {
        "visitor": 40, "lead": 40, "qualified": 30, "appointment": 0, "visit": 30, "test_drive": 0, "contract": 15,
        "sale": 15,
    }  # fmt: skip
    assert ask(client, "lost-leads")["totals"]["unprocessed"] == 9  # the youngest is not a day old
    assert ask(client, "open-deals")["totals"]["open"] == 25
    assert ask(client, "cohorts", "by=first_source")["items"][0]["cac"] == pytest.approx(310 / 15)
    assert ask(client, "maturity", "since=touch&kind=lead")["totals"]["seen"] == pytest.approx(39 / 40)


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("funnel?by=colour", "by"), ("funnel?model=best", "model"), ("funnel?from=yesterday", "from"),
        ("funnel?from=2026-02-01&to=2026-01-01", "to"), ("lost-leads?late_minutes=0", "late_minutes"),
        ("open-deals?by=channel", "by"), ("cohorts?start=visit", "start"),
        ("cohorts?start=lead&predict=true", "predict"),
        ("maturity?since=birth", "since"), ("maturity?kind=birth", "kind"), ("maturity?by=hour", "by"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(client: TestClient, question: str, where: str) -> None:
    answer = client.get(f"/api/reports/{question}", headers=READ)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["where"] == where
    assert error["message"]


@pytest.mark.parametrize("report", REPORTS)
def test_without_the_key_there_is_no_answer(client: TestClient, report: str) -> None:
    assert client.get(f"/api/reports/{report}").status_code == 401
