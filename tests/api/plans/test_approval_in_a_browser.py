"""A plan goes through a holding: one dealer agrees, another sends it back with a number, brand and director approve."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from api.credentials import COOKIE
from infra.clock import FrozenClock, SystemClock
from planning.plans import PlanVersion
from tests.api.live import listening
from tests.api.plans.approving import planned, session_of, tell_holding
from tests.browser_fixture import PATIENCE_MS, SIZE

pytestmark = pytest.mark.browser
Sit = Callable[[str], Page]


@pytest.fixture
def clock(services: Services) -> FrozenClock:
    services.clock = FrozenClock(SystemClock().now())
    assert isinstance(services.clock, FrozenClock)
    return services.clock


@pytest.fixture
def draft(services: Services, clock: FrozenClock) -> PlanVersion:
    tell_holding(services)
    return planned(services, services.today.year)


@pytest.fixture
def address(services: Services, draft: PlanVersion) -> Iterator[str]:
    with listening(services) as found:
        yield found


@pytest.fixture
def sit(browser: Browser, services: Services, address: str) -> Iterator[Sit]:
    """Somebody at a browser of their own. A script's error fails the test."""
    contexts, problems = [], []

    def down(name: str) -> Page:
        context = browser.new_context(viewport=SIZE, locale="en-GB", base_url=address)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": COOKIE, "value": session_of(services, name), "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield down
    for context in contexts:
        context.close()
    assert not problems


def agree(page: Page, title: str) -> None:
    """To what stands in the inbox under that title, on its own page."""
    page.goto("/inbox")
    page.get_by_role("link", name=title).click()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_role("status")).to_contain_text("You have agreed.")


def test_a_plan_is_approved_by_the_whole_holding(sit: Sit, draft: PlanVersion, clock: FrozenClock) -> None:
    director, board = sit("director"), f"/plans/{draft.plan}/board"
    director.goto(f"/plans/{draft.plan}")
    director.get_by_role("link", name="Approval").click()
    director.get_by_role("button", name="Submit version 1 for approval").click()
    expect(director.get_by_role("status")).to_contain_text("It is submitted.")
    expect(director.get_by_text("0 of 6 approvals are done")).to_be_visible()

    clock.advance(timedelta(days=3))
    boris = sit("boris")
    agree(boris, "Dealers agree: Юг")
    director.goto(board)
    expect(director.get_by_text("2 late")).to_be_visible()
    director.get_by_label("Show").select_option("1")
    director.get_by_role("button", name="Show").click()
    expect(director.get_by_role("row", name="Север")).to_contain_text("2 days late")
    expect(director.get_by_role("row", name="Юг")).to_have_count(0)

    anna = sit("anna")
    anna.goto("/inbox")
    expect(anna.get_by_role("navigation", name="Pages of this part").get_by_role("link", name="Inbox")).to_contain_text(
        "1"
    )
    anna.get_by_role("link", name="Dealers agree: Север").click()
    expect(anna.get_by_text("Compare each month")).to_be_visible()
    anna.get_by_label("Sales, New cars, May").fill("8")
    anna.get_by_role("button", name="Send back").click()
    expect(anna.get_by_role("alert")).to_contain_text("says why")
    expect(anna.get_by_label("Sales, New cars, May")).to_have_value("8")
    anna.get_by_label("Comment").fill("Two cars too many for us.")
    anna.get_by_role("button", name="Send back").click()
    expect(anna.get_by_role("status")).to_contain_text("with your comment and your numbers")

    director.goto("/inbox")
    director.get_by_role("link", name="Sent back by anna@example.com").click()
    director.get_by_role("row", name="Север").get_by_role("link", name="sent back").click()
    expect(director.get_by_text("Two cars too many for us.")).to_be_visible()
    expect(director.get_by_role("row", name="Север")).to_contain_text("8")
    director.goto(board)
    director.get_by_label("Why", exact=True).fill("The north is right")
    director.get_by_role("button", name="Give it back").click()
    director.get_by_role("link", name="Make the next draft").click()
    expect(director.get_by_role("checkbox", name="Take 8 for Север, Sales, May")).to_be_checked()
    director.get_by_role("button", name="Make the draft").click()
    director.goto(board)
    director.get_by_role("button", name="Submit version 2 for approval").click()
    expect(director.get_by_role("row", name="Юг")).to_contain_text("boris@example.com, for an earlier version")

    agree(anna, "Dealers agree: Север")
    vera = sit("vera")
    vera.goto("/inbox")
    vera.get_by_label("Choose Dealers agree: Восток").check()
    vera.get_by_role("button", name="Agree to what is chosen").click()
    expect(vera.get_by_role("status")).to_contain_text("You have agreed to 1")
    agree(sit("lada"), "Brand managers agree: Lada")
    agree(sit("chery"), "Brand managers agree: Chery")
    agree(director, "Marketing director approves")
    director.goto(board)
    expect(director.get_by_text("6 of 6 approvals are done")).to_be_visible()
    expect(director.locator(".head .state")).to_have_text("approved")


def test_of_two_tabs_the_second_is_told_who_was_faster(sit: Sit, services: Services, draft: PlanVersion) -> None:
    services.approvals.submit(draft.id, author="director@example.com")
    tabs = [sit("anna"), sit("anna")]
    for tab in tabs:
        tab.goto("/inbox")
        tab.get_by_role("link", name="Dealers agree: Север").click()
    for tab in tabs:
        tab.get_by_role("button", name="Agree").click()
    expect(tabs[0].get_by_role("status")).to_contain_text("You have agreed.")
    expect(tabs[1].get_by_role("alert")).to_contain_text("anna@example.com agreed to this just now.")


def test_the_director_writes_the_process(sit: Sit, draft: PlanVersion) -> None:
    director = sit("director")
    director.goto("/plans/process")
    expect(director.locator("svg .box")).to_have_count(3)
    director.get_by_role("link", name="Change it").click()
    director.get_by_role("button", name="Add a stage").click()
    stage = director.get_by_role("group", name="Stage 4")
    stage.get_by_label("Title").fill("The owner signs")
    stage.get_by_label("Who agrees").select_option("admin")
    stage.get_by_label("Instruction").fill("Sign **both** copies.")
    director.get_by_role("button", name="Put it in force").click()
    expect(director.get_by_role("status")).to_contain_text("It is in force")
    expect(director.locator("svg .box")).to_have_count(4)
    expect(director.get_by_role("list", name="What is amiss")).to_contain_text("which no active user has")
    director.get_by_text("The owner signs").last.click()
    expect(director.locator("strong", has_text="both")).to_be_visible()
