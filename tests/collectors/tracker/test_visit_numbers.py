"""Visit numbers in a real browser: shown where the page asks for it, and put into forms."""

import pytest
from playwright.sync_api import Page, expect

from collectors.visits.number import read_number
from tests.collectors.tracker.conftest import NewVisitor
from tests.collectors.tracker.dealer_site import DealerSite

pytestmark = pytest.mark.browser
SHOWN = 'Tell us your number: <b data-closedloop="visit"></b>'
FORM = '<form action="/form-target" method="post"><input type="tel" name="phone"><button>Send</button></form>'


def shown_on(page: Page) -> str:
    place = page.locator("[data-closedloop=visit]")
    expect(place).not_to_be_empty()
    return place.inner_text()


def test_the_page_shows_the_number_of_its_visit(site: DealerSite, page: Page) -> None:
    site.bodies |= {"a": SHOWN, "b": SHOWN}
    page.goto(f"{site.address}/a")
    said = shown_on(page)
    (touch,) = site.await_lines("touches", 1)
    known = site.services.visit_numbers.visit(read_number(said))
    assert known
    assert (known.visitor_id, known.session_id) == (touch["visitor_id"], touch["session_id"])
    page.goto(f"{site.address}/b")
    assert shown_on(page) == said


def test_each_visitor_has_a_number_of_its_own(site: DealerSite, new_visitor: NewVisitor) -> None:
    site.bodies["a"] = SHOWN
    said = set()
    for _ in range(2):
        page = new_visitor().new_page()
        page.goto(f"{site.address}/a")
        said.add(shown_on(page))
    assert len(said) == 2


def test_forms_take_the_number_with_them(site: DealerSite, page: Page) -> None:
    site.bodies["a"] = FORM
    page.goto(f"{site.address}/a")
    expect(page.locator("[name=closedloop_number]")).not_to_have_value("")
    page.locator("[name=phone]").fill("+79000000001")
    page.get_by_role("button").click()
    page.wait_for_url("**/form-target")
    (sent,) = site.posted
    known = site.services.visit_numbers.visit(read_number(sent["closedloop_number"]))
    assert known
    assert known.visitor_id == sent["closedloop_visit"]
    (lead,) = site.await_lines("leads", 1)
    assert lead["session_id"] == known.session_id


def test_no_number_is_drawn_for_a_page_that_needs_none_or_a_visitor_who_refuses(site: DealerSite, page: Page) -> None:
    site.attributes["consent"] = "required"
    site.bodies |= {"a": FORM + SHOWN, "b": "Nothing to fill in"}
    page.goto(f"{site.address}/a")
    page.evaluate("closedloop.consent('granted')")
    shown_on(page)
    page.evaluate("closedloop.consent('denied')")
    expect(page.locator("[data-closedloop=visit]")).to_be_empty()
    expect(page.locator("[name=closedloop_number]")).to_have_value("")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.post_data or ""))
    page.goto(f"{site.address}/b")
    page.evaluate("closedloop.consent('granted')")
    site.await_that(lambda: any('"events"' in body for body in asked), "a request")
    assert not any('"lease":' in body for body in asked)
