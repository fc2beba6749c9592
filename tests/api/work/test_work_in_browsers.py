"""A banner from the director's brief to the accepted act, each of its people in a browser of their own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.bootstrap import Services
from api.credentials import COOKIE
from tests.api.live import listening
from tests.api.sampled_work import png_of
from tests.api.work.conftest import USERS
from tests.browser_fixture import PATIENCE_MS

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]


@pytest.fixture
def address(services: Services) -> Iterator[str]:
    with listening(services) as found:
        yield found


@pytest.fixture
def opened(services: Services, browser: Browser, address: str) -> Iterator[Opened]:
    """A page of one of the people, at the board of tasks."""
    contexts = []

    def open_for(name: str, has_scripts: bool = True) -> Page:
        user = services.users.by_email(USERS[name].email)
        assert user
        context = browser.new_context(locale="en-GB", java_script_enabled=has_scripts)
        context.set_default_timeout(PATIENCE_MS)
        context.add_cookies([{"name": COOKIE, "value": services.sessions.begin(user), "url": address}])
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/tasks")
        return page

    yield open_for
    for context in contexts:
        context.close()


def picture(folder: Path, shade: int) -> Path:
    file = folder / f"banner-{shade}.png"
    file.write_bytes(png_of(bytes([shade])))
    return file


def test_a_banner_goes_all_the_way(opened: Opened, tmp_path: Path) -> None:
    director = opened("director")
    director.get_by_role("link", name="Write a brief").click()
    director.get_by_label("Title").fill("Spring sale")
    director.get_by_label("What is to be made").fill("A banner for **new cars**")
    director.get_by_label("Север").check()
    director.get_by_label(re.compile("^Contractor")).select_option("agency")
    director.get_by_label(re.compile("^Month")).fill("2027-03")
    director.get_by_label("Budget, without VAT").fill("100 000")
    director.get_by_role("button", name="Write the brief").click()
    expect(director.get_by_role("status")).to_contain_text("The brief is written")
    director.get_by_label("Title").fill("Banner for the site")
    director.get_by_label("Formats, one a line").fill("240×400\n728×90")
    director.get_by_label("Due day").fill("2027-03-10")
    director.get_by_role("button", name="Add the task").click()
    expect(director.get_by_role("region", name="Tasks")).to_contain_text("Banner for the site")

    contractor = opened("contractor")
    expect(contractor.get_by_role("region", name="It waits for you")).to_contain_text("to do")
    contractor.get_by_role("region", name="New").get_by_role("link", name="Banner for the site").click()
    hand_in(contractor, picture(tmp_path, 64), "First try")

    marketer = opened("marketer")
    marketer.get_by_role("region", name="It waits for you").get_by_role("link").click()
    marketer.get_by_label("What to change, or why").fill("The logo is too small, @Dan")
    marketer.get_by_role("button", name="Return it with the comment").click()
    expect(marketer.get_by_role("status")).to_contain_text("The version is returned")

    contractor.reload()
    expect(contractor.get_by_role("region", name="Version 1")).to_contain_text("The logo is too small")
    hand_in(contractor, picture(tmp_path, 192), "Larger logo")
    expect(contractor.get_by_role("region", name="Version 2").get_by_role("img")).to_be_visible()
    expect(contractor.get_by_role("region", name="Version 1").get_by_role("img")).to_be_visible()

    brand = opened("brand")
    brand.get_by_role("region", name="On review").get_by_role("link").click()
    expect(brand.get_by_text("It waits for a decision of: dealer's marketer.")).to_be_visible()
    marketer.reload()
    marketer.get_by_role("button", name="Agree to it").click()
    brand.reload()
    brand.get_by_role("button", name="Agree to it").click()
    expect(brand.get_by_role("status")).to_contain_text("You have agreed to the version")
    expect(brand.locator("h1 + .tag")).to_have_text("Approved")

    contractor.get_by_role("link", name="Acts", exact=True).click()
    contractor.get_by_role("link", name="Write an act").first.click()
    contractor.get_by_label("Number of the act").fill("A-17")
    contractor.get_by_label("What, line 1").fill("Banner in two formats")
    contractor.get_by_label("About, line 1").select_option("task-1")
    contractor.get_by_label("Without VAT, line 1").fill("80 000")
    contractor.get_by_label("VAT, line 1", exact=True).fill("16 000")
    contractor.get_by_role("button", name="Keep the draft").click()
    contractor.locator("input[type=file]").set_input_files({
        "name": "act.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"
    })  # fmt: skip
    contractor.get_by_role("button", name="Attach").click()
    expect(contractor.get_by_role("region", name="Files")).to_contain_text("act.pdf")
    contractor.get_by_role("button", name="Hand it in").click()
    expect(contractor.get_by_role("status")).to_contain_text("The act is handed in")

    director.goto(f"{contractor.url.partition('/acts')[0]}/tasks")
    director.get_by_role("region", name="It waits for you").get_by_role("link", name="A-17").click()
    director.get_by_role("button", name="It is checked").click()
    director.get_by_role("button", name="Accept", exact=True).click()
    expect(director.get_by_role("status")).to_contain_text("The act is accepted")
    director.get_by_role("link", name="Acts", exact=True).first.click()
    row = director.get_by_role("region", name="Ordered, accepted, spent").get_by_role("row", name="Bright agency")
    expect(row).to_contain_text("80 000")
    director.get_by_role("link", name="Briefs", exact=True).click()
    director.get_by_role("link", name="Spring sale").click()
    story = director.get_by_role("region", name="What happened")
    expect(story).to_contain_text("lada@x.com agreed to, as the last one,")
    expect(story).to_contain_text("boss@x.com accepted the act A-17")


def hand_in(page: Page, file: Path, note: str) -> None:
    page.get_by_label("Files of the version").set_input_files(file)
    page.get_by_label("What is new in it").fill(note)
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_role("status")).to_contain_text("The version is handed in")


def test_a_file_is_dropped_onto_its_field(opened: Opened, address: str, task: int) -> None:
    contractor = opened("contractor")
    contractor.goto(f"{address}/tasks/{task}")
    place = contractor.locator("[data-drop]")
    expect(place).to_contain_text("or drop files here")
    dropped = contractor.evaluate_handle(
        "() => { const data = new DataTransfer(); data.items.add(new File(['x'], 'dropped.txt')); return data; }"
    )
    place.dispatch_event("drop", {"dataTransfer": dropped})
    contractor.get_by_role("button", name="Hand it in").click()
    expect(contractor.get_by_role("link", name="dropped.txt")).to_be_visible()


def test_all_of_it_works_without_scripts(opened: Opened, address: str, task: int, tmp_path: Path) -> None:
    contractor = opened("contractor", has_scripts=False)
    contractor.goto(f"{address}/tasks/{task}")
    contractor.get_by_role("button", name="Take it on").click()
    expect(contractor.get_by_role("status")).to_contain_text("The task is taken on")
    hand_in(contractor, picture(tmp_path, 9), "")
    marketer = opened("marketer", has_scripts=False)
    marketer.goto(f"{address}/tasks/{task}")
    marketer.get_by_role("button", name="Return it with the comment").click()
    expect(marketer.get_by_role("alert")).to_contain_text("This needs a comment.")
    marketer.get_by_role("button", name="Agree to it").click()
    expect(marketer.get_by_role("status")).to_contain_text("You have agreed")
