"""An office whose clock stands still, with each of the CRMs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.collectors.forwarding.office import FAKES, Office, open_office, read_leads
from tests.migrated import lay_warehouse


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder: Path = tmp_path_factory.mktemp("forwarding")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, timezone="UTC", load_interval_ms=1, public_url="https://loop.test", _env_file=None
    )
    services = Services(settings, FrozenClock(datetime(2026, 7, 1, 12, tzinfo=UTC)))
    yield services
    services.close()


@pytest.fixture(params=list(FAKES))
def office(request: pytest.FixtureRequest, still: Services) -> Iterator[Office]:
    with open_office(still, request.param) as opened:
        yield opened
        forget(still)


@pytest.fixture
def own(still: Services) -> Iterator[Office]:
    """An office with a CRM of its own make, spoken to by webhook."""
    with open_office(still, "webhook") as opened:
        yield opened
        forget(still)


@pytest.fixture
def amo(still: Services) -> Iterator[Office]:
    with open_office(still, "amocrm") as opened:
        yield opened
        forget(still)


def forget(services: Services) -> None:
    """The next test begins an hour later, with nothing connected, and nothing left to be read."""
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(hours=1))
    for target in services.forward_targets.all():
        services.forward_targets.remove(target.id, author="test")
    for source in services.sources.all():
        services.sources.remove(source.id, author="test")
    read_leads(services)
