"""Funnel, lost leads, calls, managers, products, journeys and cohorts in a real browser."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.live import follow_admin_link, listening
from tests.attribution.world import World
from tests.told import told_services

pytestmark = pytest.mark.browser

NOW = datetime.now(UTC)
TODAY = NOW.date()
PAGES = (
    "/funnel",
    "/funnel/lost",
    "/funnel/calls",
    "/managers",
    "/managers/products",
    "/journeys",
    "/journeys/cohorts",
)
HOSTILE = "<b>north</b>"


def ago(days: int, hour: int = 9) -> str:
    return f"{TODAY - timedelta(days=days)}T{hour:02}:00:00Z"


def events() -> dict[str, list[dict[str, Any]]]:
    """Twelve leads of two dealers and managers: nobody dealt with two, and four were sold, two of them by two ways."""
    leads = [
        {"id": f"l{n}", "visitor_id": f"v{n}", "kind": "form", "dealer": HOSTILE if n % 2 else "south",
         "manager": "Ann" if n % 2 else "Bob", "phone": f"+791600000{n:02}", "created_at": ago(40 - n, 10),
         **({"first_response_at": ago(40 - n, 11)} if n > 1 else {})}
        for n in range(12)
    ]  # fmt: skip
    stages = [
        {"id": f"d{n}-{stage}", "deal_id": f"d{n}", "lead_id": f"l{n}", "stage": stage, "product": "Vesta",
         "dealer": HOSTILE if n % 2 else "south", "manager": "Ann" if n % 2 else "Bob", "amount": 900_000,
         "margin": 90_000, "occurred_at": ago(40 - n - day, 12)}
        for n in range(4, 8)
        for stage, day in (("qualified", 1), ("visit", 3), ("sale", 9))
    ]  # fmt: skip
    return {
        "touches": [
            *({"id": f"t{n}", "visitor_id": f"v{n}", "session_id": f"s{n}", "source": "yandex", "medium": "cpc",
               "occurred_at": ago(40 - n)} for n in range(12)),
            *({"id": f"u{n}", "visitor_id": f"v{n}", "session_id": f"z{n}", "source": "vk", "medium": "cpc",
               "occurred_at": ago(40 - n - 5)} for n in (4, 5)),
        ],
        "leads": leads,
        "deals": stages,
        "calls": [
            {"id": f"c{n}", "started_at": ago(20 - n, 15), "caller": f"+792500000{n:02}", "called": "+74950000000",
             "status": "missed" if n == 0 else "answered", "operator": "Olga", "talk_s": 60, "dealer": "south"}
            for n in range(4)
        ],
        "spend": [{"date": str(TODAY - timedelta(days=35)), "cost": 40_000, "source": "yandex", "medium": "cpc"}],
    }  # fmt: skip


def tell(world: World) -> None:
    world.tell(events())
    world.attribute()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        told_services(tmp_path_factory.mktemp("analysis"), tell, NOW) as services,
        listening(services) as place,
    ):
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


def open_page(page: Page, address: str, name: str, heading: str) -> None:
    page.goto(f"{address}/views")
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def row(page: Page, table: str, name: str) -> Any:
    return page.get_by_role("region", name=table).get_by_role("row").filter(has_text=name).first


def test_the_funnel_narrows_from_stage_to_stage(known: Page, address: str) -> None:
    open_page(known, address, "Funnel", "Funnel and bottlenecks")
    stages = known.locator(".funnel li:not(.step)")
    assert [text.split("\n")[0] for text in stages.locator(".stage").all_inner_texts()] == [
        "Site visitors", "Leads", "Qualified", "Showroom visit", "Contract", "Sale",
    ]  # fmt: skip
    reached = [text.split("\n")[0] for text in stages.locator(".reached").all_inner_texts()]
    assert reached == ["12", "16", "4", "4", "4", "4"]
    expect(known.locator(".funnel .worst")).to_contain_text("the narrowest place")
    known.get_by_text("As a table").click()
    expect(known.locator("#main .as-table tbody tr").first).to_be_visible()


def test_groups_stand_side_by_side(known: Page, address: str) -> None:
    known.goto(f"{address}/funnel")
    known.get_by_label("Side by side").select_option("dealer")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known).to_have_url(re.compile("by=dealer"))
    expect(row(known, "By dealer", HOSTILE)).to_contain_text("6")
    expect(known.get_by_role("region", name="By dealer").locator("svg.whisker").first).to_be_visible()


def test_lost_leads_lead_to_their_list(known: Page, address: str) -> None:
    known.goto(f"{address}/funnel")
    known.get_by_role("link", name="Lost leads").click()
    table = known.get_by_role("region", name="Where leads are lost: by dealer")
    expect(table.get_by_role("row").nth(1)).to_contain_text("south")
    table.get_by_role("link", name="south").click()
    listed = known.get_by_role("region", name=re.compile("Which nobody has dealt with"))
    expect(listed.get_by_role("rowheader")).to_have_text(["c0", "l0"])
    assert "+7916" not in known.content()
    assert "+7925" not in known.content()
    with known.expect_download() as waited:
        listed.get_by_role("link", name="XLSX").click()
    assert waited.value.suggested_filename.startswith("unprocessed-leads")
    listed.get_by_role("link", name="of all dealers").click()
    expect(listed.get_by_role("rowheader")).to_have_text(["c0", "l1", "l0"])


def test_hours_are_shaded(known: Page, address: str) -> None:
    known.goto(f"{address}/funnel/lost")
    known.get_by_label("Hours shaded by").select_option("leads")
    known.get_by_role("button", name="Show", exact=True).click()
    heat = known.get_by_role("table", name="Leads by weekday and hour")
    expect(heat.get_by_role("row")).to_have_count(8)
    assert heat.locator("td.l9").count() >= 1
    expect(heat.locator("td.l9").first).to_have_attribute("title", re.compile(r"\d\d:00–\d\d:59: \d"))


def test_calls_by_hour_and_who_answers(known: Page, address: str) -> None:
    known.goto(f"{address}/funnel/calls")
    expect(known.get_by_role("img", name=re.compile("Calls an hour"))).to_be_visible()
    expect(known.locator('.hour[title*="15:00"]')).to_have_attribute("title", re.compile("25.0% unanswered"))
    known.locator("select[name=by]").select_option("operator")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(row(known, "Calls by operator", "Olga")).to_contain_text("4")
    expect(known.get_by_role("region", name="Junk by channel")).to_be_visible()


def test_managers_and_products(known: Page, address: str) -> None:
    open_page(known, address, "Managers and products", "Managers")
    expect(row(known, "What each brought", "Ann")).to_contain_text("33.3%")
    known.get_by_label("Dealer").select_option("south")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known.get_by_role("region", name="What each brought").locator("tbody tr").first).to_contain_text("Bob")
    assert "Ann" not in known.locator("tbody").inner_text()
    known.get_by_role("link", name="Products", exact=True).click()
    expect(row(known, "What each brought", "Vesta")).to_contain_text("3 600 000")


def test_paths_and_what_assisted(known: Page, address: str) -> None:
    open_page(known, address, "Journeys", "Journeys")
    known.get_by_label("Steps are").select_option("source")
    known.get_by_role("button", name="Show", exact=True).click()
    paths = known.get_by_role("region", name="Top paths").locator("tbody tr")
    expect(paths).to_have_count(2)
    texts = sorted(" ".join(text.split()) for text in paths.locator(".path").all_inner_texts())
    assert texts == ["yandex", "yandex → vk"]
    assisted = row(known, "Assisted and closed", "vk")
    expect(assisted.get_by_role("cell").nth(4)).to_have_text("2")
    expect(row(known, "Time to convert", "8–14 days")).to_contain_text("4")


def test_cohorts_by_month_of_the_first_touch(known: Page, address: str) -> None:
    known.goto(f"{address}/journeys")
    known.get_by_role("link", name="Cohorts and LTV").click()
    expect(known.get_by_role("heading", level=2).first).to_have_text(
        "Margin per person so far, by month of the first touch"
    )
    assert known.locator("table.heat tbody tr").count() >= 1
    expect(row(known, "What one person is worth", "paid_search")).to_contain_text("360 000")
    known.get_by_label("Shaded by").select_option("sales")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known.get_by_role("heading", level=2).first).to_contain_text("Sales, by month")


@pytest.mark.parametrize("path", PAGES)
def test_a_period_with_nothing_says_what_to_do(known: Page, address: str, path: str) -> None:
    known.goto(f"{address}{path}?from=2020-01-01&to=2020-01-31")
    expect(known.locator("section.message h2")).to_be_visible()
    expect(known.locator("section.message p").first).to_contain_text(re.compile("[Cc]hoose a longer period"))


@pytest.mark.parametrize("path", PAGES)
def test_each_page_fits_each_screen_and_explains_itself(known: Page, address: str, path: str) -> None:
    known.goto(f"{address}{path}")
    for width in (360, 2560):
        known.set_viewport_size({"width": width, "height": 800})
        assert known.evaluate("document.documentElement.scrollWidth") <= width
    known.get_by_text("What these figures mean").click()
    expect(known.locator(".meanings dd").first).to_be_visible()
    levels = [int(name[1]) for name in known.locator("h1, h2, h3").evaluate_all("all => all.map(each => each.tagName)")]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize(
    "asked",
    ["/funnel?by=colour", "/funnel/lost?shown=colour", "/funnel/lost?late_minutes=0", "/funnel/calls?by=colour",
     "/managers?rate=colour", "/journeys?kind=colour", "/journeys/cohorts?by=colour", "/funnel?period=never"],
)  # fmt: skip
def test_a_wrong_address_says_what_there_is(known: Page, address: str, asked: str) -> None:
    answer = known.goto(f"{address}{asked}")
    assert answer
    assert answer.status in (400, 422)
    expect(known.get_by_role("link", name=re.compile("Back to"))).to_be_visible()
