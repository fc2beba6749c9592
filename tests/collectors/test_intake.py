"""What is told again: it counts once, and a change that another process took in meanwhile can be taken back."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from api.bootstrap import Services
from infra.settings import read_settings
from tests.migrated import lay_warehouse


def collector(folder: Path, *, alone: bool) -> Services:
    services = Services(read_settings(data=folder, _env_file=None))
    services.alone = alone
    return services


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Services, Services]]:
    """Two processes that take events into one log."""
    lay_warehouse(tmp_path)
    both = collector(tmp_path, alone=False), collector(tmp_path, alone=False)
    yield both
    for each in both:
        each.close()


def lead(status: str) -> dict[str, str]:
    return {"id": "l", "created_at": "2026-01-31T09:00:00Z", "kind": "form", "status": status}


def statuses(services: Services) -> list[str]:
    reader = services.log.consumer("test", ["leads"])
    found = [orjson.loads(record.value)["status"] for record in reader.poll(1, 100)]
    reader.close()
    return found


def test_a_change_of_another_process_can_be_taken_back(two: tuple[Services, Services]) -> None:
    one, other = two
    one.intake.accept("leads", [lead("new")])
    other.intake.accept("leads", [lead("qualified")])
    outcome = one.intake.accept("leads", [lead("new")])
    assert (outcome.accepted, outcome.duplicates) == (0, 1)
    assert statuses(one) == ["new", "qualified", "new"]


def test_who_is_alone_keeps_what_is_told_again_once(tmp_path: Path) -> None:
    services = collector(tmp_path, alone=True)
    for status in ("new", "new", "qualified", "new", "new"):
        services.intake.accept("leads", [lead(status)])
    assert statuses(services) == ["new", "qualified", "new"]
    services.close()
