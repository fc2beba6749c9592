"""Visits and page views, in a real browser: what is a touch, what is not, and of whom."""

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.collectors.tracker.dealer_site import DealerSite

pytestmark = pytest.mark.browser
STATE = "() => localStorage.getItem('_loop').split('.')"


def visitor_of(page: Page) -> str:
    page.wait_for_function("() => window.closedloop && closedloop.visit && closedloop.visit()")
    return str(page.evaluate("closedloop.visit()"))


def pages(found: list[dict[str, Any]]) -> list[str]:
    return [event["url"].partition("/")[2].partition("/")[2].partition("/")[2] for event in found]


def test_an_ad_click_is_a_touch_with_its_marks_click_ids_and_referrer(site: DealerSite, page: Page) -> None:
    marks = "UTM_Source=Yandex&utm_medium=cpc&utm_campaign=%D0%92%D0%B5%D1%81%D0%BD%D0%B0"
    address = f"{site.address}/monjaro?{marks}&yclid=12345678901234567890&gclid=CjwKCAAbCdEf"
    page.context.add_cookies([
        {"name": "_ym_uid", "value": "1735640000123456789", "url": site.address},
        {"name": "_ga", "value": "GA1.1.111111111.1735640000", "url": site.address},
    ])  # fmt: skip
    page.goto(address, referer="https://yandex.ru/search?text=geely")
    (touch,) = site.await_lines("touches", 1)
    assert (touch["source"], touch["medium"], touch["campaign"]) == ("Yandex", "cpc", "Весна")
    assert touch["click_ids"] == {"yclid": "12345678901234567890", "gclid": "CjwKCAAbCdEf"}
    assert touch["referrer"].startswith("https://yandex.ru/")
    assert touch["url"] == address
    assert touch["visitor_id"] == visitor_of(page)
    assert touch["device"] == "desktop"
    assert touch["properties"] == {
        "title": "monjaro", "collected_from": "site", "ym_uid": "1735640000123456789",
        "ga_client_id": "111111111.1735640000",
    }  # fmt: skip
    assert "192.0.2" not in str(touch)
    assert "127.0.0.1" not in str({name: value for name, value in touch.items() if name != "url"})


def test_further_pages_of_a_visit_are_actions(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/?utm_source=vk")
    (touch,) = site.await_lines("touches", 1)
    page.evaluate("location.href = '/models'")
    (first,) = site.await_lines("actions", 1)
    page.reload()
    site.await_lines("actions", 2)
    page.go_back()
    found = site.await_lines("actions", 3)
    assert [event["name"] for event in found] == ["page"] * 3
    assert pages(found) == ["models", "models", "?utm_source=vk"]
    assert {event["session_id"] for event in found} == {touch["session_id"]}
    assert {event["visitor_id"] for event in found} == {touch["visitor_id"]}
    assert first["properties"]["title"] == "models"
    assert len(site.lines("touches")) == 1


@pytest.mark.parametrize(("address", "referer"), [
    ("/?utm_source=google", ""), ("/?yclid=77", ""), ("/#utm_source=telegram", ""), ("/", "https://www.google.com/"),
])  # fmt: skip
def test_who_comes_from_elsewhere_begins_a_new_visit(site: DealerSite, page: Page, address: str, referer: str) -> None:
    page.goto(f"{site.address}/?utm_source=vk&utm_campaign=a")
    site.await_lines("touches", 1)
    page.goto("about:blank")
    page.goto(f"{site.address}{address}", referer=referer or None)
    first, second = site.await_lines("touches", 2)
    assert first["visitor_id"] == second["visitor_id"]
    assert first["session_id"] != second["session_id"]


@pytest.mark.parametrize(
    "referer", ["inside", "https://pay.yookassa.ru/checkout", "https://x.amocrm.ru/", "https://дилер.рф/"]
)
def test_who_comes_back_from_within_a_payment_or_the_crm_goes_on(site: DealerSite, page: Page, referer: str) -> None:
    site.attributes["ignore"] = "дилер.рф another.example"
    page.goto(f"{site.address}/?utm_source=vk", referer="https://vk.com/")
    (touch,) = site.await_lines("touches", 1)
    page.goto("about:blank")
    page.goto(f"{site.address}/paid", referer=f"{site.address}/cart" if referer == "inside" else referer)
    (view,) = site.await_lines("actions", 1)
    assert view["session_id"] == touch["session_id"]
    assert len(site.lines("touches")) == 1


def test_a_first_visit_from_a_payment_page_has_no_referrer(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/", referer="https://yookassa.ru/")
    (touch,) = site.await_lines("touches", 1)
    assert "referrer" not in touch


def test_half_an_hour_of_silence_ends_a_visit_and_midnight_does_not(site: DealerSite, page: Page) -> None:
    page.clock.install(time="2026-11-24T23:50:00")
    page.goto(f"{site.address}/?utm_source=vk")
    page.clock.run_for(1000)
    (touch,) = site.await_lines("touches", 1)
    page.clock.run_for(20 * 60_000)  # past midnight
    page.evaluate("closedloop.goal('midnight')")
    page.clock.run_for(1000)
    (goal,) = site.await_lines("actions", 1)
    assert goal["session_id"] == touch["session_id"]
    page.clock.run_for(31 * 60_000)
    page.evaluate("closedloop.goal('later')")
    page.clock.run_for(1000)
    touches = site.await_lines("touches", 2)
    assert site.lines("actions")[1]["session_id"] == touches[1]["session_id"] != touch["session_id"]
    assert "referrer" not in touches[1]


def test_a_single_page_site_is_counted_page_by_page_and_none_twice(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/?utm_source=vk&tab=1")
    (touch,) = site.await_lines("touches", 1)
    steps = [
        "history.replaceState({}, '', '/?tab=1')",  # a script that only takes the marks away
        "history.pushState({}, '', '/a'); history.replaceState({n: 1}, '', '/a')",
        "location.hash = 'contacts'",
        "history.pushState({}, '', '/b'); history.pushState({}, '', '/c')",  # a router's redirection
        "location.hash = '#/route'",
        "history.back()",
    ]
    for step in steps:
        page.evaluate(step)
        page.wait_for_timeout(120)
    found = site.await_lines("actions", 4)
    assert pages(found) == ["a", "c", "c#/route", "c"]
    assert {event["session_id"] for event in found} == {touch["session_id"]}
    page.evaluate("history.pushState({}, '', '/?utm_source=partner')")
    assert site.await_lines("touches", 2)[1]["source"] == "partner"


def test_marks_that_a_script_took_away_before_are_found(site: DealerSite, page: Page) -> None:
    site.head = "<script>history.replaceState({}, '', location.pathname)</script>"
    page.goto(f"{site.address}/?utm_source=vk&yclid=5")
    (touch,) = site.await_lines("touches", 1)
    assert (touch["source"], touch["click_ids"]) == ("vk", {"yclid": "5"})


def test_two_tabs_are_one_visit(site: DealerSite, visitor: BrowserContext) -> None:
    one, other = visitor.new_page(), visitor.new_page()
    one.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    other.goto(f"{site.address}/second")
    one.evaluate("closedloop.goal('one')")
    other.evaluate("closedloop.goal('other')")
    found = [*site.await_lines("actions", 3), *site.lines("touches")]
    assert len({event["visitor_id"] for event in found}) == len({event["session_id"] for event in found}) == 1


@pytest.mark.parametrize("cleared", ["cookies", "storage"])
def test_a_visitor_survives_the_loss_of_one_home(site: DealerSite, page: Page, cleared: str) -> None:
    page.goto(f"{site.address}/?utm_source=vk")
    before = visitor_of(page)
    session = page.evaluate(STATE)[1]
    if cleared == "cookies":
        page.context.clear_cookies()
    else:
        page.evaluate("localStorage.clear()")
    page.evaluate("location.href = '/next'")
    (view,) = site.await_lines("actions", 1)
    assert (view["visitor_id"], view["session_id"]) == (before, session)
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert cookies["closedloop_visit"] == before
    assert cookies["_loop"] == page.evaluate("localStorage.getItem('_loop')")


def test_a_wrong_clock_is_corrected_by_the_servers(site: DealerSite, page: Page) -> None:
    page.clock.install(time="2031-05-01T12:00:00Z")
    page.goto(f"{site.address}/")
    page.clock.run_for(100)
    (touch,) = site.await_lines("touches", 1)
    year = site.services.clock.now().year
    assert touch["occurred_at"].startswith(str(year))


def test_a_page_that_was_kept_whole_is_seen_again(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/a")
    site.await_lines("touches", 1)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert pages(site.await_lines("actions", 1)) == ["a"]


def test_the_script_twice_in_a_page_counts_once(site: DealerSite, page: Page) -> None:
    site.head = f'<script async src="{site.tracker}/t.js" data-key="{site.attributes["key"]}"></script>'
    page.goto(f"{site.address}/a")
    site.await_lines("touches", 1)
    page.evaluate("closedloop.goal('x')")
    site.await_lines("actions", 1)
