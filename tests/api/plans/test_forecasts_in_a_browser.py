"""A director looks at what is expected, goes down to a dealer, and takes the forecast over into a draft."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.api.plans.test_forecasts import tell
from tests.attribution.world import NOW
from tests.told import told_services

pytestmark = pytest.mark.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with told_services(tmp_path / "told", tell, NOW) as services:
        services.plans.create("Plan of sales", 2026, currency="RUB", author="t")
        with listening(services) as found:
            yield found


def test_a_forecast_is_read_and_taken_over(page: Page, address: str) -> None:
    follow_admin_link(page, address)
    page.goto(f"{address}/plans")
    page.get_by_role("navigation", name="Pages", exact=True).get_by_role("link", name="Budget").click()
    if not page.url.split("?")[0].endswith("/forecasts"):
        page.get_by_role("link", name="Forecasts").click()
    expect(page.get_by_role("heading", name="Sales by month")).to_be_visible()
    expect(page.get_by_role("img", name="Sales: what happened")).to_be_visible()
    expect(page.locator("polygon.fan")).to_have_count(1)
    page.get_by_label("Months ahead").select_option("6")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Expected in 6 months").first).to_be_visible()

    page.get_by_role("table", name="By dealer").get_by_role("link", name="North").click()
    expect(page.get_by_role("table", name="By direction")).to_contain_text("New cars")
    page.get_by_text("As a table").click()
    expect(page.get_by_role("table", name="What happened, by month")).to_be_visible()
    expect(page.get_by_role("table", name="Backtest")).to_contain_text("Holding")

    page.get_by_label("Take these numbers over").select_option("Plan of sales, 2026")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_role("heading", name="Plan of sales")).to_be_visible()
    expect(page.locator("tfoot td.number").nth(7)).not_to_have_text("—")


def test_it_fits_a_phone(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    follow_admin_link(page, address)
    for path in ("/forecasts", "/forecasts?measure=calls", "/forecasts?dealer=north&months=18"):
        page.goto(f"{address}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
