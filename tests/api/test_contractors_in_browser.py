"""The pages of contractors in a real browser."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.api.test_dealers_in_browser import NOW, TODAY, ago, events
from tests.attribution.world import World
from tests.told import told_services

pytestmark = pytest.mark.browser

REFERENCE = {
    "contractors": [
        {
            "id": "search/co", "name": "Search Co", "campaigns": [{"source": "yandex"}], "fees": [{"percent": 10}],
            "claimed_budget": "60000", "claimed_romi": 50, "claimed_from": ago(60), "claimed_to": ago(1),
        },
        {"id": "idle", "campaigns": [{"source": "vk"}]},
    ]
}  # fmt: skip


def tell(world: World) -> None:
    world.refer(**REFERENCE)
    world.tell(events())
    world.attribute()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        told_services(tmp_path_factory.mktemp("contractors"), tell, NOW) as services,
        listening(services) as place,
    ):
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    lasting_page.goto(f"{address}/contractors")
    return lasting_page


def test_claims_stand_beside_what_was_measured(known: Page, address: str) -> None:
    known.goto(f"{address}/views")
    known.get_by_role("navigation", name="Pages").get_by_role("link", name="Contractors").click()
    claims = known.get_by_role("region", name="Budget")
    expect(claims.get_by_role("row").nth(1)).to_contain_text("60 000")
    expect(claims.get_by_role("row").nth(1)).to_contain_text("52 800")
    expect(claims.locator("circle.measured")).to_have_count(2)


def test_from_the_ranking_to_a_contractor_and_its_history(known: Page) -> None:
    known.get_by_label("Rank by").select_option("cpl")
    known.get_by_role("button", name="Show").click()
    ranking = known.get_by_role("region", name="Ranking by CPL, pooled")
    ranking.get_by_role("link", name="Search Co").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("Search Co")
    history = known.get_by_role("region", name="CPL month by month, pooled")
    history.get_by_text("As a table").click()
    expect(history.get_by_role("rowheader").last).to_have_text(re.compile(str((TODAY - timedelta(days=20)).year)))
    expect(known.get_by_role("region", name="Dealers it worked for")).to_contain_text("north")
    known.get_by_role("link", name="All contractors", exact=True).click()
    expect(known.get_by_label("Rank by")).to_have_value("cpl")


def test_the_register_holds_who_did_nothing_as_well(known: Page) -> None:
    known.get_by_role("region", name="Register").get_by_role("link", name="idle").click()
    expect(known.get_by_role("heading", name="Nothing in this period")).to_be_visible()


@pytest.mark.parametrize("path", ["/contractors", "/contractors/search%2Fco"])
def test_the_page_never_scrolls_sideways(known: Page, address: str, path: str) -> None:
    known.goto(f"{address}{path}")
    for width in (360, 2560):
        known.set_viewport_size({"width": width, "height": 900})
        assert known.evaluate("document.documentElement.scrollWidth") <= width
