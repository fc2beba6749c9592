"""The inbox asks for the account's settings before its transaction: two at once would wait for each other for ever."""

from datetime import timedelta

from fastapi.testclient import TestClient

from api.bootstrap import Services
from infra.clock import FrozenClock, SystemClock
from tests.api.plans.approving import come, tell_holding


def test_settings_that_have_to_be_read_anew_do_not_hold_it_up(services: Services, client: TestClient) -> None:
    clock = FrozenClock(SystemClock().now())
    services.clock = clock
    tell_holding(services)
    anna = come(client.app, services, "anna")  # type: ignore[arg-type]
    for _ in range(3):
        clock.advance(timedelta(seconds=5))
        assert anna.get("/api/inbox").json()["total"] == 0
        assert anna.get("/inbox").status_code == 200
