"""Notices over HTTP, and the worker that looks for them after a run, at most once an hour."""

import threading
from datetime import date

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.app import Role
from api.background import ATTRIBUTE, WATCH, Background
from api.bootstrap import Services
from attribution.anomalies.finding import Finding
from infra.jobs import Jobs, jobs
from tests.api.test_collect import READ
from tests.attribution.world import World, visit

DAY = date(2026, 6, 30)


def test_notices_are_listed_and_acknowledged(services: Services, client: TestClient) -> None:
    assert client.get("/api/notices").status_code == 401
    assert client.get("/api/notices", headers=READ).json() == {"items": [], "total": 0, "next": None}
    found = Finding("calls_low", "dealer", "d1", DAY, 0.0, 20.0, 1e-9, 500.0, "too few calls")
    services.notices.raise_new(found, "look at the telephone line", DAY)
    (item,) = client.get("/api/notices", headers=READ).json()["items"]
    assert (item["kind"], item["since"], item["severity"], item["money"]) == (
        "calls_low",
        "2026-06-30",
        "critical",
        500,
    )
    told = client.post(f"/api/notices/{item['id']}/acknowledge", headers=READ, json={"who": "anna"}).json()
    assert (told["state"], told["acknowledged_by"]) == ("acknowledged", "anna")
    assert client.get("/api/notices", headers=READ, params={"state": "open"}).json()["total"] == 0
    assert client.get("/api/notices", headers=READ, params={"state": "lost"}).status_code == 422
    assert client.post("/api/notices/99/acknowledge", headers=READ).status_code == 404


def test_the_worker_watches_after_a_run_and_not_again_within_the_hour(services: Services) -> None:
    World(services).tell({"touches": [visit("t", "v", 1)]})
    asked = Jobs(services.database, services.clock)
    background = Background(services, frozenset({Role.WORKER}))
    asked.ask(ATTRIBUTE)
    background.start()
    try:
        for _ in range(1200):
            if finished(services, WATCH):
                break
            threading.Event().wait(0.05)
        asked.ask(ATTRIBUTE)
        for _ in range(1200):
            if finished(services, ATTRIBUTE) == 2:
                break
            threading.Event().wait(0.05)
    finally:
        background.stop()
    assert finished(services, ATTRIBUTE) == 2
    assert finished(services, WATCH) == 1


def finished(services: Services, kind: str) -> int:
    done = select(func.count()).where(jobs.c.kind == kind, jobs.c.finished_at.is_not(None), jobs.c.error.is_(None))
    with services.database.connect() as connection:
        return connection.scalar(done) or 0
