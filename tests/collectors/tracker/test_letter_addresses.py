"""Addresses of letters in a real browser: they carry the visit's number, once the visitor allows it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.collectors.tracker.dealer_site import POOL, DealerSite

pytestmark = pytest.mark.browser
BODY = """
<a id=mail href="mailto:Sales@dealer.example?subject=Hello"><i>✉</i> sales@dealer.example</a>
<a id=other href="mailto:press@dealer.example">press@dealer.example</a>
"""
NUMBERED = re.compile(r"mailto:sales\+(\d{7})@dealer\.example\?subject=Hello")


@pytest.fixture
def lettered(site: DealerSite) -> DealerSite:
    site.connect(address="sales+{visit}@dealer.example", numbers=POOL)
    site.attributes["emails"] = "sales@dealer.example"
    site.query = "?letters"
    site.bodies[""] = site.bodies["second"] = BODY
    return site


def number_on(page: Page) -> str:
    expect(page.locator("#mail")).to_have_attribute("href", NUMBERED)
    found = NUMBERED.fullmatch(page.locator("#mail").get_attribute("href") or "")
    assert found
    return found[1]


def test_the_visits_number_stands_in_the_address(lettered: DealerSite, page: Page) -> None:
    page.goto(f"{lettered.address}/?utm_source=vk")
    number = number_on(page)
    expect(page.locator("#mail")).to_have_text(f"✉ sales+{number}@dealer.example")
    expect(page.locator("#other")).to_have_attribute("href", "mailto:press@dealer.example")
    page.goto(f"{lettered.address}/second")
    assert number_on(page) == number
    visit = lettered.services.visit_numbers.visit(number)
    assert visit
    assert visit.visitor_id == page.evaluate("closedloop.visit()")


def test_a_telephone_is_leased_only_where_the_page_has_one(lettered: DealerSite, page: Page) -> None:
    lettered.bodies[""] += '<b data-closedloop="visit"></b>'
    lettered.bodies["second"] += '<a data-closedloop="phone" href="tel:+74950000000">+7 (495) 000-00-00</a>'
    page.goto(f"{lettered.address}/")
    number = number_on(page)
    expect(page.locator("[data-closedloop=visit]")).to_have_text(re.compile("[0-9-]{9}"))
    assert not lettered.services.leases.are_any()
    page.goto(f"{lettered.address}/second")
    expect(page.locator("[data-closedloop=phone]")).to_have_text("+7 (900) 000-01-01")
    assert number_on(page) == number


def test_nothing_is_asked_before_consent(lettered: DealerSite, page: Page) -> None:
    lettered.attributes["consent"] = "required"
    page.goto(f"{lettered.address}/")
    page.wait_for_timeout(300)
    expect(page.locator("#mail")).to_have_attribute("href", "mailto:Sales@dealer.example?subject=Hello")
    page.evaluate("closedloop.consent('granted')")
    assert number_on(page)
    page.evaluate("closedloop.consent('denied')")
    assert not page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('_loop'))")
