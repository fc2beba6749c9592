"""While a server holds the embedded warehouse, each command does its work, or says in a sentence who holds it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.cli.closedloop import closedloop, closedloop_process, serving
from tests.api.test_collect import lead

Service = tuple["subprocess.Popen[str]", str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("held")


@pytest.fixture(scope="module", autouse=True)
def service(folder: Path) -> Iterator[Service]:
    with serving(folder) as started:
        yield started


def test_files_are_collected_and_rejections_handled(folder: Path) -> None:
    (folder / "leads.ndjson").write_text("\n".join(json.dumps(each) for each in (lead(1), lead(2, kind="fax"))))
    assert (
        "1 leads accepted, 0 duplicates, 1 rejected"
        in closedloop(folder, "collect", "leads.ndjson", "--as", "leads").out
    )
    assert "1 open in all." in closedloop(folder, "rejections", "list").out
    assert "1 discarded." in closedloop(folder, "rejections", "discard", "--all").out


def test_status_is_asked_of_the_server(folder: Path) -> None:
    ran = closedloop_process(folder, "status", CLOSEDLOOP_API_KEY="r")
    assert ran.code == 0
    assert "leads" in ran.out


def test_reports_are_asked_of_the_server(folder: Path) -> None:
    ran = closedloop_process(
        folder, "report", "romi", "--from", "2026-01-01", "--to", "2026-01-31", CLOSEDLOOP_API_KEY="r"
    )
    if ran.code == 0:  # the run that sees the lead may be under way
        assert "ROMI/CPL by channel, 2026-01-01 – 2026-01-31" in ran.out
    else:
        assert ran.problems.startswith("Nothing has been attributed yet.\n")


def test_a_wrong_key_is_said_as_the_server_says_it(folder: Path) -> None:
    ran = closedloop(folder, "report", "romi", CLOSEDLOOP_API_KEY="wrong")
    assert (ran.code, ran.out) == (1, "")
    assert ran.problems.startswith("The API key is missing or wrong.\n")


def test_the_doctor_finds_the_server_well(folder: Path, service: Service) -> None:
    ran = closedloop(folder, "doctor")
    assert ran.code == 0, ran.out
    assert f"which answers at {service[1]}." in ran.out


@pytest.mark.parametrize("words", ["load --drain", "attribute", "serve"])
def test_a_command_that_needs_the_warehouse_names_its_holder(folder: Path, service: Service, words: str) -> None:
    process, address = service
    ran = closedloop(folder, *words.split(), CLOSEDLOOP_PORT="0")
    assert ran.code == 1
    first, second = ran.problems.splitlines()
    assert first.endswith(f"are held by process {process.pid}, which answers at {address}.")
    assert second == "Stop that process (Ctrl-C), or choose another folder with CLOSEDLOOP_DATA."
