"""Telephone numbers in a real browser: leased to a visit, shown as the page writes them, and tied to calls."""

from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.collectors.tracker.conftest import NewVisitor
from tests.collectors.tracker.dealer_site import POOL, DealerSite

pytestmark = pytest.mark.browser
BODY = """
<a id=link href="tel:+74950000000" data-closedloop=phone>+7 (495) 000-00-00</a>
<p id=text>Call 8 495 000 00 00 or 8 (800) 555-35-35.</p><script id=data type="application/json">"+74950000000"</script>
"""


@pytest.fixture
def pool(site: DealerSite) -> DealerSite:
    site.connect(numbers=POOL)
    site.bodies[""] = site.bodies["second"] = BODY
    return site


def number_of(page: Page) -> str:
    """The number behind the link, once it is no longer the page's own."""
    expect(page.locator("#link")).not_to_have_attribute("href", "tel:+74950000000")
    return str(page.locator("#link").get_attribute("href")).removeprefix("tel:")


def test_a_visit_sees_its_own_number_in_the_pages_own_way(pool: DealerSite, page: Page) -> None:
    page.goto(f"{pool.address}/?utm_source=vk")
    assert number_of(page) == "+79000000101"
    expect(page.locator("#link")).to_have_text("+7 (900) 000-01-01")
    expect(page.locator("#text")).to_have_text("Call 8 900 000 01 01 or 8 (800) 555-35-35.")
    assert page.evaluate("document.querySelector('#data').textContent") == '"+74950000000"'


def test_the_number_stays_on_further_pages_and_in_other_tabs(pool: DealerSite, visitor: BrowserContext) -> None:
    one, other = visitor.new_page(), visitor.new_page()
    one.goto(f"{pool.address}/?utm_source=vk")
    number = number_of(one)
    one.goto(f"{pool.address}/second")
    assert number_of(one) == number
    other.goto(f"{pool.address}/second")
    assert number_of(other) == number


def test_what_the_page_draws_later_is_replaced(pool: DealerSite, page: Page) -> None:
    page.goto(f"{pool.address}/?utm_source=vk")
    number_of(page)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b id=late>+7 495 000-00-00</b>')")
    expect(page.locator("#late")).to_have_text("+7 900 000-01-01")
    page.evaluate("document.querySelector('#link').textContent = '8(495)0000000'")
    expect(page.locator("#link")).to_have_text("8(900)0000101")


def test_numbers_named_in_the_snippet_are_replaced_without_marks(pool: DealerSite, page: Page) -> None:
    pool.attributes["numbers"] = "8 495 000-00-00, 8 800 555 35 35"
    pool.bodies[""] = "<p id=text>8 495 000 00 00, 8 (800) 555-35-35</p><a id=link href='tel:+74950000000'>call</a>"
    page.goto(f"{pool.address}/")
    assert number_of(page) == "+79000000101"
    expect(page.locator("#text")).to_have_text("8 900 000 01 01, 8 (900) 000-01-01")


def test_each_visit_has_a_number_until_the_pool_is_used_up(pool: DealerSite, new_visitor: NewVisitor) -> None:
    pages = [new_visitor().new_page() for _ in range(3)]
    for page in pages[:2]:
        page.goto(f"{pool.address}/")
    assert {number_of(page) for page in pages[:2]} == {"+79000000101", "+79000000102"}
    with pages[2].expect_request(lambda request: "lease" in (request.post_data or "")):
        pages[2].goto(f"{pool.address}/")
    pages[2].wait_for_timeout(300)
    expect(pages[2].locator("#link")).to_have_text("+7 (495) 000-00-00")


def test_the_default_number_is_shown_when_the_pool_is_used_up(site: DealerSite, new_visitor: NewVisitor) -> None:
    site.connect(numbers="+79000000101", default_number="8 800 200-00-00")
    site.bodies[""] = BODY
    first, second = (new_visitor().new_page() for _ in range(2))
    first.goto(f"{site.address}/")
    assert number_of(first) == "+79000000101"
    second.goto(f"{site.address}/")
    assert number_of(second) == "+78002000000"


def test_a_page_without_numbers_leases_none(pool: DealerSite, page: Page) -> None:
    pool.bodies[""] = "nothing"
    page.goto(f"{pool.address}/")
    (touch,) = pool.await_lines("touches", 1)
    assert pool.services.leases.holders([("+79000000101", pool.services.clock.now())]) == [None]
    assert touch["visitor_id"]


def test_a_call_to_the_number_is_of_the_visit_that_saw_it(pool: DealerSite, page: Page) -> None:
    page.goto(f"{pool.address}/?utm_source=vk")
    number = number_of(page)
    (touch,) = pool.await_lines("touches", 1)
    call = {"id": "c1", "started_at": pool.services.clock.now(), "caller": "89000000001", "called": number}
    pool.services.intake.accept("calls", [call])
    (taken,) = pool.await_lines("calls", 1)
    assert (taken["visitor_id"], taken["session_id"]) == (touch["visitor_id"], touch["session_id"])
    now = pool.services.clock.now()
    assert pool.services.leases.record("site", now - timedelta(hours=1), now).served == 1
