"""Every report in every form: nothing that anybody sent is computed, and what was asked is written on it."""

import io
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import orjson
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.exports import ExportFormat
from api.workbook import headings
from attribution.answer import Answer
from attribution.measures import MEASURES
from attribution.units import Unit
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.sheets import about_of, report_sheet, table_cells, table_of, totals_of
from tests.attribution.world import NOW, World, call, lead, spend, stage, visit
from tests.migrated import lay_warehouse

READ = {"Authorization": "Bearer r"}
PERIOD = {"from": "2026-01-01", "to": "2026-01-31"}
ASKED: dict[str, dict[str, str]] = {
    "/api/reports/romi": {"by": "campaign"},
    "/api/reports/power": {"test": "=north", "control": "south", "weeks": "1", "baseline_weeks": "2"},
    "/api/reports/models": {"kind": "lead"},
    "/api/reports/cohorts": {"by": "month"},
}
PATHS = "path,conversions,value,nulls\n=search > mail,3,300,1\n+mail,1,100,4\n"
WRONG_STARTS = ("=", "+", "-", "@")


def harmless(text: str) -> bool:
    return not text.startswith(WRONG_STARTS)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A world in which each name begins as a formula does."""
    folder = tmp_path_factory.mktemp("exports")
    lay_warehouse(folder)
    settings = read_settings(
        data=folder, write_key="w", api_key="r", timezone="UTC", load_interval_ms=1,
        _env_file=None,
    )  # fmt: skip
    services = Services(settings, FrozenClock(NOW))
    world = World(services)
    world.refer(
        dealers=[
            {"id": "=north", "name": "@North", "brand": "+Lada", "city": "-Omsk"},
            {"id": "south", "name": "South", "brand": "+Lada", "city": "-Omsk"},
        ],
        contractors=[{"id": "=agency", "name": "=Agency", "campaigns": [{"campaign": "=1+1"}]}],
    )
    sold = {"dealer": "=north", "amount": 1000, "margin": 400, "manager": "=cmd", "product": "@product"}
    world.tell({
        "touches": [visit(f"t{n}", f"v{n}", n % 30, "yandex", campaign="=1+1") for n in range(40)],
        "calls": [call(f"c{n}", n, "+74950000000", dealer="=north", status="missed") for n in range(3)],
        "leads": [lead(f"l{n}", n % 30 + 0.1, visitor_id=f"v{n}", dealer="=north") for n in range(40)],
        "deals": [stage(f"d{n}", "sale", n + 1, lead_id=f"l{n}", visitor_id=f"v{n}", **sold) for n in range(12)],
        "spend": [spend("2026-01-01", "2026-01-31", 310, "yandex", campaign="=1+1", contractor="=agency")],
    })  # fmt: skip
    world.attribute()
    with TestClient(create_app(services), headers=READ) as opened:
        yield opened
    services.close()


def routes_that_export() -> list[tuple[str, str]]:
    app = create_app(Services(read_settings(_env_file=None)))
    return [
        (method, path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if any(each["name"] == "format" and each["in"] == "query" for each in operation.get("parameters", []))
    ]


def ask(client: TestClient, method: str, path: str, form: str, **more: str) -> httpx.Response:
    asked = {**PERIOD, **ASKED.get(path, {}), **more, "format": form}
    if path == "/api/models":
        return client.post(path, params={"format": form}, content=PATHS, headers={"Content-Type": "text/csv"})  # type: ignore[return-value]
    if method == "post":
        rules = [{"channel": "=video", "when": {"source": "yandex"}}]
        return client.post(path, params={"format": form}, json={"rules": rules})  # type: ignore[return-value]
    return client.get(path, params=asked)  # type: ignore[return-value]


@pytest.mark.parametrize(("method", "path"), routes_that_export())
def test_every_report_comes_in_every_form(client: TestClient, method: str, path: str) -> None:
    found = {}
    for form in ExportFormat:
        answer = ask(client, method, path, form.value)
        assert answer.status_code == 200, (path, form, answer.text[:500])
        assert answer.headers["content-type"] == form.media_type
        found[form] = answer.content
    document = orjson.loads(found[ExportFormat.JSON])
    count = len(document["items"])
    table = pd.read_csv(io.BytesIO(found[ExportFormat.CSV]), keep_default_na=False, dtype=str)
    assert len(table) == len(pd.read_parquet(io.BytesIO(found[ExportFormat.PARQUET]))) == count
    texts = [cell for name in table for cell in table[name] if not cell.lstrip("-").replace(".", "").isdigit()]
    assert all(harmless(cell) for cell in texts if not _is_number(cell))
    assert len(table_cells(found[ExportFormat.XLSX])) == max(count, 1) + 1
    for row in report_sheet(found[ExportFormat.XLSX]).iter_rows():
        assert not any(cell.data_type == "f" or cell.hyperlink for cell in row)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_all_routes_of_reports_export() -> None:
    paths = {path for _, path in routes_that_export()}
    assert {path for path in paths if path.startswith("/api/reports/")} == {
        path for path in create_app(Services(read_settings(_env_file=None))).openapi()["paths"]
        if path.startswith("/api/reports/")
    }  # fmt: skip


@pytest.fixture(scope="module")
def romi(client: TestClient) -> tuple[dict[str, Any], bytes]:
    more = {"where": "channel:paid_search|other,-dealer:south", "by": "campaign,dealer", "model": "linear"}
    path = "/api/reports/romi"
    return ask(client, "get", path, "json", **more).json(), ask(client, "get", path, "xlsx", **more).content


def test_the_sheet_says_what_was_asked(romi: tuple[dict[str, Any], bytes]) -> None:
    document, content = romi
    sheet = report_sheet(content)
    top = [sheet.cell(row, 1).value for row in range(1, 7)]
    assert top[:5] == [
        "ROMI and CPL by campaign, dealer",
        "01 Jan 2026 – 31 Jan 2026",
        "model: linear · by the date of the conversion · money in RUB",
        "Only channel: paid_search, other",
        "All but dealer: south",
    ]
    assert top[5].startswith("Computed ")
    assert top[5].endswith("in run 1 with the default channel rules")
    about = about_of(content)
    assert about["Period"] == "01 Jan 2026 – 31 Jan 2026, days in UTC"
    assert about["Model"] == "linear"
    assert about["Filter"] == "Only channel: paid_search, other | All but dealer: south"
    assert about["Currency"] == "RUB"
    assert "all models agree" in about["Note"]
    assert about["ROMI"].endswith("= (margin - cost) / cost")
    assert document["question"]["model"] == "linear"


def test_the_table_can_be_filtered_below_a_header_that_stays(romi: tuple[dict[str, Any], bytes]) -> None:
    sheet = report_sheet(romi[1])
    table = sheet.tables["Report"]
    header = table_cells(romi[1])[0]
    assert [cell.value for cell in header] == ["Campaign", "Dealer", *(measure.title for measure in MEASURES)]
    assert table.autoFilter.ref == table.ref
    assert sheet.freeze_panes == f"C{header[0].row + 1}"
    assert all(9 <= sheet.column_dimensions[cell.column_letter].width <= 50 for cell in header)


def test_figures_have_the_form_of_their_unit(romi: tuple[dict[str, Any], bytes]) -> None:
    header, row, *_ = table_cells(romi[1])
    forms = {name.value: cell.number_format for name, cell in zip(header, row, strict=True)}
    assert (forms["Cost"], forms["ROMI"], forms["ROAS"], forms["Sales"]) == ("#,##0.00", "0.0%", "0.00", "#,##0")


def test_totals_are_the_reports_own_and_no_sums_of_ratios(client: TestClient) -> None:
    asked = {"by": "channel,day"}
    document = ask(client, "get", "/api/reports/romi", "json", **asked).json()
    content = ask(client, "get", "/api/reports/romi", "xlsx", **asked).content
    totals, titles = totals_of(content), {measure.slug: measure.title for measure in MEASURES}
    assert totals["Channel"] == "Total"
    assert {slug: totals[title] for slug, title in titles.items()} == pytest.approx(document["totals"])
    table = table_of(content)
    assert table["Cost"].sum() == pytest.approx(totals["Cost"])
    assert abs(table["CPL"].sum() - totals["CPL"]) > 1


def test_a_period_without_anything_is_a_sheet_that_says_so(client: TestClient) -> None:
    content = ask(client, "get", "/api/reports/romi", "xlsx", **{"from": "2020-01-01", "to": "2020-01-31"}).content
    assert table_cells(content)[1][0].value == "Nothing in this period."


def test_a_page_of_a_report_says_that_it_is_one(client: TestClient) -> None:
    content = ask(client, "get", "/api/reports/romi", "xlsx", by="day", limit="3").content
    assert "The first 3 of " in about_of(content)["Note"]
    assert len(table_of(content)) == 3


def test_two_columns_of_one_title_are_told_apart() -> None:
    figures = tuple(measure for measure in MEASURES if measure.slug in ("cpl", "cps"))
    same = tuple(type(each)(each.slug, "Dealer", Unit.MONEY, each.formula) for each in figures)
    answer = Answer("romi", None, ("dealer",), same, pd.DataFrame(columns=["dealer", "cpl", "cps"]), {})
    assert headings(answer) == ["Dealer", "Dealer (cpl)", "Dealer (cps)"]
