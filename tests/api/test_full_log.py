"""A log at its limit: senders are refused, loading goes on, and what retention removes makes room for more."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.retention import Retention
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.test_collect import lead, send
from tests.migrated import lay_warehouse

CLOCK = FrozenClock(datetime(2026, 2, 1, tzinfo=UTC))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    lay_warehouse(tmp_path)
    settings = read_settings(
        data=tmp_path, write_key="w", log_max_mb=2, log_retention_days=1, load_interval_ms=0, _env_file=None
    )
    with closing(Services(settings, CLOCK)) as opened:
        yield opened


def big(number: int) -> list[dict[str, object]]:
    return [lead(100 * number + part, product="x" * 5_000) for part in range(20)]


def test_it_refuses_until_retention_has_made_room(client: TestClient, services: Services) -> None:
    sent = 0
    while (answer := send(client, big(sent))).status_code == 202:
        sent += 1
    assert sent > 5
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["error"]["code"] == "log_unavailable"
    assert answer.json()["error"]["where"] == "CLOSEDLOOP_LOG_MAX_MB"
    retention = Retention(services)
    CLOCK.advance(timedelta(days=2))
    retention.step()
    assert send(client, big(sent)).status_code == 503  # nothing of it is loaded yet
    with closing(services.new_loader()) as loader:
        assert loader.drain() == 20 * sent
    CLOCK.advance(timedelta(minutes=1))
    retention.step()
    for number in range(sent, 2 * sent):
        assert send(client, big(number)).status_code == 202
    with closing(services.new_loader()) as loader:
        assert loader.drain() == 20 * sent
    assert services.warehouse.value("select count() from leads final") == 40 * sent
