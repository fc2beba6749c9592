"""A dealer's site, and visitors with a browser each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from api.bootstrap import Services
from tests.collectors.tracker.dealer_site import DealerSite, dealer_site

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"

NewVisitor = Callable[..., BrowserContext]


@pytest.fixture
def site(services: Services) -> Iterator[DealerSite]:
    with dealer_site(services) as opened:
        opened.connect()
        yield opened


@pytest.fixture
def new_visitor(browser: Browser) -> Iterator[NewVisitor]:
    """Makes a browser that knows nobody. An error in any of its pages fails the test."""
    opened: list[BrowserContext] = []
    problems: list[str] = []

    def open_one(**options: Any) -> BrowserContext:
        context = browser.new_context(**{"user_agent": AGENT, "locale": "ru-RU", **options})
        context.set_default_timeout(10_000)
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
def page(visitor: BrowserContext) -> Page:
    return visitor.new_page()
