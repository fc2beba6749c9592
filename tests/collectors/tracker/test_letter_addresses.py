"""Visitors' codes in a real browser: shown on the page, put into addresses, and tied to what they are named in."""

import pytest
from playwright.sync_api import Page, expect

from tests.collectors.tracker.conftest import NewVisitor
from tests.collectors.tracker.dealer_site import DealerSite

pytestmark = pytest.mark.browser
BODY = """
<p>Your code: <b id=code data-closedloop=code></b></p>
<a id=mail href="mailto:Sales@dealer.example?subject=Hello"><i>✉</i> sales@dealer.example</a>
<a id=other href="mailto:press@dealer.example">press@dealer.example</a>
"""


@pytest.fixture
def coded(site: DealerSite) -> DealerSite:
    site.connect(address="sales+{code}@dealer.example")
    site.attributes["emails"] = "sales@dealer.example"
    site.query = "?codes"
    site.bodies[""] = site.bodies["second"] = BODY
    return site


def code_on(page: Page) -> str:
    expect(page.locator("#code")).not_to_be_empty()
    return page.locator("#code").inner_text()


def test_the_code_is_shown_and_stands_in_the_address(coded: DealerSite, page: Page) -> None:
    page.goto(f"{coded.address}/?utm_source=vk")
    code = code_on(page)
    expect(page.locator("#mail")).to_have_attribute("href", f"mailto:sales+{code}@dealer.example?subject=Hello")
    expect(page.locator("#mail")).to_have_text(f"✉ sales+{code}@dealer.example")
    expect(page.locator("#other")).to_have_attribute("href", "mailto:press@dealer.example")
    page.goto(f"{coded.address}/second")
    assert code_on(page) == code
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b id=late data-closedloop=code></b>')")
    expect(page.locator("#late")).to_have_text(code)


def test_visitors_have_different_codes_and_a_named_one_ties_its_visitor(
    coded: DealerSite, new_visitor: NewVisitor
) -> None:
    one, other = (new_visitor().new_page() for _ in range(2))
    for page in (one, other):
        page.goto(f"{coded.address}/?utm_source=vk")
    assert code_on(one) != code_on(other)
    visitor = one.evaluate("closedloop.visit()")
    (touch,) = [each for each in coded.await_lines("touches", 2) if each["visitor_id"] == visitor]
    sale = {"id": "s", "deal_id": "d", "stage": "sale", "occurred_at": coded.services.clock.now()}
    coded.services.intake.accept("deals", [sale | {"visit_code": code_on(one)}])
    (deal,) = coded.await_lines("deals", 1)
    assert deal["visitor_id"] == touch["visitor_id"]


def test_nothing_is_asked_before_consent(coded: DealerSite, page: Page) -> None:
    coded.attributes["consent"] = "required"
    page.goto(f"{coded.address}/")
    page.wait_for_timeout(300)
    expect(page.locator("#code")).to_be_empty()
    page.evaluate("closedloop.consent('granted')")
    assert code_on(page)
    page.evaluate("closedloop.consent('denied')")
    assert not page.evaluate("Object.keys(localStorage).some((name) => name.startsWith('_loop'))")
