"""The report as JSON, CSV, XLSX and Parquet, over HTTP and on the command line: the same figures everywhere."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pandas as pd
import pytest
from typer.testing import CliRunner

from api.cli.main import app
from attribution.measures import MEASURES
from tests.api.cli.closedloop import COMMAND, ROOT, closedloop, serving
from tests.api.sheets import table_cells, table_of
from tests.api.test_collect import READ, WRITE, lead
from tests.api.test_service import await_that, status

PERIOD = {"from": "2026-01-01", "to": "2026-01-31"}
ODD_NAMES = [
    "=1+1",
    "+7 495",
    "-50%",
    "@sum",
    '"quoted", with comma',
    "https://example.com/?a=1",
    "наружная\nреклама",
    "🚗",
]
COUNTS = [measure.slug for measure in MEASURES]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder and the address of a service with a lead and a cost for each odd name."""
    folder = tmp_path_factory.mktemp("exports")
    with serving(folder, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (_, address):
        leads = [lead(n, campaign=name, source="vk") for n, name in enumerate(ODD_NAMES)]
        costs = [
            {"date": "2026-01-31", "cost": f"{n}.01", "source": "vk", "campaign": name}
            for n, name in enumerate(ODD_NAMES, 3)
        ]
        for family, events in (("leads", leads), ("spend", costs)):
            answer = httpx.post(f"{address}/collect/{family}", json=events, headers=WRITE, timeout=60)
            assert answer.json()["accepted"] == len(ODD_NAMES)
        await_that(lambda: bool(status(address)["fresh"]), "fresh")
        yield folder, address


def ask(service: tuple[Path, str], form: str, **more: str) -> httpx.Response:
    asked = {"by": "campaign", "format": form, **PERIOD, **more}
    return httpx.get(f"{service[1]}/api/reports/romi", params=asked, headers=READ, timeout=60).raise_for_status()


def assert_same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False, check_exact=False, rtol=1e-9)


def expected(service: tuple[Path, str]) -> pd.DataFrame:
    return pd.DataFrame(ask(service, "json").json()["items"]).astype(dict.fromkeys(COUNTS, float))


def test_json_holds_every_figure(service: tuple[Path, str]) -> None:
    told = ask(service, "json").json()
    rows = {row["campaign"]: row for row in told["items"]}
    assert {name: row["cost"] for name, row in rows.items()} == {name: n + 0.01 for n, name in enumerate(ODD_NAMES, 3)}
    assert {row["leads"] for row in rows.values()} == {1}
    assert (told["total"], told["totals"]["leads"], told["totals"]["cost"]) == (8, 8, 52.08)
    assert told["question"] | {"share": ""} == {
        "by": ["campaign"], "model": "last_non_direct", "calendar": "conversion", "share": "",
        "from": "2026-01-01", "to": "2026-01-31",
    }  # fmt: skip


def test_parquet_is_the_same_to_the_last_digit(service: tuple[Path, str]) -> None:
    answer = ask(service, "parquet")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    found = pd.read_parquet(io.BytesIO(answer.content))
    assert_same(found, expected(service))


def test_csv_is_the_same_and_computes_nothing(service: tuple[Path, str]) -> None:
    answer = ask(service, "csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    found = pd.read_csv(io.BytesIO(answer.content))
    assert set(found["campaign"]) == {*ODD_NAMES[4:], "'=1+1", "'+7 495", "'-50%", "'@sum"}
    found["campaign"] = found["campaign"].str.removeprefix("'")
    assert_same(found, expected(service))


def test_xlsx_is_the_same_and_computes_nothing(service: tuple[Path, str]) -> None:
    answer = ask(service, "xlsx")
    names, *rows = table_cells(answer.content)
    assert [cell.value for cell in names] == ["Campaign", *(measure.title for measure in MEASURES)]
    assert {cell.data_type for row in rows for cell in row[:1]} == {"s"}
    assert not any(cell.hyperlink for row in rows for cell in row)
    found = pd.DataFrame([[cell.value for cell in row] for row in rows], columns=["campaign", *COUNTS])
    assert_same(found.astype(dict.fromkeys(COUNTS, float)), expected(service))


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_a_file_has_a_name(service: tuple[Path, str], form: str) -> None:
    answer = ask(service, form, by="campaign,month")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="romi-campaign-month.{form}"'


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "parquet"])
def test_the_command_line_gives_the_same(service: tuple[Path, str], form: str) -> None:
    """It asks the running service, which holds the data. Bytes come through a pipe from a process of its own."""
    folder, _ = service
    words = ["report", "romi", "--by", "campaign", "--format", form]
    words += ["--from", PERIOD["from"], "--to", PERIOD["to"]]
    environment = {"PYTHONPATH": str(ROOT), "CLOSEDLOOP_DATA": str(folder / "data"), "CLOSEDLOOP_API_KEY": "r"}
    if form == "parquet":
        command = [*COMMAND, *words]
        out = subprocess.run(command, capture_output=True, check=True, cwd=folder, env=environment).stdout
    else:
        ran = CliRunner().invoke(app, words, env=environment)
        assert ran.exit_code == 0, ran.output
        out = ran.stdout_bytes
    read: dict[str, Any] = {
        "csv": pd.read_csv, "xlsx": lambda file: table_of(file.read()), "parquet": pd.read_parquet,
        "json": lambda file: pd.DataFrame(pd.read_json(file, typ="series")["items"]),
    }  # fmt: skip
    over_http = read[form](io.BytesIO(ask(service, form).content))
    pd.testing.assert_frame_equal(read[form](io.BytesIO(out)), over_http)


@pytest.mark.parametrize("form", ["json", "csv", "xlsx", "parquet"])
def test_a_report_without_rows_is_a_file_too(service: tuple[Path, str], form: str) -> None:
    answer = ask(service, form, **{"from": "2020-01-01", "to": "2020-01-31"})
    assert answer.content


def test_nobody_reads_without_a_key(service: tuple[Path, str]) -> None:
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDo="}):
        answer = httpx.get(f"{service[1]}/api/reports/romi", headers=headers, timeout=60)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert set(answer.json()["error"]) == {"code", "message", "where", "help"}


@pytest.mark.parametrize(
    ("asked", "where", "word"),
    [
        ({"by": "brandt"}, "by", "brandt"),
        ({"by": "day,day"}, "by", "from one to four groupings"),
        ({"model": "shapely"}, "model", "shapely"),
        ({"calendar": "lunar"}, "calendar", "lunar"),
        ({"share": "fair"}, "share", "fair"),
        ({"from": "31.01.2026"}, "from", "31.01.2026"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "to", "ends before it begins"),
        ({"format": "pdf"}, "format", "json"),
    ],
)
def test_what_cannot_be_asked_is_said(service: tuple[Path, str], asked: dict[str, str], where: str, word: str) -> None:
    answer = httpx.get(f"{service[1]}/api/reports/romi", params=asked, headers=READ, timeout=60)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["where"].endswith(where)
    assert word in error["message"]


def test_a_wrong_format_is_said_on_the_command_line(tmp_path: Path) -> None:
    ran = closedloop(tmp_path, "report", "romi", "--format", "pdf")
    assert ran.code != 0
    assert "pdf" in ran.problems
    assert "Traceback" not in ran.problems
