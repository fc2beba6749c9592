"""The main job in a real browser: a budget is split, looked at, and goes into next month's plan."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.api.sampled import Sampled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(holding: Sampled) -> Iterator[str]:
    with listening(holding.services) as place:
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


def test_a_budget_is_split_and_goes_into_the_plan(known: Page, address: str) -> None:
    known.goto(f"{address}/overview")
    known.get_by_role("navigation", name="Pages").get_by_role("link", name="Budget").click()
    known.goto(f"{address}/recommendations")
    expect(known.get_by_label("How much")).not_to_have_value("")
    known.get_by_label("How much").fill("1")
    known.get_by_role("button", name="Recommend").click()
    expect(known.get_by_role("alert")).to_contain_text("below the lower bounds")
    known.goto(f"{address}/recommendations")
    known.get_by_role("button", name="Recommend").click()
    expect(known.get_by_text("Expected gain, margin less spend")).to_be_visible()
    expect(known.get_by_role("heading", name="Channels")).to_be_visible()
    known.get_by_text("All cells").click()
    expect(known.get_by_role("table", name="All cells")).to_be_visible()
    known.get_by_role("button", name="Apply to the plan of").click()
    known.wait_for_url("**/plans/**")
    expect(known.get_by_text("Draft").first).to_be_visible()


def test_wider_bounds_say_that_evidence_is_thin_and_kept_channels_stay(known: Page, address: str) -> None:
    known.goto(f"{address}/recommendations")
    known.get_by_text("Bounds, and what stays as it is").click()
    known.get_by_label("At least, % of usual").fill("30")
    known.get_by_label("At most, % of usual").fill("250")
    known.get_by_role("group", name="Channels that stay").get_by_role("checkbox").first.check()
    known.get_by_role("button", name="Recommend").click()
    expect(known.get_by_text("Expected gain, margin less spend")).to_be_visible()
