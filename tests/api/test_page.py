"""The report page in a real browser, before a service as a user starts it."""

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.cli.closedloop import serving
from tests.api.live import follow_admin_link

pytestmark = pytest.mark.browser

WRITE = {"Authorization": "Bearer w"}
READ = {"Authorization": "Bearer r"}
PERIOD = "from=2026-01-01&to=2026-03-31"
HOSTILE = "<script>document.title='taken'</script>"


def visit(number: int, day: str, source: str, **fields: str) -> dict[str, Any]:
    return {
        "id": f"t{number}", "visitor_id": f"v{number}", "session_id": f"s{number}", "source": source, "medium": "cpc",
        "occurred_at": f"{day}T09:00:00Z",
    } | fields  # fmt: skip


def lead(number: int, day: str, dealer: str) -> dict[str, Any]:
    return {
        "id": f"l{number}", "visitor_id": f"v{number}", "kind": "form", "dealer": dealer,
        "created_at": f"{day}T10:00:00Z",
    }  # fmt: skip


def sale(number: int, day: str, dealer: str, amount: int) -> dict[str, Any]:
    return {
        "id": f"d{number}", "deal_id": f"d{number}", "lead_id": f"l{number}", "stage": "sale", "dealer": dealer,
        "amount": amount, "margin": amount // 10, "occurred_at": f"{day}T12:00:00Z",
    }  # fmt: skip


EVENTS: dict[str, list[dict[str, Any]]] = {
    "touches": [
        visit(1, "2026-01-10", "yandex", campaign=HOSTILE),
        visit(2, "2026-01-12", "yandex", campaign="spring"),
        visit(3, "2026-03-02", "vk", campaign="=1+1"),
        visit(4, "2026-03-05", "avito"),
    ],
    "leads": [
        lead(1, "2026-01-10", "north"), lead(2, "2026-01-12", "south"), lead(3, "2026-03-02", "north"),
        lead(4, "2026-03-05", "south"),
    ],
    "deals": [sale(1, "2026-01-20", "north", 900_000), sale(3, "2026-03-20", "north", 2_000_000)],
    "spend": [
        {"date": "2026-01-10", "cost": 30_000, "source": "yandex", "medium": "cpc"},
        {"date": "2026-03-02", "cost": 10_000, "source": "vk", "medium": "cpc"},
        {"date": "2026-03-03", "cost": 5_000, "source": "radio", "medium": "offline"},
    ],
}  # fmt: skip


def send(address: str, family: str, events: list[dict[str, Any]]) -> None:
    answer = httpx.post(f"{address}/collect/{family}", json=events, headers=WRITE, timeout=60)
    assert answer.json() == {"accepted": len(events), "duplicates": 0, "rejected": []}


def await_fresh(address: str) -> None:
    for _ in range(300):
        if httpx.get(f"{address}/api/status", headers=READ, timeout=60).json()["fresh"]:
            return
        time.sleep(0.1)
    raise TimeoutError("the report does not become fresh")


def reported(address: str, asked: str) -> dict[str, Any]:
    answer = httpx.get(f"{address}/api/reports/romi?{asked}", headers=READ, timeout=60)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("page")) as (_, place):
        for family, events in EVENTS.items():
            send(place, family, events)
        await_fresh(place)
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    """A page of somebody who followed the admin link."""
    follow_admin_link(lasting_page, address)
    return lasting_page


def column(page: Page, place: int = 0) -> list[str]:
    return page.locator(f"tbody tr > :nth-child({place + 1})").all_inner_texts()


def figures(page: Page, title: str) -> list[str]:
    """A column of the table by its title, the total last."""
    place = page.locator("thead th").all_inner_texts().index(title)
    return [*column(page, place), page.locator(f"tfoot tr > :nth-child({place + 1})").inner_text()]


def test_a_stranger_is_led_to_sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/channels?by=source")
    expect(page.get_by_role("heading")).to_have_text("Sign in")
    assert page.locator("[name=next]").input_value() == "/channels?by=source"
    page.goto(f"{address}/?key=wrong")
    expect(page.get_by_role("alert")).to_contain_text("The key of this admin link is wrong")


def test_the_key_stays_neither_in_the_address_nor_in_the_cookie(page: Page, address: str) -> None:
    page.goto(f"{address}/?key=r")
    expect(page).to_have_url(f"{address}/overview")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert len(cookie["value"]) > 40


def test_an_empty_service_says_what_comes_next_and_shows_the_first_figures_by_itself(
    page: Page, tmp_path: Path
) -> None:
    with serving(tmp_path) as (_, address):
        page.goto(f"{address}/?key=r")
        expect(page.get_by_role("heading")).to_have_text("No report yet")
        expect(page.get_by_text("closedloop collect leads.csv")).to_be_visible()
        send(address, "spend", EVENTS["spend"])
        expect(page.get_by_role("heading", level=1)).to_have_text("Overview", timeout=30_000)
        page.goto("about:blank")  # it would ask the service that ends here


def test_the_table_shows_the_reports_figures(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}&sort=-cost")
    assert column(known) == ["yandex", "vk", "radio", "avito"]
    assert figures(known, "Cost") == ["30 000", "10 000", "5 000", "0", "45 000"]
    assert figures(known, "Leads") == ["2", "1", "0", "1", "4"]
    assert figures(known, "CPL") == ["15 000", "10 000", "—", "0", "11 250"]
    assert figures(known, "Revenue") == ["900 000", "2 000 000", "0", "0", "2 900 000"]
    assert figures(known, "ROMI") == ["200.0%", "1 900.0%", "-100.0%", "—", "544.4%"]
    totals = reported(address, f"by=source&{PERIOD}")["totals"]
    assert (totals["cost"], totals["leads"], totals["margin"]) == (45_000, 4, 290_000)
    cards = dict(zip(*(known.locator(f".card {tag}").all_inner_texts() for tag in ("span", "b")), strict=True))
    assert cards["ROMI"] == "544.4%"
    assert cards["Cost"] == "45 000"


def test_a_column_is_sorted_by_a_click_and_missing_values_stay_last(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}&sort=-cost")
    head = known.get_by_role("columnheader", name="ROMI")
    head.get_by_role("button").click()
    assert column(known) == ["vk", "yandex", "radio", "avito"]
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").click()
    assert column(known) == ["radio", "yandex", "vk", "avito"]
    expect(head).to_have_attribute("aria-sort", "ascending")


def test_a_column_is_sorted_by_the_keyboard(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    known.get_by_role("button", name="source").focus()
    known.keyboard.press("Enter")
    assert column(known) == ["avito", "radio", "vk", "yandex"]
    known.keyboard.press("Tab")
    known.keyboard.press("Space")
    assert column(known) == ["yandex", "vk", "radio", "avito"]
    expect(known.locator("[aria-sort]")).to_have_text(["Cost"])


def test_the_pickers_ask_for_another_report(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?{PERIOD}")
    known.get_by_label("Group by").select_option("dealer")
    known.get_by_label("then by").select_option("month")
    known.get_by_label("Model").select_option("First touch")
    known.get_by_label("By date of").select_option("touch")
    known.get_by_label("Share cost without a dealer").select_option("evenly")
    known.get_by_role("textbox", name="To", exact=True).fill("2026-02-28")
    known.get_by_role("button", name="Show", exact=True).click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by dealer and month")
    expect(known.get_by_text("Credit by first touch, at the date of the touch")).to_be_visible()
    expect(known.get_by_text("Cost that names no dealer is shared out evenly.")).to_be_visible()
    asked = "by=dealer,month&model=first&calendar=touch&share=even&from=2026-01-01&to=2026-02-28&sort=-romi"
    items = reported(address, asked)["items"]
    shown = zip(column(known, 0), column(known, 1), figures(known, "Leads")[:-1], strict=True)
    assert list(shown) == [(row["dealer"], row["month"], str(row["leads"])) for row in items]
    assert figures(known, "Cost") == ["15 000", "15 000", "0", "30 000"]  # site visits name no dealer
    expect(known.get_by_label("then by")).to_have_value("month")
    expect(known.get_by_label("Model")).to_have_value("first")


def test_a_period_is_chosen_by_a_link_and_the_rest_is_kept(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&model=linear&{PERIOD}")
    known.get_by_role("link", name="this year").click()
    year = time.strftime("%Y")
    expect(known.get_by_label("From")).to_have_value(f"{year}-01-01")
    expect(known.get_by_label("Model")).to_have_value("linear")
    expect(known.get_by_label("Group by")).to_have_value("source")


def test_what_is_exported_is_what_is_shown(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&by=campaign&{PERIOD}")
    with known.expect_download() as waited:
        known.get_by_role("link", name="CSV").click()
    assert waited.value.suggested_filename == "romi-source-campaign.csv"
    with waited.value.path().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["source"] for row in rows] == column(known)
    assert [f"{float(row['cost']):,.0f}".replace(",", " ") for row in rows] == figures(known, "Cost")[:-1]


def test_the_chart_has_a_bar_for_each_step_and_tells_its_figures(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?{PERIOD}")
    assert known.locator(".band.cost rect").count() == known.locator(".step").count() == 11  # weeks of 5 Jan to 16 Mar
    heights = [float(each.get_attribute("height") or 0) for each in known.locator(".band.cost rect").all()]
    assert [place for place, height in enumerate(heights) if height] == [0, 8]
    assert heights[0] == pytest.approx(2 * heights[8], abs=0.2)
    tip = known.locator(".step .tip").first
    expect(tip).to_be_hidden()
    known.locator(".step rect").first.hover()
    expect(tip).to_be_visible()
    assert " ".join(tip.inner_html().split()) == "week of 05 Jan 2026: Cost 30 000 Revenue 0 ROMI -100.0%"


def test_texts_from_events_are_only_texts(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=campaign&{PERIOD}")
    assert HOSTILE in column(known)
    expect(known).to_have_title("ROMI and CPL by campaign · Closed Loop")


def test_a_period_with_nothing_says_so(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?from=2020-01-01&to=2020-01-31")
    expect(known.get_by_role("heading", name="Nothing in this period")).to_be_visible()
    expect(known.locator("svg")).to_have_count(0)


@pytest.mark.parametrize(("asked", "message"), [
    ("from=tomorrow", "'tomorrow' is no date."),
    ("by=colour", "There is no grouping 'colour'."),
    ("by=source&by=source", "A report has from one to four groupings, each once."),
    ("from=2026-02-01&to=2026-01-01", "The period ends before it begins."),
    ("model=magic", "There is no model 'magic'."),
])  # fmt: skip
def test_a_wrong_address_is_explained_and_leads_back(known: Page, address: str, asked: str, message: str) -> None:
    known.goto(f"{address}/channels?{asked}")
    expect(known.get_by_role("heading", level=1)).to_have_text(message)
    known.get_by_role("link", name="Back to Channels").click()
    expect(known.get_by_role("heading", level=1)).to_have_text("ROMI and CPL by channel")


def test_the_page_fits_each_screen(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&by=campaign&{PERIOD}")
    for width in (360, 768, 1440, 2560):
        known.set_viewport_size({"width": width, "height": 800})
        assert known.evaluate("document.documentElement.scrollWidth") <= width


def test_a_newer_report_is_offered(known: Page, address: str) -> None:
    known.goto(f"{address}/channels?by=source&{PERIOD}")
    expect(known.get_by_role("status")).to_have_text("Holds everything accepted so far.")
    send(address, "spend", [{"date": "2026-03-10", "cost": 700, "source": "dzen", "medium": "cpc"}])
    expect(known.get_by_role("status")).to_have_text("A newer report is ready. Show it", timeout=30_000)
    known.get_by_role("link", name="Show it").click()
    expect(known.get_by_role("row", name="dzen")).to_be_visible()
    assert figures(known, "Cost")[-1] == "45 700"
