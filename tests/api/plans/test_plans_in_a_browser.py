"""The director makes a plan, shares it out, looks below, and takes a change back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from tests.api.live import follow_admin_link, listening
from tests.api.plans.conftest import DEALERS

pytestmark = pytest.mark.browser


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=services.clock)
    with listening(services) as found:
        yield found


def total(page: Page) -> str:
    return " ".join(page.locator("tfoot td.number").nth(12).inner_text().split())


def test_a_year_is_planned(page: Page, address: str) -> None:
    follow_admin_link(page, address)
    page.goto(f"{address}/plans")
    expect(page.get_by_role("heading", name="There are no plans yet")).to_be_visible()
    page.get_by_label("Name").fill("План продаж")
    page.get_by_role("textbox", name="Year").fill("2027")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="План продаж")).to_be_visible()

    page.get_by_text("Share a total out").click()
    page.get_by_label("Total of sales").fill("1 000")
    page.get_by_label("Shared").select_option("even")
    page.get_by_label("Used cars").uncheck()
    page.get_by_label("After-sales").uncheck()
    page.get_by_role("button", name="Share out").click()
    expect(page.get_by_role("status")).to_contain_text("the parts add up to it exactly")
    assert total(page) == "1 000"

    page.get_by_role("link", name="Lada").click()
    page.get_by_role("link", name="Север").click()
    january = page.get_by_label("New cars, Jan")
    before = int(january.input_value())
    january.fill(str(before + 6))
    expect(january).to_have_class("changed")
    page.get_by_label("The difference").select_option("year")
    page.get_by_label("Why").first.fill("a fair in January")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The change is kept")
    expect(page.get_by_label("New cars, Jan")).to_have_value(str(before + 6))
    expect(page.get_by_text("a fair in January")).to_be_visible()

    page.get_by_role("link", name="Lock cells").click()
    page.get_by_label("Lock New cars, Jan").check()
    page.get_by_role("button", name="Keep the locks").click()
    page.get_by_role("link", name="Back to the numbers").click()
    page.get_by_role("link", name="All dealers").click()
    page.get_by_label("Lada, In all").fill("90")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The change is kept")
    assert int(total(page)) in (90 + 333, 90 + 334)
    expect(page.get_by_text("were set, the parts below say")).to_have_count(1)

    page.get_by_role("button", name="Take the newest change back").click()
    expect(page.get_by_role("status")).to_contain_text("The newest change is taken back")
    assert total(page) == "1 000"


def test_what_cannot_be_says_why_and_keeps_what_was_written(page: Page, address: str, tmp_path: Path) -> None:
    follow_admin_link(page, address)
    page.goto(f"{address}/plans")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("link", name="Lada").click()
    page.get_by_role("link", name="Север").click()
    page.get_by_label("New cars, Jan").fill("12 штук")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("is no whole number of sales")
    expect(page.get_by_label("New cars, Jan")).to_have_value("12 штук")
    page.get_by_label("New cars, Jan").fill("12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The change is kept")


def test_of_two_tabs_the_second_is_told(page: Page, address: str) -> None:
    follow_admin_link(page, address)
    page.goto(f"{address}/plans")
    page.get_by_role("button", name="Create").click()
    place = f"{page.url}?dealer=north"
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(place)
        tab.get_by_label("New cars, Feb").fill("7" if tab is page else "9")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("The change is kept")
    other.get_by_role("button", name="Save").click()
    expect(other.get_by_role("alert")).to_contain_text("has meanwhile changed sales of north for month 2 to 7")
    other.close(run_before_unload=False)
