"""A year from the table to the media plan: uploaded, shared out, sent back by whom a letter reminded, and approved."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from api.credentials import COOKIE
from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.access.rights import UserRole
from infra.access.users import User
from infra.clock import FrozenClock
from tests.api.live import listening
from tests.api.plans.conftest import DEALERS
from tests.api.reminders.conftest import open_holding, post
from tests.browser_fixture import PATIENCE_MS, SIZE
from tests.planning.importing.books import MONTHS, book
from tests.postfix_fixture import DOMAIN, Postfix

pytestmark = pytest.mark.browser
Sit = Callable[[str], Page]

PEOPLE = (
    User(f"director@{DOMAIN}", UserRole.MARKETING_DIRECTOR),
    User(f"lada@{DOMAIN}", UserRole.BRAND_MANAGER, brands=("Lada",)),
    User(f"chery@{DOMAIN}", UserRole.BRAND_MANAGER, brands=("Chery",)),
    User(f"anna@{DOMAIN}", UserRole.DEALER_MARKETER, dealers=("north",)),
    User(f"boris@{DOMAIN}", UserRole.DEALER_MARKETER, dealers=("south",)),
    User(f"vera@{DOMAIN}", UserRole.DEALER_MARKETER, dealers=("east",)),
)


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2026, 12, 14, 9, tzinfo=UTC))


@pytest.fixture
def holding(tmp_path: Path, postfix: Postfix, clock: FrozenClock) -> Iterator[Services]:
    services = open_holding(tmp_path / "data", postfix.port, clock)
    replace_reference(services.database, ReferenceDocument(dealers=DEALERS), author="t", clock=clock)
    for user in PEOPLE:
        services.users.add(user, author="t")
    yield services
    services.close()


@pytest.fixture
def sit(browser: Browser, holding: Services) -> Iterator[Sit]:
    """Somebody at a browser of their own. A script's error fails the test."""
    contexts, problems = [], []
    with listening(holding) as address:

        def down(name: str) -> Page:
            user = holding.users.by_email(f"{name}@{DOMAIN}")
            context = browser.new_context(viewport=SIZE, locale="en-GB", base_url=address)
            context.set_default_timeout(PATIENCE_MS)
            context.add_cookies([{"name": COOKIE, "value": holding.sessions.begin(user), "url": address}])
            contexts.append(context)
            page = context.new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            return page

        yield down
        for context in contexts:
            context.close()
    assert not problems


def agree(page: Page, title: str) -> None:
    page.goto("/inbox")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("status")).to_contain_text("You have agreed.")


def upload_the_year(director: Page, folder: Path) -> None:
    """Ten cars a month for each dealer, and a budget of 100 000."""
    names = ("Север", "Юг", "Восток")
    figures = (("Продажи", 10), ("Бюджет", 100_000))
    rows = [[name, measure, *[value] * 12] for name in names for measure, value in figures]
    path = folder / "план.xlsx"
    path.write_bytes(book(План=[["Дилер", "Показатель", *MONTHS], *rows]))
    director.goto("/plans")
    director.get_by_label("Name").fill("План 2027")
    director.get_by_role("button", name="Create").click()
    director.get_by_role("link", name="Import and export").click()
    director.get_by_label("A workbook (.xlsx)").set_input_files(path)
    director.get_by_role("button", name="Read the file").click()
    expect(director.get_by_role("heading", name="What would be written")).to_be_visible()
    director.get_by_role("button", name="Write it into the draft").click()
    expect(director.get_by_role("status")).to_contain_text("The draft holds what the file says")


def share_out(director: Page) -> None:
    """A third more cars than the table said, as they are shared now."""
    director.goto("/plans/1?measure=sales")
    director.get_by_text("Share a total out").click()
    director.get_by_label("Total of sales").fill("480")
    director.get_by_label("Shared").select_option("current")
    director.get_by_role("button", name="Share out").click()
    expect(director.get_by_role("status")).to_contain_text("the parts add up to it exactly")


def test_from_the_table_to_the_media_plan(
    sit: Sit, holding: Services, postfix: Postfix, clock: FrozenClock, tmp_path: Path
) -> None:
    director = sit("director")
    upload_the_year(director, tmp_path)
    share_out(director)
    director.goto("/plans/1/board")
    director.get_by_role("button", name="Submit version 1 for approval").click()
    expect(director.get_by_role("status")).to_contain_text("It is submitted.")
    agree(sit("boris"), "Dealers agree: Юг")
    agree(sit("vera"), "Dealers agree: Восток")

    clock.advance(timedelta(days=4))
    director.reload()
    expect(director.get_by_role("row", name="Север")).to_contain_text("late")
    post(holding)
    (letter,) = postfix.letters("anna", 1)
    body = letter.get_body(("plain",))
    assert body is not None
    link = re.search(r"https://loop\.example\.com(/plans/approvals/\d+)", str(body.get_content()))
    assert link is not None

    anna = sit("anna")
    anna.goto(link[1])
    anna.get_by_label(re.compile("^Sales, .*May$")).fill("9")
    anna.get_by_label("Comment").fill("The showroom is closed in May.")
    anna.get_by_role("button", name="Send back").click()
    expect(anna.get_by_role("status")).to_contain_text("with your comment and your numbers")
    director.goto("/plans/1/board")
    director.get_by_label("Why", exact=True).fill("The showroom is closed")
    director.get_by_role("button", name="Give it back").click()
    director.get_by_role("link", name="Make the next draft").click()
    director.get_by_role("button", name="Make the draft").click()
    director.goto("/plans/1/board")
    director.get_by_role("button", name="Submit version 2 for approval").click()

    agree(anna, "Dealers agree: Север")
    agree(sit("lada"), "Brand managers agree: Lada")
    agree(sit("chery"), "Brand managers agree: Chery")
    agree(director, "Marketing director approves")
    director.goto("/plans/1/board")
    expect(director.locator(".head .state")).to_have_text("approved")
    director.goto("/plans/1/compare")
    expect(director.get_by_role("row", name="Север")).to_contain_text("9")

    anna.goto("/media-plans/north/2027-01")
    expect(anna.get_by_text("Approved budget: 100 000 RUB")).to_be_visible()
    anna.get_by_role("button", name="Begin the media plan").click()
    anna.get_by_label("Channel, 1", exact=True).fill("paid_search")
    anna.get_by_label("Budget, 1", exact=True).fill("100 000")
    anna.get_by_role("button", name="Keep the items").last.click()
    expect(anna.get_by_role("status")).to_contain_text("The items are kept")
    anna.get_by_role("button", name="Submit for approval").click()
    director.goto("/media-plans/north/2027-01")
    director.get_by_role("button", name="Approve", exact=True).click()
    expect(director.locator(".tag")).to_have_text("Approved")
