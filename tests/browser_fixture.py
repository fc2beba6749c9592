"""A real browser for tests of pages: Chromium, without a window."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from tests.debian import chromium

PATIENCE_MS = 60_000
"""A machine that does other things besides may take its time; only what never comes fails."""

expect.set_options(timeout=PATIENCE_MS)

SIZE: ViewportSize = {"width": 1440, "height": 900}
Watched = tuple[Page, list[str]]
"""A page, and what went wrong on it."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a browser that knows nobody. A script's error, or one that it logs, fails the test."""
    with _watched(browser) as (page, problems):
        yield page
    assert not problems


@pytest.fixture(scope="module")
def _lasting(browser: Browser) -> Iterator[Watched]:
    with _watched(browser) as found:
        yield found


@pytest.fixture
def lasting_page(_lasting: Watched) -> Iterator[Page]:
    """The same, but one that the tests of a module share: to open another takes a second of a processor.

    It keeps its cookies, and is at first where the test before has left it, but of the usual size and theme.
    """
    page, problems = _lasting
    page.set_viewport_size(SIZE)
    page.emulate_media(color_scheme="null")
    problems.clear()
    yield page
    page.unroute_all()
    assert not problems


@contextmanager
def _watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport=SIZE, locale="en-GB", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "401" not in message.text and "422" not in message.text:
            problems.append(message.text)

    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", note)
    yield page, problems
    context.close()
