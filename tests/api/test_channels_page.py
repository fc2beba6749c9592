"""The pages of channels in a real browser: down to a journey, picked rows in the chart, models beside each other."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.api.test_page import EVENTS, column
from tests.attribution.world import World
from tests.told import told_services

pytestmark = pytest.mark.browser

PERIOD = "from=2026-01-01&to=2026-03-31"


def tell(world: World) -> None:
    world.tell(EVENTS)
    world.attribute()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with told_services(tmp_path_factory.mktemp("channels"), tell) as services, listening(services) as place:
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


def test_a_click_on_a_row_goes_down_to_a_journey_and_the_way_leads_back(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("row", name="vk").locator("td").nth(2).click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by campaign")
    assert column(known) == ["(none)", "=1+1"]  # all of the cost, and all of the sales
    for name in ("=1+1", "(none)", "(none)"):
        known.get_by_role("link", name=name, exact=True).click()
    expect(known.get_by_role("heading", level=1)).to_have_text("Conversions behind the figures")
    assert column(known) == ["Sale d3", "Lead l3"]
    known.get_by_role("link", name="Sale d3").click()
    expect(known.get_by_role("img", name="When the touches were")).to_be_visible()
    way = known.get_by_role("navigation", name="The way here")
    expect(way.get_by_role("listitem")).to_have_count(6)
    way.get_by_role("link", name="Source: vk").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by campaign")
    known.get_by_role("navigation", name="The way here").get_by_role("link", name="All").click()
    assert column(known) == ["vk", "yandex", "radio", "avito"]


def test_the_chart_follows_the_boxes_and_the_address_says_which(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("checkbox", name="Draw radio").check()
    expect(known.locator("tr.picked")).to_have_count(1)
    heights = [float(each.get_attribute("height") or 0) for each in known.locator(".band.cost rect").all()]
    assert len([height for height in heights if height]) == 1
    known.get_by_role("checkbox", name="Draw vk").check()
    expect(known.locator("tr.picked")).to_have_count(2)
    assert known.url.count("pick=") == 2
    known.get_by_label("What the chart shows").select_option("cost")
    known.get_by_role("button", name="Draw", exact=True).click()
    expect(known.locator("figure.lines .legend .name")).to_have_text(["vk", "radio"])
    known.get_by_role("link", name="Draw everything").click()
    expect(known.locator("tr.picked")).to_have_count(0)


def test_a_condition_is_set_by_hand_and_taken_away(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_label("Condition on").select_option("dealer")
    known.get_by_role("button", name="Add a condition").click()
    known.get_by_role("checkbox", name="south").check()
    known.get_by_role("button", name="Apply", exact=True).click()
    expect(known.locator(".chip")).to_contain_text("Dealer is south")
    known.get_by_role("link", name="Remove the condition on Dealer").click()
    expect(known.locator(".chip")).to_have_count(0)


def test_sorting_changes_the_address_and_works_without_scripts(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("columnheader", name="Cost", exact=True).get_by_role("button").click()
    assert column(known) == ["yandex", "vk", "radio", "avito"]
    assert "sort=-cost" in known.url
    known.route("**/sort.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("columnheader", name="Leads", exact=True).get_by_role("button").click()
    assert column(known)[0] == "yandex"
    assert "sort=-leads" in known.url


def test_models_are_compared(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("link", name="Models side by side").click()
    known.get_by_label("Measure").select_option("romi")
    known.get_by_label("beside it").nth(1).select_option("markov")
    known.get_by_role("button", name="Compare").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI by model and source")
    heads = known.locator("thead th").all_inner_texts()
    assert [each for each in heads if each in ("First touch", "Markov")] == ["First touch", "Markov"]


def test_a_view_is_saved_and_opened(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&by=dealer&{PERIOD}")
    known.locator(".saved-here summary").click()
    known.get_by_label("Save what is shown as").fill("Sources of dealers")
    known.get_by_role("button", name="Save view").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by source and dealer")
    known.goto(f"{address}/channels")
    known.locator(".saved-here summary").click()
    known.get_by_role("link", name="Sources of dealers").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by source and dealer")


@pytest.mark.parametrize(
    "path", ["/channels", "/channels/models", "/channels/conversions", "/channels/journeys/sale/d3"]
)
def test_the_pages_fit_each_screen(known: Page, address: str, path: str) -> None:
    known.goto(f"{address}{path}?by=source&by=campaign&{PERIOD}&only=campaign&where=dealer:north|south")
    for width in (360, 2560):
        known.set_viewport_size({"width": width, "height": 800})
        assert known.evaluate("document.documentElement.scrollWidth") <= width
