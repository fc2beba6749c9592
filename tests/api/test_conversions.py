"""Conversions go out by themselves after a run, and the service tells how they fare."""

import threading
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from api.app import Role
from api.background import Background
from api.bootstrap import Services
from tests.api.test_collect import READ
from tests.attribution.outbound.fakes import FakeMeta
from tests.attribution.outbound.handing import Handing
from tests.attribution.world import START, World, stage, visit
from tests.collectors.vendors.desk import serving_fake


def test_the_worker_hands_over_what_a_run_found_and_the_service_tells(services: Services, client: TestClient) -> None:
    world = World(services)
    yesterday = (datetime.now(UTC) - START) / timedelta(days=1) - 1
    world.tell({
        "touches": [visit("t", "v", yesterday, click_ids={"fbclid": "f"})],
        "deals": [stage("d", "sale", yesterday + 0.1, visitor_id="v", amount=100), stage("e", "sale", yesterday)],
    })  # fmt: skip
    world.attribute()
    assert client.get("/api/conversions", headers=READ).json() == {"items": [], "total": 0, "next": None}
    assert client.get("/api/conversions").status_code == 401

    meta = FakeMeta()
    with serving_fake(meta.app()) as address:
        Handing(world).connect("meta", address)
        background = Background(services, frozenset({Role.WORKER}))
        background.start()
        for _ in range(400):
            if meta.events:
                break
            threading.Event().wait(0.05)
        background.stop()
    assert list(meta.events) == [("Purchase", "d")]
    (item,) = client.get("/api/conversions", headers=READ).json()["items"]
    assert (item["id"], item["system"], item["error"]) == ("meta", "meta", "")
    assert item["conversions"] == [
        {"kind": "sale", "state": "accepted", "reason": "", "count": 1},
        {"kind": "sale", "state": "skipped", "reason": "no click id or contact", "count": 1},
    ]
