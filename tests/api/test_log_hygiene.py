"""Neither persons nor secrets stand in what a service writes, whatever goes wrong."""

import time
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
from sqlalchemy.engine import make_url

from infra.clock import SystemClock
from infra.log.base import NewRecord
from infra.log.local import LocalLog
from tests.api.cli.closedloop import serving
from tests.api.test_collect import WRITE, lead
from tests.api.test_service import await_that, status
from tests.ports import free_port
from tests.warehouses import clickhouse_front

PERSON = {"phone": "+79161234567", "email": "ivan.petrov@example.com", "name": "Иван Незабудкин"}
SPELLINGS = [*PERSON.values(), "9161234567", "916 123-45-67", "Незабудкин", "ivan.petrov"]
WAREHOUSE_PASSWORD = "warehouse-secret"  # of nobody


def person(number: int, **fields: Any) -> dict[str, Any]:
    return lead(number, **PERSON) | fields


def test_neither_persons_nor_secrets_stand_in_logs(tmp_path: Path, postgres_address: str) -> None:
    put_misfit_into_log(tmp_path)
    port = free_port()
    environment = {
        "CLOSEDLOOP_WAREHOUSE": f"clickhouse://closedloop:{WAREHOUSE_PASSWORD}@127.0.0.1:{port}/default",
        "CLOSEDLOOP_DATABASE": postgres_address,
        "CLOSEDLOOP_LOAD_INTERVAL_MS": "20",
    }
    with clickhouse_front(tmp_path / "front", port) as front, serving(tmp_path, **environment) as (process, address):
        await_that(lambda: status(address)["families"]["leads"]["rejected"] == 1, "misfit kept")
        send_well_and_ill(address)
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        front.kill()
        front.wait()
        httpx.post(f"{address}/collect/leads", json=[person(9)], headers=WRITE, timeout=60)
        assert httpx.get(f"{address}/?key=r", follow_redirects=True, timeout=60).status_code == 503
        time.sleep(3)  # the roles notice, and say so
        process.terminate()
        out, problems = process.communicate(timeout=60)
    assert "a line does not fit" in problems
    assert "loading waits" in problems
    secrets = [WAREHOUSE_PASSWORD, make_url(postgres_address).password, "guessed-key"]
    for secret in (*SPELLINGS, *secrets):
        assert secret is not None
        assert secret not in out + problems


def put_misfit_into_log(folder: Path) -> None:
    """An event that the warehouse refuses, and that no collector of this version would have taken."""
    (folder / "data").mkdir()
    log = LocalLog(folder / "data" / "log.db", SystemClock())
    log.append("leads", [NewRecord(orjson.dumps(person(1, created_at=f"no time: {PERSON['phone']}")), 1)])
    log.close()


def send_well_and_ill(address: str) -> None:
    leads = f"{address}/collect/leads"
    assert httpx.post(leads, json=[person(2)], headers=WRITE, timeout=60).status_code == 202
    ill = [person(3, kind=PERSON["name"]), person(4, created_at=PERSON["phone"]), person(5, id=PERSON["email"] + "\0")]
    assert len(httpx.post(leads, json=ill, headers=WRITE, timeout=60).json()["rejected"]) == 3
    assert httpx.post(leads, content=orjson.dumps([person(6)])[:-5], headers=WRITE, timeout=60).status_code == 400
    guess = {"Authorization": "Bearer guessed-key"}
    assert httpx.post(leads, json=[person(7)], headers=guess, timeout=60).status_code == 401
    assert (
        httpx.post(f"{address}/collect/{PERSON['email']}", json=[person(8)], headers=WRITE, timeout=60).status_code
        == 404
    )
    assert httpx.get(f"{address}/?key=guessed-key", follow_redirects=True, timeout=60).status_code == 401
