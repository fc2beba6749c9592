"""From the visit to the seller's card: an ad, a form, a lead in the CRM with the number, and what is behind it."""

import time
from datetime import UTC, datetime
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from api.bootstrap import Services
from infra.clock import FrozenClock
from infra.settings import read_settings
from tests.api.cli.closedloop import closedloop, closedloop_process, serving
from tests.collectors.forwarding.office import open_office
from tests.collectors.tracker.conftest import NewVisitor, new_visitor, peoples_browser
from tests.collectors.tracker.dealer_site import DealerSite
from tests.collectors.vendors.desk import serving_fake
from tests.migrated import lay_warehouse

__all__ = ["new_visitor", "peoples_browser"]
pytestmark = pytest.mark.browser
READ = {"Authorization": "Bearer r"}
FORM = """<form action="/form-target" method="post"><input name="name"><input name="phone" type="tel">
    <button>Send</button></form>"""


def ask_in_a_form(person: Page, place: str) -> None:
    person.goto(f"{place}/monjaro?utm_source=yandex&utm_medium=cpc&utm_campaign=suv&utm_term=buy+monjaro")
    person.get_by_role("link").click()
    expect(person.locator("[name=closedloop_number]")).not_to_have_value("")
    person.locator("[name=name]").fill("Иван")
    person.locator("[name=phone]").fill("8 (900) 000-00-01")
    person.get_by_role("button").click()
    person.wait_for_url("**/form-target")


def test_a_seller_sees_where_the_caller_came_from(tmp_path: Path, new_visitor: NewVisitor, page: Page) -> None:
    lay_warehouse(tmp_path / "data")
    services = Services(read_settings(data=tmp_path / "data", _env_file=None), FrozenClock(datetime.now(UTC)))
    site = DealerSite(services)
    site.bodies |= {"monjaro": '<a href="/form">Test drive</a>', "form": FORM}
    with serving_fake(site.app()) as place, open_office(services, "webhook") as office:
        site.address = place
        site.connect()
        office.connect()
        services.close()
        with serving(tmp_path, CLOSEDLOOP_LOAD_INTERVAL_MS="10") as (_, address):
            site.tracker = address
            ask_in_a_form(new_visitor().new_page(), place)
            for _ in range(300):
                found = httpx.get(f"{address}/api/forwarding/leads?state=sent", headers=READ, timeout=60).json()[
                    "items"
                ]
                if found:
                    break
                time.sleep(0.1)
            (row,) = found
            (card,) = office.crm.cards()
            number = site.posted[0]["closedloop_number"]
            assert (row["visit"], row["tries"], row["lead"]) == (number, 1, card["closedloop_lead"])
            assert (card["closedloop_number"], card["closedloop_visit"]) == (number, site.posted[0]["closedloop_visit"])
            assert (card["utm_source"], card["phone"]) == ("yandex", "+79000000001")
            await_pages(address, number)
            see_the_card(page, address, card["closedloop_card"], number)
            assert card["closedloop_visit"] not in page.content()
            told = httpx.get(f"{address}/api/visits/{number.replace('-', ' ')}", headers=READ, timeout=60).json()
            assert [each["address"].partition("/")[2] for each in told["pages"]] == ["monjaro", "form"]
            ran = closedloop_process(tmp_path, "visit", number, CLOSEDLOOP_API_KEY="r")
            assert (ran.code, "buy monjaro" in ran.out) == (0, True), ran.problems
            ran = closedloop(tmp_path, "forward", "list", "--state", "sent")
            assert (ran.code, number in ran.out) == (0, True), ran.problems


def await_pages(address: str, number: str) -> None:
    """What the visitor looked at reaches the warehouse a little after the lead reaches the CRM."""
    for _ in range(300):
        if len(httpx.get(f"{address}/api/visits/{number}", headers=READ, timeout=60).json()["pages"]) == 2:
            return
        time.sleep(0.1)


def see_the_card(page: Page, address: str, link: str, number: str) -> None:
    """Without a login by the link, and with the admin's key by the number."""
    signed = link.rpartition("/")[2]
    page.goto(f"{address}/visits/card/{signed}")
    expect(page.get_by_role("heading", name=f"Visit {number}")).to_be_visible()
    for text in ("yandex / cpc", "suv", "buy monjaro", "/monjaro", "/form"):
        expect(page.get_by_text(text).first).to_be_visible()
    assert "Иван" not in page.content()
    page.goto(f"{address}/?key=r")
    page.goto(f"{address}/visits/{number}")
    expect(page.get_by_role("heading", name=f"Visit {number}")).to_be_visible()
