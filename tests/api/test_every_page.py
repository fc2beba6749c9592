"""Every page as people meet it: with a screen reader or a keyboard, on a phone or a wall, by day or by night."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, expect
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Match

from api.app import create_app
from api.bootstrap import Services
from api.navigation import PAGES
from api.rendering import PageRoute
from tests.api.axe import violations
from tests.api.live import listening
from tests.api.pictures import MOST_BYTES, PICTURES, take
from tests.api.sampled import Sampled, sampled
from tests.api.walking import Walker, walking

pytestmark = pytest.mark.browser

WALKED = (
    "/overview", "/overview?from=2020-01-01&to=2020-01-31", "/channels", "/channels?by=channel,contractor&line=cpl",
    "/channels?only=dealer", "/channels/models", "/channels/conversions", "/channels/journeys/sale/{sale}",
    "/dealers", "/dealers/{dealer}", "/contractors", "/contractors/{contractor}",
    "/funnel", "/funnel/lost", "/funnel/calls", "/managers", "/managers/products", "/journeys", "/journeys/cohorts",
    "/customers", "/customers?q={lead}", "/customers?q=nobody", "/visits/{visit}", "/visits/card/{card}",
    "/sources", "/sources/rejections", "/sources/rejections?like={rejection}", "/sources/rejections/{rejection}",
    "/sources/utm", "/sources/contacts", "/sources/noise", "/sources/matching", "/sources/rates", "/sources/handover",
    "/sources/notices",
    "/settings", "/settings/channel-rules", "/settings/reference/dealers", "/settings/reference/tracking_numbers",
    "/settings/contractors", "/settings/contractors/edit", "/settings/contractors/edit?id={contractor}",
    "/settings/measures", "/settings/dimensions", "/settings/noise", "/settings/environment",
    "/settings/users", "/settings/users/new", "/settings/users/{user}", "/settings/keys",
    "/views", "/views/{view}", "/views/{view}/mail", "/schedules/{schedule}", "/account", "/audit",
    "/inbox", "/inbox/absences", "/plans/process", "/plans/process/edit", "/plans/{asked}/board",
    "/plans/{draft}/board", "/plans/approvals/{approval}", "/plans/{asked}/versions/1/redraft",
    "/api/docs", "/sign-in", "/",
    "/settings/account",
    "/plans", "/plans/basis", "/plans/{plan}", "/plans/{plan}?version=1&measure=budget&brand=Chery",
    "/plans/{draft}?dealer={dealer}",
    "/plans/{draft}?dealer={dealer}&locks=1", "/plans/{plan}/fact", "/plans/{plan}/fact?by=month&measure=budget",
    "/plans/{plan}/compare",
    "/media-plans", "/media-plans?month=2031-05", "/media-plans/{dealer}/2026-11", "/media-plans/{dealer}/2026-12",
    "/media-plans/rules", "/calendar", "/calendar?month=2026-11&span=year&rows=channel", "/calendar?month=2031-05",
    "/recommendations", "/recommendations/{recommendation}",
    "/calendar/events/new", "/calendar/events/{event}",
    "/plans/{draft}/import", "/plans/{draft}/import/{failed_import}", "/plans/{draft}/import/{import}/columns",
    "/plans/{draft}/import/{import}/names", "/plans/{draft}/import/{import}/preview",
    "/call-load", "/call-load?dealer={dealer}&way=shifts", "/call-load/settings", "/call-load/settings?dealer={dealer}",
    "/tasks", "/tasks?contractor={contractor}&late=1", "/tasks/{task}", "/briefs", "/briefs/new", "/briefs/{brief}",
    "/briefs/{brief}/edit", "/acts", "/acts/new", "/acts/{act}", "/acts/{act}/edit",
    "/forecasts", "/forecasts?measure=leads&dealer={dealer}&months=6", "/forecasts?measure=calls",
    "/stock", "/stock?dealer={dealer}&months=2", "/stock/levels?dealer={dealer}", "/stock/terms", "/hiring",
    "/benchmarks",
    "/calculator", "/calculator?dealer={dealer}&goal=sales&amount=5", "/calculator?goal=sales&amount=5&by=season",
    "/calculator/scenarios", "/calculator/scenarios?id={scenario}",
    "/response-curves", "/response-curves?channel=paid_search&dealer={dealer}",
    "/funds", "/funds?state=paid", "/funds/activities/{activity}", "/funds/activities/new", "/funds/activities/5/edit",
    "/funds/programmes/{programme}", "/funds/programmes/{programme}/edit", "/funds/programmes/new",
)  # fmt: skip
AMISS = {
    "/nowhere": 404,
    "/calculator?goal=budget&amount=-1": 422,
    "/overview?from=tomorrow": 422,
    "/dealers/nobody": 404,
}
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""Rules that a theme can break; all others see more of a page where everything is open, whatever its theme."""
NO_PAGES = {"/freshness", "/plans/{plan}/import/{key}/progress", "/sign-in/single", "/sign-in/single/back"}
"""Answers to scripts, and the way to an identity provider and back."""


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sampled]:
    with sampled(tmp_path_factory.mktemp("every-page"), dealers=8, months=4) as found:
        yield found


@pytest.fixture(scope="module")
def walker(holding: Sampled, browser: Browser) -> Iterator[Walker]:
    with listening(holding.services) as address, walking(browser, address) as found:
        yield found


def _pages(services: Services) -> Iterator[APIRoute]:
    for route in create_app(services).routes:
        yield from (each for each in _within(route) if "GET" in (each.methods or ()) and _shows_a_page(each))


def _within(route: BaseRoute) -> Iterator[APIRoute]:
    if isinstance(route, APIRoute):
        yield route
        return
    for each in getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", []):
        yield from _within(each)


def _shows_a_page(route: APIRoute) -> bool:
    return isinstance(route, PageRoute) or route.response_class is HTMLResponse


def _is_at(route: APIRoute, address: str) -> bool:
    path = address.partition("?")[0]
    return route.matches({"type": "http", "method": "GET", "path": path, "root_path": ""})[0] is Match.FULL


def test_no_page_is_left_out(holding: Sampled) -> None:
    pages = list(_pages(holding.services))
    met = {next(page.path for page in pages if _is_at(page, address)) for address in WALKED}
    assert len(pages) > 40
    assert met == {page.path for page in pages} - NO_PAGES
    assert {page.address for page in PAGES} <= set(WALKED)


@pytest.mark.parametrize("address", [*WALKED, *AMISS])
def test_a_page_is_fit_for_everybody(walker: Walker, holding: Sampled, address: str) -> None:
    walker.put_on("light")
    answer = walker.go(address.format(**holding.names))
    assert answer.status == AMISS.get(address, 200)
    if address in WALKED:
        assert not walker.problems()
    assert not violations(walker.page, *OF_COLOURS)
    assert not walker.overhangs()
    walker.put_on("dark")
    walker.open_everything()
    assert not violations(walker.page)
    assert not walker.overhangs()
    walker.page.set_viewport_size({"width": 360, "height": 900})
    assert not violations(walker.page, "scrollable-region-focusable", "target-size")
    walker.page.set_viewport_size({"width": 1440, "height": 900})


def test_the_interface_is_drawn_with_its_operations(walker: Walker) -> None:
    walker.go("/api/docs")
    expect(walker.page.locator(".opblock-summary-path", has_text="/api/reports/romi").first).to_be_visible()
    expect(walker.page.get_by_text("Unable to render")).to_have_count(0)


@pytest.mark.parametrize("address", [page.address for page in PAGES])
def test_the_keyboard_comes_to_everything(walker: Walker, address: str) -> None:
    walker.go(address)
    unreached, unmarked = walker.unreached_by_tab()
    assert not unreached
    assert not unmarked


def test_pictures_for_readme_and_docs_can_be_taken(walker: Walker, holding: Sampled, tmp_path: Path) -> None:
    take(walker, holding.names, tmp_path)
    taken = {path.stem: path.stat().st_size for path in tmp_path.iterdir()}
    assert set(taken) == {picture.name for picture in PICTURES}
    assert all(5_000 < size < MOST_BYTES for size in taken.values()), taken
    assert not walker.problems()
