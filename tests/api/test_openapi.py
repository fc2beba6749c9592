"""The description of the interface, tried out by Schemathesis: whatever it allows, and more, gives no 500."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.live import listening
from tests.attribution.world import World, call, lead, spend, stage, visit
from tests.migrated import lay_warehouse

KEYS = ({"Authorization": "Bearer r"}, {"Authorization": "Bearer w"})


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        lay_warehouse(data)
        told = read_settings(
            data=data, timezone="UTC", write_key="w", api_key="r", load_interval_ms=1, requests_per_minute=10**6,
            _env_file=None,
        )  # fmt: skip
        opened = Services(told, FrozenClock(datetime(2026, 2, 1, tzinfo=UTC)))
        world = World(opened)
        world.tell({
            "touches": [visit(f"t{n}", f"v{n}", n, ("yandex", "vk")[n % 2]) for n in range(9)],
            "leads": [lead(f"l{n}", n + 0.2, visitor_id=f"v{n}", dealer=("north", "south")[n % 2]) for n in range(9)],
            "calls": [call("c1", 3, "+74950000001", dealer="north")],
            "deals": [stage(f"d{n}", "sale", n + 3, visitor_id=f"v{n}", amount=10, margin=3) for n in range(4)],
            "spend": [spend("2026-01-01", "2026-01-10", 100, "yandex")],
        })  # fmt: skip
        world.attribute()
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with listening(services) as place:
        yield place


schema = schemathesis.openapi.from_dict(create_app(Services(read_settings(_env_file=None))).openapi())


@schema.parametrize()
@settings(
    max_examples=12,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_nothing_that_is_asked_breaks_it(address: str, case: schemathesis.Case) -> None:
    for headers in KEYS:
        response = case.call(base_url=address, headers=headers)
        case.validate_response(response, checks=[not_a_server_error])
        assert "Traceback" not in response.text
