"""A dealer asks, the payer approves, the dealer claims with a file, the payer settles 70 %: the balance is right."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from infra.access.rights import UserRole
from infra.access.users import User
from tests.api.axe import violations
from tests.api.live import follow_admin_link, listening
from tests.api.walking import Walker

pytestmark = pytest.mark.browser
PASSWORD = "four words in a row"


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    marketer = User("ann@example.com", UserRole.DEALER_MARKETER, "Ann", dealers=("north",))
    services.users.add(marketer, PASSWORD, author="t")
    with listening(services) as place:
        yield place


@pytest.fixture
def payer(page: Page, address: str) -> Page:
    follow_admin_link(page, address)
    return page


@pytest.fixture
def ann(browser: Browser, address: str) -> Iterator[Page]:
    """North's marketer, in a browser of her own, which runs no scripts."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.get_by_label("E-mail").fill("ann@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    yield page
    context.close()


def add_programme(payer: Page, address: str) -> None:
    payer.goto(f"{address}/funds")
    payer.get_by_role("link", name="Add the first one").click()
    payer.get_by_label("Name", exact=True).fill("Lada 2027")
    payer.get_by_label("Who pays").fill("Importer")
    payer.get_by_label("First quarter, such as 2026-Q1").fill("2027-Q1")
    payer.get_by_label("Last quarter").fill("2027-Q4")
    payer.get_by_label("Dealer, 1").select_option("north")
    payer.get_by_label("Amount, 1").fill("100 000")
    payer.get_by_label("Brand, 2").select_option("Lada")
    payer.get_by_label("Percent of purchases, 2").fill("2,5")
    payer.get_by_role("button", name="Add the programme").click()
    expect(payer.get_by_role("status")).to_contain_text("The programme is added")
    entering = payer.get_by_role("region", name="Enter purchases")
    entering.get_by_role("combobox", name="Dealer").first.select_option("south")
    entering.get_by_label("Purchases, RUB").fill("2000000")
    payer.get_by_role("button", name="Enter").click()
    expect(payer.get_by_role("row", name="Юг 2027-Q1").first).to_contain_text("50 000")


def ask(ann: Page, address: str, tmp_path: Path) -> None:
    banner = tmp_path / "banner.png"
    banner.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    ann.goto(f"{address}/funds")
    ann.get_by_role("link", name="Ask for an activity").click()
    ann.get_by_label("What it is").fill("Spring billboards")
    ann.get_by_label("Channel").fill("outdoor")
    ann.get_by_label("First day").fill("2027-02-01")
    ann.get_by_label("Last day").fill("2027-02-08")
    ann.get_by_label("Creatives").set_input_files(banner)
    ann.get_by_role("button", name="Ask for approval").click()
    cost = ann.get_by_label("Cost, without VAT")
    expect(cost).to_have_attribute("aria-invalid", "true")
    expect(ann.get_by_label("What it is")).to_have_value("Spring billboards")
    cost.fill("80 000")
    ann.get_by_label("Creatives").set_input_files(banner)
    ann.get_by_role("button", name="Ask for approval").click()
    expect(ann.get_by_role("status")).to_contain_text("waits for the payer")
    expect(ann.get_by_role("link", name="banner.png")).to_be_visible()


def test_from_a_wish_to_the_payment(payer: Page, ann: Page, address: str, tmp_path: Path) -> None:
    add_programme(payer, address)
    ask(ann, address, tmp_path)

    payer.goto(f"{address}/funds")
    payer.get_by_role("region", name="Waits for you").get_by_role("link", name="Spring billboards").click()
    payer.get_by_role("button", name="Approve and reserve the money").click()
    expect(payer.get_by_role("status")).to_contain_text("its money is reserved")

    ann.get_by_role("link", name="Funds").first.click()
    ann.get_by_role("region", name="Waits for you").get_by_role("link", name="Spring billboards").click()
    invoice = tmp_path / "invoice.pdf"
    invoice.write_bytes(b"%PDF-1.7 invoice")
    line = ann.get_by_role("group", name="Invoice 1")
    line.get_by_label("Number").fill("17")
    line.get_by_label("Day").fill("2027-02-09")
    line.get_by_label("Without VAT, RUB").fill("80000")
    line.get_by_label("VAT", exact=True).fill("16000")
    ann.get_by_role("button", name="Send the claim").click()
    expect(ann.get_by_role("alert")).to_contain_text("There is no proof yet.")
    expect(line.get_by_label("Number")).to_have_value("17")
    ann.get_by_role("region", name="Claim it").get_by_label("Proof").set_input_files(invoice)
    ann.get_by_role("button", name="Send the claim").click()
    expect(ann.get_by_role("status")).to_contain_text("The claim is sent")

    payer.reload()
    settle = payer.get_by_role("button", name="Settle")
    payer.get_by_label("Settle so much").fill("70")
    settle.click()
    expect(payer.get_by_role("alert")).to_contain_text("A part only is settled")
    payer.get_by_label("Reason, where it is a part only").fill("One board was dark")
    settle.click()
    expect(payer.get_by_role("status")).to_contain_text("The claim is settled")
    payer.get_by_label("Number of the transfer").fill("PP 4711")
    payer.get_by_role("button", name="It is paid").click()
    expect(payer.get_by_role("status")).to_contain_text("The payment is noted")

    ann.goto(f"{address}/funds")
    row = ann.get_by_role("row", name="Север").first
    expect(row.get_by_role("img")).to_have_attribute(
        "aria-label", "Север: earned 100 000, settled 28 000, reserved 0, available 72 000, expired 0"
    )
    ann.goto(f"{address}/funds/activities/1")
    expect(ann.get_by_role("region", name="What happened")).to_contain_text("One board was dark")
    fits(payer, address)


PAGES = (
    "/funds", "/funds?state=paid", "/funds/activities/1", "/funds/activities/new", "/funds/programmes/1",
    "/funds/programmes/1/edit", "/funds/programmes/new",
)  # fmt: skip


def fits(payer: Page, address: str) -> None:
    """Each page is fit for everybody, on each screen, by day and by night."""
    walker = Walker(payer, address)
    for place in PAGES:
        for theme in ("light", "dark"):
            walker.put_on(theme)
            assert walker.go(place).status == 200
            walker.open_everything()
            assert not violations(payer), place
            assert not walker.overhangs(), place
        payer.set_viewport_size({"width": 360, "height": 900})
        assert not violations(payer, "scrollable-region-focusable", "target-size"), place
        payer.set_viewport_size({"width": 1440, "height": 900})
        assert not walker.problems(), place


def test_a_stale_page_says_who_was_there_before(payer: Page, ann: Page, address: str, tmp_path: Path) -> None:
    add_programme(payer, address)
    ask(ann, address, tmp_path)
    payer.goto(f"{address}/funds/activities/1")
    ann.get_by_text("Cancel the activity").first.click()
    cancelling: Any = ann.locator("details", has_text="Cancel the activity")
    cancelling.get_by_label("Reason").fill("Rain")
    cancelling.get_by_role("button", name="Cancel the activity").click()
    expect(ann.get_by_role("status")).to_contain_text("It is cancelled")
    payer.on("console", lambda _message: None)
    answer = payer.request.post(
        f"{address}/funds/activities/1/decide",
        form={"csrf": payer.locator("meta[name=csrf]").get_attribute("content") or "", "act": "approve",
              "revision": "1"},
    )  # fmt: skip
    assert answer.status == 409
    assert "ann@example.com has changed the activity meanwhile: it is cancelled now." in answer.text()
