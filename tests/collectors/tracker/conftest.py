"""A dealer's site, and visitors with a browser each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from api.bootstrap import Services
from tests.browser_fixture import PATIENCE_MS
from tests.collectors.tracker.dealer_site import DealerSite, dealer_site
from tests.debian import chromium

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

NewVisitor = Callable[..., BrowserContext]


@pytest.fixture
def site(services: Services) -> Iterator[DealerSite]:
    with dealer_site(services) as opened:
        opened.connect()
        yield opened


@pytest.fixture(scope="session")
def peoples_browser(browser: Browser) -> Iterator[Browser]:
    """One that does not say that it is a machine's, not even in requests that outlive their page."""
    arguments = ["--no-sandbox", f"--user-agent={AGENT}"]
    opened = browser.browser_type.launch(executable_path=chromium(), args=arguments)
    yield opened
    opened.close()


@pytest.fixture
def new_visitor(peoples_browser: Browser) -> Iterator[NewVisitor]:
    """Makes a browser that knows nobody. An error in any of its pages fails the test."""
    opened: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(**options: Any) -> BrowserContext:
        context = peoples_browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        context.on("weberror", lambda error: problems.append(str(error.error)))
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()
    assert not problems


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> BrowserContext:
    return new_visitor()


@pytest.fixture
def page(visitor: BrowserContext, site: DealerSite) -> Page:
    """A page whose handlers (of routes and answers) go on while the test waits."""
    opened = visitor.new_page()
    site.pause = lambda: opened.wait_for_timeout(30)
    return opened
