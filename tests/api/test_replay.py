"""A warehouse that is lost is filled again from the log, and reports are what they were."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from api.bootstrap import Services
from api.cli.main import app
from api.retention import Retention
from attribution.attributing import attribute
from attribution.models import Model
from attribution.reference import replace_reference
from attribution.reference_document import read_document
from attribution.reports import Calendar, Question, romi_report
from attribution.sharing import DealerShare
from collectors.events import FAMILIES
from collectors.formats import Format, read_items
from collectors.mapping import Mapping
from collectors.sample import write_sample
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.test_collect import lead
from tests.migrated import lay_warehouse


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


UNTIL = date(2026, 6, 30)
NOW = datetime(2026, 7, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, until=UNTIL, months=4, dealers=3)
    return folder


@pytest.fixture(params=["local", pytest.param("kafka", marks=pytest.mark.kafka)])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    places: dict[str, Any] = {}
    if request.param == "kafka":
        places["log"] = f"kafka://{request.getfixturevalue('own_broker').servers}"
    lay_warehouse(tmp_path)
    opened = Services(read_settings(data=tmp_path, load_interval_ms=100, **places, _env_file=None), FrozenClock(NOW))
    yield opened
    opened.close()


def collect(services: Services, file: Path) -> None:
    with file.open("rb") as stream:
        for outcome in services.intake.accept_stream(file.stem, read_items(stream, Format.NDJSON, Mapping())):
            assert not outcome.rejected


def load(services: Services) -> int:
    """All there is, however long a busy broker takes to hand it out; how many events that was."""
    events = 0
    with closing(services.new_loader()) as loader:
        while any(services.backlog(family).records for family in FAMILIES):
            events += loader.drain()
    return events


def report(services: Services) -> pd.DataFrame:
    attribute(services.warehouse, services.database, services.clock, services.settings)
    question = Question(
        ("channel", "month"), date(2026, 3, 1), UNTIL, Model.LINEAR, Calendar.CONVERSION, DealerShare.LEADS
    )
    return romi_report(services.warehouse, question, services.settings.timezone).rows


def lose_the_warehouse(services: Services) -> None:
    services.__dict__.pop("warehouse").close()
    shutil.rmtree(services.settings.data / "warehouse")


def test_reports_of_a_lost_warehouse_come_back(services: Services, sample: Path) -> None:
    reference = read_document((sample / "reference.json").read_bytes(), "RU")
    replace_reference(services.database, reference, author="test", clock=services.clock)
    for path in sorted(sample.glob("*.ndjson")):
        if path.stem in FAMILIES:
            collect(services, path)
    events = load(services)
    told = report(services)
    assert len(told) > 20
    lose_the_warehouse(services)
    assert load(services) == 0
    assert services.replay(None) > 0
    assert load(services) == events
    pd.testing.assert_frame_equal(report(services), told)
    services.replay(None)
    assert load(services) == events
    pd.testing.assert_frame_equal(report(services), told)


def test_the_scheduler_removes_what_is_old_and_loaded(tmp_path: Path) -> None:
    clock = FrozenClock(NOW)
    services = Services(read_settings(data=tmp_path, log_retention_days=30, load_interval_ms=0, _env_file=None), clock)
    retention = Retention(services)
    services.intake.accept("leads", [lead(1)])
    clock.advance(timedelta(days=31))
    retention.step()
    assert services.backlog("leads").records == 1
    assert load(services) == 1
    services.intake.accept("leads", [lead(2)])
    retention.step()  # so soon after the first time, it does nothing
    assert services.replay(None) == 1
    assert load(services) == 2
    clock.advance(timedelta(minutes=1))
    retention.step()
    assert services.replay(None) == 1
    services.close()


def test_the_command_goes_back_and_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path / "data"))
    (tmp_path / "lead.json").write_text(json.dumps(lead(1)))
    run("collect", str(tmp_path / "lead.json"), "--as", "leads")
    assert run("load", "--drain").output == "1 events loaded.\n"
    assert run("load", "--drain").output == "0 events loaded.\n"
    shutil.rmtree(tmp_path / "data" / "warehouse")
    back = run("load", "--replay-since", "2026-11-01", "--drain")
    assert back.output == "1 records of the log are loaded again.\n1 events loaded.\n"
    later = run("load", "--replay-since", "2100-01-01T00:00:00Z", "--drain")
    assert later.output == "0 records of the log are loaded again.\n0 events loaded.\n"
    assert run("load", "--replay", "--drain").output == back.output
    wrong = run("load", "--replay-since", "yesterday")
    assert (wrong.exit_code, wrong.stderr.splitlines()[0]) == (1, "'yesterday' is no time.")
