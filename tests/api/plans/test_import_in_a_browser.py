"""A director's table on its way into the plan, in a real browser, before a service as a user starts it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.settings import read_settings
from planning.plans import PlanVersion
from tests.api.live import follow_admin_link, listening
from tests.migrated import lay_warehouse
from tests.planning.conftest import DEALERS
from tests.planning.importing.books import MONTHS, Sheet, book

pytestmark = pytest.mark.browser
READ = {"Authorization": "Bearer r"}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("import")
    lay_warehouse(folder)
    opened = Services(read_settings(data=folder, write_key="w", api_key="r", load_interval_ms=20, _env_file=None))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def draft(services: Services) -> PlanVersion:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="boss", clock=services.clock)
    return services.plans.create("План 2027", 2027, currency="RUB", author="director")


@pytest.fixture(scope="module")
def address(services: Services, draft: PlanVersion) -> Iterator[str]:
    with listening(services) as place:
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


@pytest.fixture
def messy(tmp_path: Path) -> Path:
    """As a director sends it: titles, merged headers, totals, dealers by their nicknames, a column of one's own."""

    def shape(workbook: Any) -> None:
        sheet = workbook["План продаж"]
        for span in ("A1:P1", "A3:A4", "B3:B4", "C3:C4", "D3:O3", "P3:P4", "A5:A6", "A7:A8"):
            sheet.merge_cells(span)

    rows: Sheet = [
        ["План холдинга на 2027 год"],
        [],
        ["Салон", "Показатель", "Код", 2027, *[None] * 11, "Итого"],
        [None, None, None, *MONTHS],
        ["Северный", "Продажи", 501, *range(10, 22), 186],
        [None, "Бюджет, тыс. руб.", 501, *[100] * 12, 1200],
        ["Юг", "Продажи", 502, *["1 020"] * 12, 12_241],
        [None, "Лиды", 502, *[90] * 12, 1080],
        ["Итого", "Продажи", None, *range(1030, 1042), 12_426],
    ]
    path = tmp_path / "План продаж 2027.xlsx"
    path.write_bytes(book(shape, **{"План продаж": rows}))
    return path


def test_a_messy_workbook_becomes_the_plan(known: Page, address: str, draft: PlanVersion, messy: Path) -> None:
    known.goto(f"{address}/plans/{draft.plan}/import")
    known.get_by_label("A workbook (.xlsx)").set_input_files(messy)
    known.get_by_role("button", name="Read the file").click()
    expect(known.get_by_role("heading", name="What the columns mean")).to_be_visible()
    expect(known.get_by_role("combobox", name=re.compile("^Column A, Салон"))).to_have_value("dealer")
    expect(known.get_by_role("combobox", name=re.compile("^Month of column D"))).to_have_value("1")
    code = known.get_by_role("combobox", name=re.compile("^Column C, Код"))
    expect(code).to_have_value("")
    expect(known.get_by_text("Say what this is.")).to_be_visible()
    code.select_option(label="brand")
    known.get_by_role("button", name="Read it so").click()
    expect(known.get_by_role("heading", name="What the names mean")).to_be_visible()
    expect(known.get_by_role("combobox", name="Северный")).to_have_value("north")
    known.get_by_role("button", name="It is so").click()
    expect(known.get_by_role("heading", name="What would be written")).to_be_visible()
    warnings = known.get_by_role("table", name="Worth knowing")
    expect(warnings).to_contain_text("The total says 12,241, and the months add up to 12,240: 1 apart.")
    expect(warnings.get_by_role("row", name="План продаж, P7")).to_be_visible()
    known.get_by_role("button", name="Write it into the draft").click()
    expect(known.get_by_role("status")).to_contain_text("The draft holds what the file says")
    sums = known.get_by_role("table", name="What the file comes to")
    expect(sums.get_by_role("row", name="Sales")).to_contain_text("12 426")
    expect(sums.get_by_role("row", name="Marketing budget")).to_contain_text("1 200 000")
    exported = httpx.get(f"{address}/api/plans/{draft.plan}/export?format=csv", headers=READ, timeout=60).text
    assert "Север,—,—,—,Sales,,10,11,12,13,14,15,16,17,18,19,20,21" in exported
    known.goto(f"{address}/plans/{draft.plan}/import")
    known.get_by_label("A workbook (.xlsx)").set_input_files(messy)
    known.get_by_role("button", name="Read the file").click()
    expect(known.get_by_role("heading", name="What would be written")).to_be_visible()
    expect(known.get_by_text("As they are")).to_be_visible()


def test_a_large_file_can_be_dropped_and_discarded(known: Page, address: str, draft: PlanVersion) -> None:
    known.goto(f"{address}/plans/{draft.plan}/import")
    transfer = known.evaluate_handle(
        """() => {
          const held = new DataTransfer();
          const rows = Array.from({length: 40000}, (_, at) => `north,Лиды,${"1,".repeat(12)}channel ${at}`);
          const head = `Дилер,Показатель,${Array.from({length: 12}, (_, at) => `2027-${at + 1}`).join(",")},Канал`;
          held.items.add(new File([[head, ...rows].join("\\n")], "big.csv"));
          return held;
        }"""
    )
    known.locator("#drop").dispatch_event("drop", {"dataTransfer": transfer})
    known.get_by_role("button", name="Read the file").click()
    expect(known.get_by_role("heading", name="What the names mean")).to_be_visible()
    known.get_by_role("button", name="Discard this file").click()
    expect(known.get_by_role("status")).to_contain_text("nothing of it was written")


def test_errors_are_shown_at_their_cells(known: Page, address: str, draft: PlanVersion, tmp_path: Path) -> None:
    path = tmp_path / "wrong.xlsx"
    path.write_bytes(book(План=[["ДЦ", "Показатель", *MONTHS], ["Восток", "Продажи", "=1+1", *[5] * 11]]))
    known.goto(f"{address}/plans/{draft.plan}/import")
    known.get_by_label("A workbook (.xlsx)").set_input_files(path)
    known.get_by_role("button", name="Read the file").click()
    errors = known.get_by_role("table", name="Errors: nothing is written while there are any")
    expect(errors.get_by_role("row", name="План, C2")).to_contain_text("This formula was never calculated")
    expect(errors.get_by_role("row", name="План, I2")).to_contain_text("Восток closes on 2027-06-30")
    expect(known.get_by_role("button", name="Write it into the draft")).to_have_count(0)
    expect(known.get_by_role("link", name="Send the corrected file")).to_be_visible()
