"""The pages of dealers in a real browser."""

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
ODD = 'Север / №1 & <b>"q"</b>?#%2F'
DEALERS = (ODD, "north", "south", "east")
SOLD = {ODD: 10, "north": 4, "south": 5, "east": 1}
ASKED = 12


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def events() -> dict[str, list[dict[str, Any]]]:
    names = [(dealer, n, f"{place}-{n}") for place, dealer in enumerate(DEALERS) for n in range(ASKED)]
    return {
        "touches": [
            {"id": f"t{name}", "visitor_id": f"v{name}", "source": "yandex", "medium": "cpc",
             "occurred_at": f"{ago(20 + n)}T09:00:00Z"}
            for _, n, name in names
        ],
        "leads": [
            {"id": f"l{name}", "visitor_id": f"v{name}", "kind": "form", "dealer": dealer,
             "created_at": f"{ago(20 + n)}T10:00:00Z"}
            for dealer, n, name in names
        ],
        "deals": [
            {"id": f"d{name}", "deal_id": f"d{name}", "lead_id": f"l{name}", "stage": "sale", "dealer": dealer,
             "amount": 900_000, "margin": 90_000, "occurred_at": f"{ago(18 + n)}T12:00:00Z"}
            for dealer, n, name in names if n < SOLD[dealer]
        ],
        "spend": [{"date": ago(25), "cost": 48_000, "source": "yandex", "medium": "cpc"}],
    }  # fmt: skip


def tell(world: World) -> None:
    world.tell(events())
    world.attribute()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        told_services(tmp_path_factory.mktemp("dealers"), tell, NOW) as services,
        listening(services) as place,
    ):
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    lasting_page.goto(f"{address}/dealers")
    return lasting_page


def test_from_the_ranking_to_a_dealer_and_back(known: Page, address: str) -> None:
    known.goto(f"{address}/views")
    known.get_by_role("navigation", name="Pages").get_by_role("link", name="Dealers").click()
    ranking = known.get_by_role("region", name=re.compile("^Ranking by CR lead"))
    expect(ranking.get_by_role("row").nth(1)).to_contain_text(ODD)
    ranking.get_by_role("link", name=ODD).click()
    expect(known.get_by_role("heading", level=1)).to_have_text(ODD)
    sales = known.locator(".tile").filter(has=known.get_by_role("heading", name="Sales"))
    expect(sales.locator(".value")).to_have_text("10")
    expect(known.get_by_role("region", name="Beside the holding and its peers")).to_contain_text("1 of 4")
    known.get_by_label("Compare with").select_option("brand")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known.get_by_role("heading", level=1)).to_have_text(ODD)
    known.get_by_role("link", name="All dealers").click()
    expect(known.get_by_label("Compare with")).to_have_value("brand")


def test_another_measure_is_ranked_at_an_address_that_can_be_shared(known: Page, address: str) -> None:
    known.get_by_label("Rank by").select_option("cps")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known).to_have_url(re.compile("measure=cps"))
    expect(known.get_by_role("region", name=re.compile("^Ranking by CPS"))).to_be_visible()


def test_every_dot_is_reached_by_the_keyboard_and_says_what_it_is(known: Page) -> None:
    dots = known.locator("a.spot")
    assert dots.count() == len(DEALERS)
    for n in range(dots.count()):
        dots.nth(n).focus()
        known.keyboard.press("Shift+Tab")
        known.keyboard.press("Tab")
        expect(dots.nth(n)).to_be_focused()
        expect(dots.nth(n).locator(".tip")).to_be_visible()
    tip = known.locator("a.spot", has_text="Север").locator(".tip")
    expect(tip).to_have_text(f"{ODD}: CPL 1 000, CR lead → sale 83.3%, sales 10")
    known.get_by_text("As a table").click()
    expect(known.locator(".scatter table")).to_contain_text("83.3%")


def test_the_table_is_sorted_by_any_measure(known: Page) -> None:
    table = known.get_by_role("region", name="All measures, as they are")
    for direction in ("descending", "ascending"):
        table.get_by_role("button", name=re.compile("^Sales")).click()
        first = table.locator("tbody").first.get_by_role("row").first
        expect(first).to_contain_text(ODD if direction == "descending" else "east")


@pytest.mark.parametrize("path", ["/dealers", "/dealers/north"])
def test_the_page_never_scrolls_sideways(known: Page, address: str, path: str) -> None:
    known.goto(f"{address}{path}")
    for width in (360, 2560):
        known.set_viewport_size({"width": width, "height": 900})
        assert known.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_refused_by_the_policy(page: Page, address: str) -> None:
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    follow_admin_link(page, address)
    for path in ("/dealers", "/dealers/north"):
        page.goto(f"{address}{path}")
    assert problems == []
