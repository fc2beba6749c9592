"""`POST /collect/{family}?preset=` and `closedloop collect --preset`: exports as they are."""

import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.bootstrap import Services
from api.cli.main import app
from collectors.preset import preset_text
from tests.api.test_collect import WRITE, stored

GOLDEN = Path(__file__).parents[1] / "collectors" / "golden" / "presets"
SHEET = GOLDEN / "dealer_sheet.csv"


def test_an_export_is_taken_as_it_is(client: TestClient, services: Services) -> None:
    answer = client.post(
        "/collect/deals?preset=dealer_sheet",
        content=SHEET.read_bytes(),
        headers=WRITE | {"Content-Type": "text/csv"},
    )
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "duplicates": 0, "rejected": []})
    assert {deal["stage"] for deal in stored(services.log, "deals")} == {"sale", "lost"}


@pytest.mark.parametrize("name", ["dynamics", "sap", "megaplan"])
def test_an_answer_of_an_api_is_taken_whole(client: TestClient, name: str) -> None:
    body = (GOLDEN / f"{name}.json").read_bytes()
    answer = client.post(f"/collect/deals?preset={name}&timezone=UTC", content=body, headers=WRITE)
    assert answer.status_code == 202
    assert answer.json()["accepted"] == len(json.loads((GOLDEN / f"{name}.events.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("leads?preset=dealer_sheet", 422, "is of deals, not of leads"),
        ("deals?preset=none", 404, "There is no preset 'none'"),
        ("deals?preset=/etc/own.toml", 404, "There is no preset"),
        ("deals?preset=dealer_sheet&map=id=x", 422, "Rules beside a preset"),
        ("deals?preset=salesforce", 400, "None of the first rows names columns of Salesforce"),
    ],
)
def test_a_preset_that_does_not_fit_is_told(client: TestClient, address: str, status: int, words: str) -> None:
    answer = client.post(
        f"/collect/{address}", content=SHEET.read_bytes(), headers=WRITE | {"Content-Type": "text/csv"}
    )
    assert answer.status_code == status, answer.text
    assert words in answer.json()["error"]["message"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sheet.csv").write_bytes(SHEET.read_bytes())
    return tmp_path


def test_the_command_takes_a_file_by_a_preset(folder: Path) -> None:
    (folder / "own.toml").write_text(preset_text("dealer_sheet").replace('"Выдача" = "sale"', '"Выдача" = "contract"'))
    for chosen in ("dealer_sheet", "own.toml"):
        ran = CliRunner().invoke(app, ["collect", "sheet.csv", "--preset", chosen])
        assert ran.exit_code == 0, ran.output
        assert "2 deals accepted" in ran.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--preset none", "There is no preset 'none'."),
        ("--preset gone.toml", "There is no preset 'gone.toml'."),
        ("--preset dealer_sheet --as leads", "says itself that its columns are deals"),
        ("--preset dealer_sheet --map id=x", "says itself that its columns are deals"),
        ("--preset sap", "None of the first rows names columns of SAP"),
    ],
)
def test_the_command_says_what_does_not_fit(folder: Path, words: str, said: str) -> None:
    ran = CliRunner().invoke(app, ["collect", "sheet.csv", *words.split()])
    assert ran.exit_code == 1
    assert said in ran.output
