"""A sender that is killed, by SIGKILL, between handing over and noting it."""

import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.bootstrap import Services
from attribution.outbound.ledger import count_handovers
from infra.settings import read_settings
from tests.api.cli.closedloop import closedloop_process, start
from tests.attribution.outbound.fakes import FakeGoogle, FakeMetrica
from tests.attribution.outbound.handing import FAKES, Handing
from tests.attribution.world import START, World, stage, visit
from tests.collectors.vendors.desk import serving_fake
from tests.migrated import lay_warehouse

ENVIRONMENT = {"CLOSEDLOOP_TIMEZONE": "UTC"}


@pytest.fixture(scope="module")
def sold_yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two sales of yesterday, for copying."""
    data: Path = tmp_path_factory.mktemp("sold") / "data"
    lay_warehouse(data)
    services = Services(read_settings(data=data, timezone="UTC", load_interval_ms=1, _env_file=None))
    world = World(services)
    yesterday = (datetime.now(UTC) - START) / timedelta(days=1) - 1
    clicks = {"yclid": "7", "gclid": "g"}
    world.tell({
        "touches": [visit("t", "v", yesterday, click_ids=clicks)],
        "deals": [stage(name, "sale", yesterday + 0.1, visitor_id="v", amount=100) for name in ("d1", "d2")],
    })  # fmt: skip
    world.attribute()
    services.close()
    return data


def connect(folder: Path, system: str, address: str) -> None:
    services = Services(read_settings(data=folder / "data", timezone="UTC", _env_file=None))
    Handing(World(services)).connect(system, address)
    services.close()


def standing(folder: Path) -> dict[str, int]:
    services = Services(read_settings(data=folder / "data", _env_file=None))
    counts = {each.state: each.count for each in count_handovers(services.database)}
    services.close()
    return counts


@pytest.mark.parametrize(
    ("system", "lists_comments", "after"),
    [("google", True, "sent"), ("metrica", True, "sent"), ("metrica", False, "uncertain")],
)
def test_whoever_comes_next_clears_up(
    tmp_path: Path, sold_yesterday: Path, system: str, lists_comments: bool, after: str
) -> None:
    shutil.copytree(sold_yesterday, tmp_path / "data", symlinks=True)
    fake = FAKES[system](now=datetime.now(UTC))
    if isinstance(fake, FakeMetrica):
        fake.lists_comments = lists_comments
    with serving_fake(fake.app()) as address:
        connect(tmp_path, system, address)
        with start(tmp_path, "conversions", "send", **ENVIRONMENT) as victim:
            fake.on_taken = victim.kill
            victim.wait(timeout=60)
            assert victim.returncode == -signal.SIGKILL
        fake.on_taken = lambda: None
        assert standing(tmp_path) == {"sending": 2}

        ran = closedloop_process(tmp_path, "conversions", "send", **ENVIRONMENT)
        assert ran.code == 0, ran.problems
        assert standing(tmp_path) == {after: 2}
        if isinstance(fake, FakeMetrica):
            assert len(fake.rows()) == 2
        else:
            assert isinstance(fake, FakeGoogle)
            assert len(fake.bodies) == 2
            assert [transaction for _, transaction in fake.conversions] == ["d1", "d2"]
