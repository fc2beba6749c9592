"""`closedloop doctor` names what is wrong with an installation, and what to do about it."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.doctor import Finding, examine
from infra.clock import FrozenClock, SystemClock
from infra.settings import read_settings
from tests.api.cli.closedloop import ROOT, Ran, closedloop, closedloop_process, serving
from tests.api.test_collect import lead
from tests.migrated import lay_warehouse
from tests.ports import free_port


def wrongs(ran: Ran) -> list[str]:
    assert ran.problems == ""
    return [line.removeprefix("wrong  ") for line in ran.out.splitlines() if line.startswith("wrong  ")]


def test_an_installation_that_is_well(tmp_path: Path) -> None:
    ran = closedloop(tmp_path, "doctor")
    assert ran.code == 0, ran.out
    assert wrongs(ran) == []
    assert f"data are kept in {tmp_path}/data." in ran.out
    for sentence in ("The event log answers at ", "The operational database answers at ", "The warehouse answers at "):
        assert f"ok  {sentence}" in ran.out


def test_a_foreign_owner_of_a_package_name_is_named(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "segments").mkdir(parents=True)
    (site / "segments" / "__init__.py").touch()
    facts = site / "segments-2.4.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: segments\nVersion: 2.4.0\n")
    (facts / "RECORD").write_text("segments/__init__.py,,\n")
    ran = closedloop_process(tmp_path, "doctor", PYTHONPATH=f"{ROOT}:{site}")
    assert ran.code == 1
    assert wrongs(ran) == [
        "The package 'segments' also belongs to segments, which overwrites ours: uninstall it and install closedloop "
        "again in an environment of its own."
    ]


def test_a_folder_held_by_a_process_that_does_not_answer(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        holder = tmp_path / "data" / "warehouse.hold"
        elsewhere = f"http://127.0.0.1:{free_port()}"
        holder.write_text(holder.read_text().replace(address, elsewhere))
        ran = closedloop(tmp_path, "doctor")
        assert ran.code == 1
        assert wrongs(ran) == [
            f"The data in {tmp_path}/data are held by process {process.pid}, which answers at {elsewhere}. But nobody "
            "answers there. Stop that process (Ctrl-C), or choose another folder with CLOSEDLOOP_DATA."
        ]


@pytest.mark.parametrize(("name", "address", "said", "hint"), [
    ("LOG", "kafka://127.0.0.1:{port}", "The event log cannot be used: ", "127.0.0.1:{port}"),
    ("WAREHOUSE", "clickhouse://u:secret@127.0.0.1:{port}/d", "The warehouse cannot be used: ", "Start ClickHouse"),
    ("DATABASE", "postgresql+psycopg://u:secret@127.0.0.1:{port}/d", "The operational database cannot be used: ",
     "Start it, or correct CLOSEDLOOP_DATABASE"),
])  # fmt: skip
def test_a_store_out_of_reach(tmp_path: Path, name: str, address: str, said: str, hint: str) -> None:
    port = free_port()
    run = closedloop_process if name == "LOG" else closedloop  # kafka-python leaves sockets open where nobody answers
    ran = run(tmp_path, "doctor", **{f"CLOSEDLOOP_{name}": address.format(port=port)})
    assert ran.code == 1
    (sentence,) = wrongs(ran)
    assert sentence.startswith(said)
    assert hint.format(port=port) in sentence
    assert "secret" not in ran.out + ran.problems


def test_sources_that_fail_and_such_that_cannot_be_read(tmp_path: Path) -> None:
    connect = ["connect", "twilio", "--set", "auth_token=t", "--wait", "0"]
    assert closedloop(tmp_path, *connect).code == 0
    assert "ok  None of 1 sources fails." in closedloop(tmp_path, "doctor").out.replace("     ", "  ")
    services = Services(read_settings(data=tmp_path / "data", _env_file=None))
    services.progress.fail_pull("twilio", "It is down.", not_before=timedelta(0))
    services.close()
    assert wrongs(closedloop(tmp_path, "doctor")) == ["The source twilio (Twilio) fails: It is down."]
    ran = closedloop(tmp_path, "doctor", CLOSEDLOOP_SECRET_KEY="other")
    (sentence,) = wrongs(ran)
    assert "encrypted with another CLOSEDLOOP_SECRET_KEY" in sentence


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    ran = closedloop(tmp_path, "doctor")
    assert ran.code == 1
    assert wrongs(ran)
    assert all("CLOSEDLOOP_" in sentence for sentence in wrongs(ran))


def test_a_database_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "closedloop.db").write_bytes(b"not a database at all, " * 100)
    ran = closedloop(tmp_path, "doctor")
    assert ran.code == 1
    (sentence,) = wrongs(ran)
    assert "file is not a database" in sentence


def test_a_setting_that_cannot_work(tmp_path: Path) -> None:
    ran = closedloop(tmp_path, "doctor", CLOSEDLOOP_TIMEZONE="Moscow")
    assert ran.code == 1
    (sentence,) = wrongs(ran)
    assert sentence.startswith("CLOSEDLOOP_TIMEZONE: 'Moscow' is no time zone")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_warehouse(tmp_path)
    monkeypatch.setenv("CLOSEDLOOP_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found_at(now: datetime) -> list[Finding]:
    return [finding for finding in examine(FrozenClock(now)) if not finding.ok]


@pytest.mark.parametrize("error", [timedelta(hours=-1), timedelta(minutes=3)])
def test_a_clock_that_differs_from_the_warehouses(folder: Path, error: timedelta) -> None:
    (finding,) = found_at(datetime.now(UTC) + error)
    assert finding.sentence.startswith("The clocks of this machine and of the warehouse are ")
    assert finding.sentence.endswith(" apart: set them by NTP.")


def test_a_clock_that_was_set_back(folder: Path) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    services = Services(read_settings(_env_file=None), FrozenClock(tomorrow))
    assert services.intake.accept("leads", [lead()]).accepted == 1
    loader = services.new_loader()
    loader.drain()
    loader.close()
    services.close()
    (finding,) = [each for each in examine(SystemClock()) if not each.ok]
    assert finding.sentence.startswith(f"Events came in at {tomorrow:%Y-%m-%d}")


def test_nothing_is_changed_by_looking(folder: Path) -> None:
    assert found_at(datetime.now(UTC)) == []
    with sqlite3.connect(folder / "closedloop.db") as connection:
        assert connection.execute("select count(*) from jobs").fetchone() == (0,)
