"""Data folders in which a world was told once: a test process keeps each, and tests have copies to change."""

import atexit
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.attribution.world import NOW, World
from tests.migrated import copy_folder, lay_warehouse

Tell = Callable[[World], object]


@contextmanager
def told_services(data: Path, tell: Tell, at: datetime = NOW, **settings: Any) -> Iterator[Services]:
    """Services on what `tell` made of an empty folder, at that time and by these settings; their keys are `w` and `r`.

    A process has one embedded warehouse: no other may be open.
    """
    copy_folder(_told(tell, at, tuple(sorted(settings.items()))), data)
    services = _open(data, at, settings)
    try:
        yield services
    finally:
        services.close()


@cache
def _told(tell: Tell, at: datetime, settings: tuple[tuple[str, Any], ...]) -> Path:
    folder = Path(mkdtemp(prefix="closedloop-told-"))
    atexit.register(shutil.rmtree, folder)
    lay_warehouse(folder)
    services = _open(folder, at, dict(settings))
    try:
        tell(World(services))
    finally:
        services.close()
    return folder


def _open(data: Path, at: datetime, settings: dict[str, Any]) -> Services:
    stated = {"write_key": "w", "api_key": "r", "timezone": "UTC", "load_interval_ms": 1, **settings}
    return Services(read_settings(data=data, **stated, _env_file=None), FrozenClock(at))


@dataclass(frozen=True, slots=True)
class Told:
    services: Services
    client: TestClient

    @property
    def world(self) -> World:
        return World(self.services)


class OpenTold(Protocol):
    def __call__(self, tell: Tell, at: datetime = NOW, **settings: Any) -> Told: ...


@pytest.fixture
def open_told(tmp_path: Path) -> Iterator[OpenTold]:
    """Opens a copy that the test may change: one a test."""
    with ExitStack() as opened:

        def open_one(tell: Tell, at: datetime = NOW, **settings: Any) -> Told:
            services = opened.enter_context(told_services(tmp_path / "told", tell, at, **settings))
            return Told(services, opened.enter_context(TestClient(create_app(services))))

        yield open_one
