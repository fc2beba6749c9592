"""The register and the progress of sources, on each database, with a clock that stands still."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from collectors.sources.progress import SourceProgress
from collectors.sources.register import SourceRegister
from infra.clock import FrozenClock
from infra.secrets import SecretBox


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def register(database: Engine, clock: FrozenClock) -> SourceRegister:
    return SourceRegister(database, SecretBox("key"), clock)


@pytest.fixture
def progress(database: Engine, clock: FrozenClock) -> SourceProgress:
    return SourceProgress(database, clock)
