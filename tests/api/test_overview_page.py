"""The overview in a real browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.attribution.world import World
from tests.told import told_services

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
TODAY = NOW.date()


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def events() -> dict[str, list[dict[str, Any]]]:
    """In the last 30 days 40 000 for four leads and a sale; in those before, 20 000 for four leads and two sales."""
    days = (5, 8, 12, 20, 35, 38, 41, 50)
    sold = (3, 5, 6)
    return {
        "touches": [
            {"id": f"t{n}", "visitor_id": f"v{n}", "session_id": f"s{n}", "source": "yandex", "medium": "cpc",
             "occurred_at": f"{ago(day)}T09:00:00Z"}
            for n, day in enumerate(days)
        ],
        "leads": [
            {"id": f"l{n}", "visitor_id": f"v{n}", "kind": "form", "dealer": "north" if n % 2 else "south",
             "created_at": f"{ago(day)}T10:00:00Z"}
            for n, day in enumerate(days)
        ],
        "deals": [
            {"id": f"d{n}", "deal_id": f"d{n}", "lead_id": f"l{n}", "stage": "sale", "dealer": "north",
             "amount": 900_000, "margin": 90_000, "occurred_at": f"{ago(days[n] - 2)}T12:00:00Z"}
            for n in sold
        ],
        "spend": [
            {"date": ago(6), "cost": 40_000, "source": "yandex", "medium": "cpc"},
            {"date": ago(40), "cost": 20_000, "source": "yandex", "medium": "cpc"},
        ],
    }  # fmt: skip


def tell(world: World) -> None:
    world.tell(events())
    world.attribute()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        told_services(tmp_path_factory.mktemp("overview"), tell, NOW) as services,
        listening(services) as place,
    ):
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    lasting_page.goto(f"{address}/overview")
    return lasting_page


def tile(page: Page, title: str) -> Any:
    return page.locator(".tile").filter(has=page.get_by_role("heading", name=title, exact=True))


def test_the_overview_is_the_first_page_of_the_navigation(known: Page, address: str) -> None:
    known.goto(f"{address}/views")
    known.get_by_role("navigation", name="Pages").get_by_role("link", name="Overview").click()
    expect(known).to_have_url(f"{address}/overview")
    expect(known.get_by_role("heading", level=1)).to_have_text("Overview")
    assert known.get_by_role("navigation", name="Pages").get_by_role("link").first.inner_text() == "Overview"
    expect(known.locator("#freshness")).to_have_text("Holds everything accepted so far.")


def test_each_tile_has_its_figure_and_how_it_changed(known: Page) -> None:
    assert known.locator(".tile h2").all_inner_texts() == [
        "Cost", "Leads", "Showroom visits", "Sales", "Revenue", "Margin", "CPL", "CPS", "ROMI", "DRR",
    ]  # fmt: skip
    expect(tile(known, "Cost").locator(".value")).to_have_text("40 000")
    expect(tile(known, "Cost").locator(".comparison")).to_contain_text("100.0%")
    expect(tile(known, "Cost").locator(".comparison")).to_have_class(re.compile(r"^comparison\s*$"))
    expect(tile(known, "CPL").locator(".value")).to_have_text("10 000")
    expect(tile(known, "CPL").locator(".comparison")).to_have_class("comparison bad")
    expect(tile(known, "Sales").locator(".comparison")).to_contain_text("50.0%")
    expect(tile(known, "ROMI").locator(".value")).to_have_text("125.0%")
    expect(tile(known, "ROMI").locator(".comparison")).to_contain_text("675.0 pp")
    expect(tile(known, "Leads").locator(".comparison")).to_contain_text("no change")
    assert known.locator(".tile .spark polyline").count() >= 10


def test_help_opens_by_the_keyboard_and_shows_the_formula(known: Page) -> None:
    told = tile(known, "CPL").locator("details p")
    expect(told).to_be_hidden()
    tile(known, "CPL").get_by_role("link", name="CPL").focus()
    known.keyboard.press("Tab")
    known.keyboard.press("Enter")
    expect(told).to_be_visible()
    expect(told).to_contain_text("CPL = cost / leads")
    known.keyboard.press("Enter")
    expect(told).to_be_hidden()


def test_a_tiles_name_draws_its_line(known: Page) -> None:
    tile(known, "CPL").get_by_role("link", name="CPL").click()
    expect(known.get_by_role("heading", name="CPL by day")).to_be_visible()
    expect(known.get_by_label("Line of")).to_have_value("cpl")
    assert known.locator(".moment").count() == 30
    known.locator(".moment").nth(24).hover()
    expect(known.locator(".tip").nth(24)).to_be_visible()
    known.get_by_text("As a table").click()
    expect(known.locator(".as-table tbody tr")).to_have_count(30)


def test_periods_are_chosen_by_links_and_by_dates(known: Page) -> None:
    known.get_by_role("link", name="Last 7 days").click()
    expect(known.get_by_label("From")).to_have_value(ago(6))
    expect(known.get_by_role("link", name="Last 7 days")).to_have_attribute("aria-current", "true")
    known.get_by_label("From").fill(ago(59))
    known.get_by_role("textbox", name="To", exact=True).fill(ago(30))
    known.locator("select[name=step]").select_option("week")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(tile(known, "Cost").locator(".value")).to_have_text("20 000")
    assert known.locator(".moment").count() == 5
    expect(known.get_by_role("heading", name="Revenue by week")).to_be_visible()


def test_what_needs_attention_leads_to_where_one_acts(known: Page) -> None:
    section = known.get_by_role("region", name="What needs attention now")
    expect(section.get_by_text("Leads without a response for 24 hours", exact=True)).to_be_visible()
    section.get_by_role("link", name="Where and when").first.click()
    expect(known.get_by_role("heading", name="Lost leads").first).to_be_visible()


def test_a_dealer_leads_to_the_report_on_it(known: Page) -> None:
    known.get_by_role("region", name="Best and worst").get_by_role("link", name="north").first.click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by channel")
    expect(known.get_by_label("Only")).to_have_value("dealer:north")


def test_a_period_with_nothing_says_what_to_do(known: Page, address: str) -> None:
    known.goto(f"{address}/overview?from=2020-01-01&to=2020-01-31")
    expect(known.get_by_role("heading", name="Nothing in this period")).to_be_visible()
    expect(known.get_by_role("link", name="Does each source still send?")).to_be_visible()
    expect(known.locator(".tile")).to_have_count(0)
    expect(known.get_by_role("heading", name="What needs attention now")).to_be_visible()


def test_a_wrong_address_leads_back(known: Page, address: str) -> None:
    known.goto(f"{address}/overview?from=tomorrow")
    expect(known.get_by_role("heading", level=1)).to_have_text("'tomorrow' is no date.")
    known.get_by_role("link", name="Back to Overview").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("Overview")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_each_screen(known: Page, scheme: Any) -> None:
    known.emulate_media(color_scheme=scheme)
    for width in (360, 768, 1440, 2560):
        known.set_viewport_size({"width": width, "height": 800})
        assert known.evaluate("document.documentElement.scrollWidth") <= width
        ground = known.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, ground.removeprefix("rgb(").removesuffix(")").split(","))) < 150) == (scheme == "dark")
