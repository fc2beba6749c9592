"""Settings and data health in a real browser, before a service as a user starts it."""

from collections.abc import Iterator
from typing import Any, Literal

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from tests.api.cli.closedloop import serving
from tests.api.live import follow_admin_link
from tests.api.test_overview_page import events
from tests.api.test_page import await_fresh, send

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("settings"), CLOSEDLOOP_TIMEZONE="UTC") as (_, place):
        for family, told in events().items():
            send(place, family, told)
        await_fresh(place)
        wrong = [{"id": f"wrong-{n}", "kind": "fax", "created_at": "2026-01-01T10:00:00Z"} for n in range(3)]
        httpx.post(
            f"{place}/collect/leads", json=wrong, headers={"Authorization": "Bearer w"}, timeout=60
        ).raise_for_status()
        yield place


@pytest.fixture
def known(lasting_page: Page, address: str) -> Page:
    follow_admin_link(lasting_page, address)
    return lasting_page


def test_a_rule_is_tried_while_it_is_written_and_then_kept(known: Page, address: str) -> None:
    known.goto(f"{address}/settings")
    known.get_by_role("navigation", name="Settings").get_by_role("link", name="Channel rules").click()
    preview = known.get_by_role("region", name="What would change")
    expect(preview.get_by_text("before anything is kept")).to_be_visible()
    known.get_by_role("button", name="Add one on top").click()
    expect(known.get_by_label("Channel, 1", exact=True)).to_be_focused()
    known.get_by_label("Channel, 1", exact=True).fill("video")
    source = known.get_by_label("Source, 1", exact=True)
    source.fill("^yandex(")
    expect(source).to_have_attribute("aria-invalid", "true")
    expect(preview.get_by_text("cannot be taken")).to_be_visible()
    source.fill("^yandex$")
    expect(preview.get_by_role("row", name="paid_search video")).to_contain_text("60 000")
    expect(source).not_to_have_attribute("aria-invalid", "true")
    expect(source).to_be_focused()
    known.get_by_role("button", name="Move 1 down").click()
    expect(known.get_by_label("Channel, 2", exact=True)).to_have_value("video")
    known.get_by_role("button", name="Put these rules in force").click()
    expect(known.get_by_role("status")).to_contain_text("The rules are in force")
    expect(known.get_by_text("Version 1 is in force.")).to_be_visible()


def test_an_item_is_repaired_and_the_rest_discarded(known: Page, address: str) -> None:
    known.goto(f"{address}/sources")
    line = known.get_by_role("listitem").filter(has=known.get_by_role("heading", name="Rejected items"))
    expect(line.locator(".value")).to_contain_text("3")
    line.get_by_role("link").click()
    known.get_by_role("link", name="kind: must be one of").click()
    known.get_by_role("row", name="wrong-1").get_by_role("link").click()
    expect(known.get_by_label("kind", exact=True)).to_have_attribute("aria-invalid", "true")
    known.get_by_label("kind", exact=True).fill("form")
    known.get_by_role("button", name="Replay it").click()
    expect(known.get_by_role("status")).to_contain_text("1 item is accepted")
    known.get_by_text("Discard all of them").click()
    known.get_by_role("button", name="Discard 2 items").click()
    expect(known.get_by_role("heading", name="Nothing waits for repair")).to_be_visible()


def test_a_user_is_added_and_comes_in(known: Page, address: str) -> None:
    known.goto(f"{address}/settings/users")
    known.get_by_role("link", name="Add a user").click()
    known.get_by_label("E-mail").fill("ann@example.com")
    known.get_by_label("Marketing director").check()
    known.get_by_label("Password").fill("four words in a row")
    known.get_by_role("button", name="Add the user").click()
    expect(known.get_by_role("row", name="ann@example.com")).to_contain_text("Marketing director")
    known.get_by_role("button", name="Sign out").click()
    known.get_by_label("E-mail").fill("ann@example.com")
    known.get_by_label("Password").fill("four words in a row")
    known.get_by_role("button", name="Sign in").click()
    known.goto(f"{address}/settings")
    expect(known.get_by_role("link", name="Channel rules").first).to_be_visible()
    expect(known.get_by_role("link", name="Users")).to_have_count(0)


def test_a_key_is_made_shown_once_and_revoked(known: Page, address: str) -> None:
    known.goto(f"{address}/settings/keys")
    known.get_by_label("Name of the program").fill("Power BI")
    known.get_by_role("button", name="Make the key").click()
    secret = known.get_by_label("Secret").input_value()
    bearer = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(f"{address}/api/measures", headers=bearer, timeout=60).status_code == 200
    known.goto(f"{address}/settings/keys")
    expect(known.get_by_label("Secret")).to_have_count(0)
    known.get_by_text("Revoke Power BI").click()
    known.get_by_role("button", name="Revoke it").click()
    expect(known.get_by_role("row", name="Power BI")).to_contain_text("revoked")


def test_a_dealer_is_entered_in_the_table(known: Page, address: str) -> None:
    known.goto(f"{address}/settings/reference/dealers")
    known.get_by_role("button", name="Add one", exact=True).click()
    expect(known.get_by_label("Id, 1", exact=True)).to_be_focused()
    known.get_by_label("Id, 1", exact=True).fill("north")
    known.get_by_label("Brand, 1", exact=True).fill("Lada")
    known.get_by_role("button", name="Keep", exact=True).click()
    expect(known.get_by_role("status")).to_contain_text("The change is kept")
    expect(known.get_by_label("Brand, 1", exact=True)).to_have_value("Lada")


def test_the_account_is_set_and_left_to_the_environment_again(known: Page, address: str) -> None:
    """A deadline holds at once; VAT asks for a run, which the service makes by itself."""
    known.goto(f"{address}/settings")
    known.get_by_role("navigation", name="Settings").get_by_role("link", name="Account").click()
    expect(known.get_by_label("VAT in percent")).to_have_attribute("placeholder", "20")
    known.get_by_label("Currency").select_option("KZT")
    known.get_by_label("VAT in percent").fill("120")
    known.get_by_label("Sale", exact=True).fill("180")
    known.get_by_label("Unprocessed after, hours").fill("12")
    known.get_by_role("button", name="Keep").click()
    vat = known.get_by_label("VAT in percent")
    expect(vat).to_have_attribute("aria-invalid", "true")
    expect(known.get_by_text("Write a number from 0 to 100.")).to_be_visible()
    expect(known.get_by_label("Currency")).to_have_value("KZT")
    vat.fill("12,5")
    known.get_by_role("button", name="Keep").click()
    expect(known.get_by_role("status").first).to_contain_text("It is set")
    expect(known.get_by_label("VAT in percent")).to_have_value("12.5")
    expect(known.get_by_role("row", name="VAT in percent")).to_contain_text("12.5")
    known.goto(f"{address}/funnel/lost")
    expect(known.get_by_label("Unprocessed after, hours")).to_have_value("12")
    await_fresh(address)
    known.goto(f"{address}/settings/account")
    expect(known.get_by_text("which is computed by these settings")).to_be_visible()
    known.get_by_text("Everything as the environment says").click()
    known.get_by_role("button", name="Leave it to the environment").click()
    expect(known.get_by_text("All is as the environment says.")).to_be_visible()
    expect(known.get_by_label("VAT in percent")).to_have_value("")
    await_fresh(address)


def test_the_account_is_set_without_scripts(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    follow_admin_link(page, address)
    page.goto(f"{address}/settings/account")
    page.get_by_label("Late after, minutes").fill("30")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_label("Late after, minutes")).to_have_value("30")
    page.get_by_label("Late after, minutes").fill("")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_label("Late after, minutes")).to_have_attribute("placeholder", "60")
    context.close()


PAGES = (
    "/sources", "/sources/rejections", "/sources/matching", "/sources/utm", "/sources/rates", "/sources/noise",
    "/settings", "/settings/account", "/settings/users/new", "/settings/keys", "/settings/channel-rules",
    "/settings/reference/tracking_numbers",
    "/settings/contractors/edit", "/settings/measures", "/settings/noise", "/settings/environment",
)  # fmt: skip


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.mark.parametrize("place", PAGES)
def test_each_page_fits_each_screen(known: Page, address: str, place: str) -> None:
    known.goto(f"{address}{place}")
    expect(known.get_by_role("heading", level=1)).to_have_count(1)
    for scheme in SCHEMES:
        known.emulate_media(color_scheme=scheme)
        for width in (360, 2560):
            known.set_viewport_size({"width": width, "height": 800})
            assert known.evaluate("document.documentElement.scrollWidth") <= width, scheme


def test_tables_are_edited_without_scripts(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    follow_admin_link(page, address)
    page.goto(f"{address}/settings/reference/promo_codes")
    page.get_by_role("button", name="Add one", exact=True).click()
    page.get_by_label("Code, 1", exact=True).fill("SPRING-1")
    page.get_by_label("Source, 1", exact=True).fill("radio")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("The change is kept")
    context.close()
