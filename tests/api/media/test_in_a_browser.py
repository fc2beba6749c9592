"""A media plan in a real browser: laid out, changed, approved, and warned of while spend comes in."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from infra.settings import read_settings
from tests.api.cli.closedloop import serving
from tests.api.live import follow_admin_link
from tests.api.media.holding import CONTRACTORS, approve_budgets, events
from tests.api.test_page import await_fresh, send
from tests.attribution.world import World
from tests.migrated import lay_warehouse

pytestmark = pytest.mark.browser

TODAY = datetime.now(UTC).date()
IN_MONTH = TODAY if TODAY.day > 4 else TODAY.replace(day=1) - timedelta(days=1)
"""A day of a month that has gone on for some days: today's, or the month before in its first days."""
FIRST = IN_MONTH.replace(day=1)
UPTO = IN_MONTH if IN_MONTH == TODAY else IN_MONTH + timedelta(days=1)
MONTH = f"{FIRST:%Y-%m}"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("media-plans")
    lay_warehouse(data / "data")
    _prepare(Services(read_settings(data=data / "data", _env_file=None)), FIRST)
    with serving(data, CLOSEDLOOP_TIMEZONE="UTC") as (_, place):
        for family, told in events(FIRST, UPTO).items():
            send(place, family, told)
        await_fresh(place)
        yield place


def _prepare(services: Services, month: date) -> None:
    World(services).refer(
        dealers=[{"id": "north", "name": "North", "brand": "Lada"}, {"id": "south", "name": "South"}],
        contractors=CONTRACTORS,
    )
    approve_budgets(services, {"north": 30_000, "south": 10_000}, month)
    services.close()


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


def test_a_budget_is_laid_out_approved_and_warned_of(known: Page, address: str) -> None:
    known.goto(f"{address}/overview")
    known.get_by_role("navigation", name="Pages").get_by_role("link", name="Planning").click()
    known.get_by_role("link", name="Media plans").click()
    known.goto(f"{address}/media-plans?month={MONTH}")
    known.get_by_role("link", name="North", exact=True).click()
    expect(known.get_by_text("Approved budget: 30 000 RUB")).to_be_visible()
    known.get_by_role("button", name="Begin the media plan").click()
    known.get_by_label("Lay the budget out").select_option(label="by spend of the last three months")
    known.get_by_role("button", name="Lay out", exact=True).click()
    expect(known.get_by_role("status")).to_contain_text("The budget is laid out")
    expect(known.get_by_label("Channel, 1", exact=True)).to_have_value("paid_search")
    expect(known.get_by_label("Budget, 1", exact=True)).to_have_value("20000")
    known.get_by_label("Budget, 1", exact=True).fill("20 000.01")
    known.get_by_role("button", name="Keep the items").last.click()
    expect(known.get_by_role("alert")).to_contain_text("0.01 RUB more than the approved budget of 30 000.00 RUB")
    known.get_by_label("Budget, 1", exact=True).fill("18 000")
    known.get_by_role("button", name="Keep the items").last.click()
    expect(known.get_by_role("status")).to_contain_text("The items are kept")
    expect(known.locator(".card").filter(has_text="Not laid out")).to_contain_text("2 000")
    known.get_by_role("button", name="Submit for approval").click()
    expect(known.get_by_role("status")).to_contain_text("waits for approval")
    known.get_by_role("button", name="Approve", exact=True).click()
    expect(known.locator(".tag")).to_have_text("Approved")
    row = known.get_by_role("table", name="How items go").get_by_role("row", name="paid_search")
    spent = f"{3_000 * (UPTO - FIRST).days:,}".replace(",", " ")
    expect(row).to_contain_text(spent)
    expect(known.get_by_role("table", name="How items go")).to_contain_text("not planned")
    expect(known.get_by_role("img", name="Money planned and spent")).to_be_visible()
    warnings = known.get_by_role("region", name="Warnings")
    expect(warnings).to_contain_text("paid_search: overspend of")
    known.goto(f"{address}/media-plans?month={MONTH}")
    expect(known.get_by_role("row", name="North")).to_contain_text("paid_search: overspend of")


def test_money_is_ordered_and_moved(known: Page, address: str) -> None:
    known.goto(f"{address}/media-plans/north/{MONTH}")
    known.get_by_text("Enter an order").click()
    known.get_by_label("Number", exact=True).fill("17/11")
    known.get_by_label("Contractor", exact=True).fill("studio")
    known.get_by_label("Amount in RUB").first.fill("9 600")
    known.get_by_role("checkbox", name="paid_social / studio").check()
    known.get_by_role("button", name="Enter the order").click()
    expect(known.get_by_role("table", name="Orders to contractors")).to_contain_text("8 000")
    known.get_by_text("Move money", exact=True).click()
    known.locator("select[name=giver]").select_option(label="North: paid_social / studio (2 000)")
    known.locator("select[name=taker]").select_option(index=0)
    known.get_by_label("Amount in RUB").last.fill("3 000")
    known.get_by_label("Why", exact=True).last.fill("search is cheaper")
    known.get_by_role("button", name="Move", exact=True).click()
    expect(known.get_by_role("alert")).to_contain_text("can give 2 000.00 RUB")
    known.get_by_label("Amount in RUB").last.fill("1 500")
    known.get_by_role("button", name="Move", exact=True).click()
    expect(known.get_by_role("status")).to_contain_text("The money is moved")
    known.goto(f"{address}/media-plans?month={MONTH}")
    expect(known.get_by_role("row", name="North")).to_contain_text("8 000")


def test_the_calendar_is_reached_by_keyboard(known: Page, address: str) -> None:
    known.goto(f"{address}/calendar?month={MONTH}")
    known.get_by_role("link", name="Enter an event").click()
    known.get_by_label("Title").fill("Black Friday")
    known.get_by_label("From").fill(f"{MONTH}-10")
    known.get_by_label("To").fill(f"{MONTH}-12")
    known.get_by_role("button", name="Enter the event").click()
    bar = known.get_by_role("link", name="Promotion: Black Friday, All dealers")
    expect(bar).to_be_visible()
    flight = known.get_by_role("link", name="Flight: paid_search").first
    flight.focus()
    known.keyboard.press("Enter")
    expect(known).to_have_url(f"{address}/media-plans/north/{MONTH}")


def test_items_are_changed_without_scripts(address: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    follow_admin_link(page, address)
    page.goto(f"{address}/media-plans/south/{MONTH}")
    page.get_by_role("button", name="Begin the media plan").click()
    page.get_by_label("Channel, 1", exact=True).fill("radio")
    page.get_by_label("Budget, 1", exact=True).fill("9 000")
    page.get_by_role("button", name="Add one", exact=True).click()
    expect(page.get_by_label("Channel, 1", exact=True)).to_have_value("radio")
    page.get_by_label("Channel, 2", exact=True).fill("tv")
    page.get_by_role("button", name="Keep the items").last.click()
    expect(page.get_by_role("status")).to_contain_text("The items are kept")
    expect(page.get_by_label("Channel, 2", exact=True)).to_have_value("tv")
    context.close()


@pytest.mark.parametrize("place", ["/media-plans", f"/media-plans/north/{MONTH}", "/media-plans/rules", "/calendar"])
def test_each_page_fits_each_screen(known: Page, address: str, place: str) -> None:
    known.goto(f"{address}{place}")
    for width in (360, 2560):
        known.set_viewport_size({"width": width, "height": 800})
        assert known.evaluate("document.documentElement.scrollWidth") <= width
