"""A service that is killed while it reads a file, and while it writes one: the next goes on, and nothing is half."""

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.api.cli.closedloop import serving

_DEALERS, _CHANNELS = 50, 400
_LINES = _DEALERS * _CHANNELS
_READ = {"Authorization": "Bearer r"}


def table() -> bytes:
    """20,000 lines of a figure for each month."""
    months = ",".join(f"2027-{number:02}" for number in range(1, 13))
    rows = [f"d{dealer},ch{channel},Лиды{',7' * 12}" for dealer in range(_DEALERS) for channel in range(_CHANNELS)]
    return "\n".join([f"Дилер,Канал,Показатель,{months}", *rows]).encode()


def lay_out(client: httpx.Client) -> int:
    """The plan's id."""
    dealers = [{"id": f"d{number}"} for number in range(_DEALERS)]
    rules = [{"channel": f"ch{number}", "source": f"^s{number}$"} for number in range(_CHANNELS)]
    client.put("/api/reference", json={"dealers": dealers, "channel_rules": rules}).raise_for_status()
    return int(client.post("/api/plans", json={"name": "Plan", "year": 2027}).raise_for_status().json()["id"])


def client_of(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers=_READ, timeout=120)


def import_of(client: httpx.Client, at: str) -> dict[str, Any]:
    return dict(client.get(at).raise_for_status().json())


def await_reading(client: httpx.Client, at: str) -> dict[str, Any]:
    while (found := import_of(client, at))["step"] == "reading":
        time.sleep(0.2)
    return found


def lines_of(client: httpx.Client, plan: int) -> int:
    return int(client.get(f"/api/plans/{plan}/versions/1/cells").raise_for_status().json()["total"])


def test_the_next_process_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address), client_of(address) as client:
        plan = lay_out(client)
        taken = client.post(f"/api/plans/{plan}/imports", files={"file": ("plan.csv", table())}).raise_for_status()
        at = f"/api/plans/{plan}/imports/{taken.json()['id']}"
        assert import_of(client, at)["step"] == "reading"
        process.kill()
    with serving(tmp_path) as (process, address), client_of(address) as client:
        found = await_reading(client, at)
        assert (found["step"], found["found"]["lines"]) == ("preview", _LINES)
        assert lines_of(client, plan) == 0
        confirming = threading.Thread(target=_confirm, args=(address, at))
        confirming.start()
        confirming.join(0.2)
        process.kill()
        confirming.join()
    with serving(tmp_path) as (_, address), client_of(address) as client:
        assert lines_of(client, plan) in (0, _LINES)
        done = client.post(f"{at}/confirm").raise_for_status().json()
        assert done["step"] == "done"
        assert lines_of(client, plan) == _LINES
        edits = client.get(f"/api/plans/{plan}/versions/1").json()["edits"]
        assert [(each["id"], each["kind"], each["lines"]) for each in edits] == [(done["edit"], "import", _LINES)]


def _confirm(address: str, at: str) -> None:
    with suppress(httpx.HTTPError), client_of(address) as client:
        client.post(f"{at}/confirm")


def test_two_who_confirm_at_once_write_it_once(tmp_path: Path) -> None:
    with serving(tmp_path) as (_, address), client_of(address) as client:
        plan = lay_out(client)
        taken = client.post(f"/api/plans/{plan}/imports", files={"file": ("plan.csv", table())}).raise_for_status()
        at = f"/api/plans/{plan}/imports/{taken.json()['id']}"
        await_reading(client, at)
        threads = [threading.Thread(target=_confirm, args=(address, at)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        edits = client.get(f"/api/plans/{plan}/versions/1").json()["edits"]
        assert [(each["kind"], each["lines"]) for each in edits] == [("import", _LINES)]
