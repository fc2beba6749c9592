"""Nothing that was refused is lost: it is listed, repaired, replayed, or discarded."""

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner, Result

from api.bootstrap import Services
from api.cli.main import app
from tests.api.test_collect import READ, WRITE, lead, send, stored


def listed(client: TestClient, **params: Any) -> Any:
    return client.get("/api/rejections", headers=READ, params=params).json()


def replay(client: TestClient, key: str, **more: Any) -> Any:
    return client.post(f"/api/rejections/{key}/replay", headers=WRITE, **more)


def rejected_key(client: TestClient, **fields: Any) -> str:
    key: str = send(client, lead(1, **fields)).json()["rejected"][0]["id"]
    return key


def test_an_item_sent_again_is_one_rejection(client: TestClient) -> None:
    for _ in range(3):
        send(client, lead(1, kind="fax"))
    (item,) = listed(client)["items"]
    assert item["times"] == 3
    assert item["family"] == "leads"
    assert json.loads(item["item"]) == lead(1, kind="fax")
    assert item["errors"] == [
        {"field": "kind", "message": "must be one of 'form', 'call', 'chat', 'email', 'messenger' or 'offline'"}
    ]


def test_pages_hold_each_rejection_once(client: TestClient) -> None:
    send(client, [lead(number, kind="fax") for number in range(25)])
    send(client, {"id": "t"}, "touches")
    seen: list[str] = []
    after = ""
    while after is not None:
        page = listed(client, limit=10, next=after)
        assert page["total"] == 26
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == 26
    assert listed(client, family="touches")["total"] == 1
    assert client.get("/api/rejections", headers=READ, params={"limit": 5000}).status_code == 422
    assert client.get("/api/rejections", headers=READ, params={"family": "faxes"}).status_code == 404


def test_a_repair_that_fails_leaves_the_rejection_open_and_alone(client: TestClient) -> None:
    key = rejected_key(client, kind="fax")
    answer = replay(client, key, json=lead(1, kind="letter"))
    assert answer.json()["rejected"][0]["errors"][0]["field"] == "kind"
    assert [item["id"] for item in listed(client)["items"]] == [key]
    assert replay(client, key, json={}).json()["accepted"] == 0
    assert replay(client, key, json=lead(1)).json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert listed(client)["total"] == 0


def test_a_naive_time_is_replayed_in_the_zone_that_is_named(client: TestClient, services: Services) -> None:
    key = rejected_key(client, created_at="2026-01-31T09:00:00")
    assert replay(client, key, params={"timezone": "Asia/Novosibirsk"}).json()["accepted"] == 1
    assert stored(services.log)[0]["created_at"] == "2026-01-31T02:00:00Z"


def test_what_is_no_json_is_replayed_repaired_only(client: TestClient) -> None:
    send(client, json.dumps(lead(2)).encode() + b"\n{broken")
    key = listed(client)["items"][0]["id"]
    assert "send it repaired" in replay(client, key).json()["rejected"][0]["errors"][0]["message"]
    assert replay(client, key, json=lead(1)).json()["accepted"] == 1


def test_an_event_that_the_warehouse_refused_is_loaded_when_replayed(client: TestClient, services: Services) -> None:
    """It was accepted before, so the intake remembers it; the replay goes to the log all the same."""
    send(client, lead(1))
    (line,) = stored(services.log)
    services._quarantine("leads", [json.dumps(line).encode()], "does not fit")
    (item,) = listed(client)["items"]
    assert replay(client, item["id"]).json()["accepted"] == 1
    assert [each["id"] for each in stored(services.log)] == ["l-1", "l-1"]
    assert listed(client)["total"] == 0


def test_a_rejection_is_discarded(client: TestClient) -> None:
    key = rejected_key(client, kind="fax")
    assert client.delete(f"/api/rejections/{key}", headers=READ).status_code == 403
    assert client.delete(f"/api/rejections/{key}", headers=WRITE).status_code == 204
    assert listed(client)["total"] == 0
    assert client.delete("/api/rejections/none", headers=WRITE).status_code == 404
    assert replay(client, "none").status_code == 404
    assert rejected_key(client, kind="fax") == key
    assert listed(client)["total"] == 1, "sent again, it is open again"


def test_status_counts_open_rejections(client: TestClient) -> None:
    key = rejected_key(client, kind="fax")
    send(client, [lead(2), lead(3, kind="fax")])
    assert client.get("/api/status", headers=READ).json()["families"]["leads"]["rejected"] == 2
    replay(client, key, json=lead(1))
    found = client.get("/api/status", headers=READ).json()["families"]["leads"]
    assert (found["rejected"], found["accepted"], found["waiting"]) == (1, 2, 2)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    lines = [lead(1), lead(2, kind="fax"), lead(3, kind="fax")]
    (tmp_path / "leads.ndjson").write_text("\n".join(map(json.dumps, lines)) + "\n{broken\n")
    assert command("collect", "leads.ndjson", "--as", "leads").exit_code == 0
    return tmp_path


def command(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def open_keys() -> dict[str, str]:
    text = command("rejections", "list", "--format", "ndjson").stdout
    return {item["item"]: item["id"] for item in map(json.loads, text.splitlines())}


def test_commands_list_repair_replay_and_discard(folder: Path) -> None:
    keys = open_keys()
    assert len(keys) == 3
    table = command("rejections", "list", "--as", "leads").stdout
    assert "kind: must be one of" in table
    assert "3 open in all." in table
    (folder / "good.json").write_text(json.dumps(lead(2)))
    fax, broken = keys[json.dumps(lead(2, kind="fax"), separators=(",", ":"))], keys["{broken"]
    assert command("rejections", "replay", fax, "--with", "good.json").stdout == "1 accepted, 0 still rejected.\n"
    again = command("rejections", "replay", "--all")
    assert again.exit_code == 1
    assert again.stdout.endswith("0 accepted, 2 still rejected.\n")
    assert f"{broken}: : the rejected item is no JSON" not in again.stderr
    assert f"{broken}: the rejected item is no JSON: send it repaired" in again.stderr
    assert command("rejections", "discard", broken).stdout == "1 discarded.\n"
    assert command("rejections", "discard", "--all", "--as", "calls").stdout == "0 discarded.\n"
    assert command("rejections", "discard", "--all").stdout == "1 discarded.\n"
    assert open_keys() == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["replay"], "Name the ids of rejections, or --all."),
        (["discard", "x", "--all"], "Name the ids of rejections, or --all."),
        (["replay", "x"], "There is no rejection 'x'."),
        (["discard", "x"], "There is no rejection 'x'."),
        (["replay", "--all", "--with", "leads.ndjson"], "A repaired event takes the place of one rejection."),
        (["replay", "x", "--with", "no.json"], "no.json cannot be read"),
        (["list", "--as", "faxes"], "There is no event family 'faxes'."),
        (["list", "--format", "xml"], "There is no format 'xml'."),
        (["replay", "--all", "--timezone", "Mars"], "'Mars' is no time zone."),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_words_are_told(words: list[str], message: str) -> None:
    ran = command("rejections", *words)
    assert ran.exit_code == 1
    assert ran.stderr.startswith(message)
