"""The pages of contractors in a real browser, before a service as a user starts it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from playwright.sync_api import Page, expect

from tests.api.cli.closedloop import closedloop, serving
from tests.api.test_dealers_in_browser import TODAY, ago, events
from tests.api.test_page import await_fresh, send

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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("contractors")
    (folder / "holding.json").write_bytes(orjson.dumps(REFERENCE))
    told = closedloop(folder, "reference", "set", "holding.json")
    assert told.code == 0, told.problems
    with serving(folder, CLOSEDLOOP_TIMEZONE="UTC") as (_, place):
        for family, each in events().items():
            send(place, family, each)
        await_fresh(place)
        yield place


@pytest.fixture
def known(page: Page, address: str) -> Page:
    page.goto(f"{address}/?key=r")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Contractors").click()
    return page


def test_claims_stand_beside_what_was_measured(known: Page) -> None:
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


@pytest.mark.parametrize("width", [360, 2560])
@pytest.mark.parametrize("path", ["/contractors", "/contractors/search%2Fco"])
def test_the_page_never_scrolls_sideways(known: Page, address: str, width: int, path: str) -> None:
    known.set_viewport_size({"width": width, "height": 900})
    known.goto(f"{address}{path}")
    assert known.evaluate("document.documentElement.scrollWidth") <= width
