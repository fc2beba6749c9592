"""The page of the load of calls as people use it: look, say who is at work, and read the advice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from tests.api.live import listening
from tests.api.test_call_load import tell
from tests.told import told_services

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with told_services(tmp_path_factory.mktemp("call-load") / "data", tell, currency="RUB") as opened:
        yield opened


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with listening(services) as place:
        yield place


def test_people_are_told_and_advice_is_read(page: Page, address: str) -> None:
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}/call-load")
    page.get_by_role("link", name="Север").click()
    expect(page.get_by_role("img", name="A bar an hour of the week")).to_be_visible()
    page.get_by_role("link", name="People, shifts and aims").first.click()
    for hour in ("09", "10", "11"):
        page.get_by_label(f"Monday, {hour}:00").fill("1")
    page.get_by_label("Monday, 15:00").fill("4")
    page.get_by_role("button", name="Keep this").last.click()
    expect(page.get_by_role("status")).to_contain_text("What you set is in force")
    page.get_by_role("status").get_by_role("link", name="Call load").click()
    expect(page.get_by_text("The same 7 hours of work a week, moved, keep")).to_be_visible()
    expect(page.locator(".moves li").first).to_be_visible()
    page.locator("select[name=way]").select_option("shifts")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("shortest shift")


def test_what_cannot_be_is_said_beside_the_form(page: Page, address: str) -> None:
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}/call-load/settings")
    page.get_by_label("Answered in time, %").fill("150")
    page.get_by_role("button", name="Keep this").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(page.get_by_label("Answered in time, %")).to_have_value("150")


@pytest.mark.parametrize("place", ["/call-load", "/call-load?dealer=north&way=shifts", "/call-load/settings"])
def test_it_fits_a_phone(page: Page, address: str, place: str) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}{place}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
