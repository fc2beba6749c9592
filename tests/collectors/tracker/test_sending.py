"""What the script keeps, sends, and does not: lost networks, consent, privacy, and pages that break things."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.collectors.tracker.conftest import NewVisitor
from tests.collectors.tracker.dealer_site import DealerSite

pytestmark = pytest.mark.browser
STORED = "() => Object.keys(localStorage)"
LOADED = "() => window.closedloop && closedloop.visit"
SENT = "() => !Object.keys(localStorage).some((name) => name.startsWith('_loop.q'))"


def names(found: list[dict[str, Any]]) -> list[str]:
    return [event["name"] for event in found]


def await_in_time_of(page: Page, site: DealerSite, holds: Callable[[], bool], what: str) -> None:
    """Until it holds, while the page's own clock, which is installed, goes on in leaps."""

    def holds_later() -> bool:
        page.clock.run_for(2500)
        return holds()

    site.await_that(holds_later, what)


def stored(page: Page) -> list[str]:
    """Everything that the page keeps of its visitor."""
    found: list[str] = page.evaluate(STORED)
    return found + [cookie["name"] for cookie in page.context.cookies()]


def test_a_lost_network_loses_nothing_and_doubles_nothing(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    page.context.set_offline(True)
    for number in range(30):
        page.evaluate(f"closedloop.goal('g{number}')")
    page.wait_for_timeout(300)
    assert not site.lines("actions")
    page.context.set_offline(False)
    found = site.await_lines("actions", 30)
    assert sorted(names(found)) == sorted(f"g{number}" for number in range(30))
    assert len({event["session_id"] for event in found}) == 1
    page.wait_for_function(SENT)


def test_what_a_closed_page_could_not_send_goes_with_the_next_one(site: DealerSite, visitor: BrowserContext) -> None:
    page = visitor.new_page()
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    visitor.set_offline(True)
    page.evaluate("closedloop.goal('alone')")
    page.close()
    visitor.set_offline(False)
    next_page = visitor.new_page()
    next_page.goto(f"{site.address}/next")
    found = site.await_lines("actions", 2)
    assert sorted(names(found)) == ["alone", "page"]
    assert len({event["session_id"] for event in found}) == 1


def test_a_server_that_is_out_of_order_is_asked_again(site: DealerSite, page: Page) -> None:
    answers = [503, 429, 0]

    def answer(route: Route) -> None:
        status = answers.pop(0) if answers else -1
        if status > 0:
            route.fulfill(status=status, headers={"Access-Control-Allow-Origin": "*"}, body="{}")
        elif status == 0:
            route.abort()
        else:
            route.continue_()

    page.route(f"{site.tracker}/t", answer)
    page.clock.install()
    page.goto(f"{site.address}/?utm_source=vk")
    page.wait_for_function(LOADED)
    await_in_time_of(page, site, lambda: not answers, "the last answer")
    await_in_time_of(page, site, lambda: bool(site.lines("touches")), "the visit")
    assert len(site.lines("touches")) == 1


def test_an_answer_that_is_lost_counts_once(site: DealerSite, page: Page) -> None:
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(f"{site.tracker}/t", lose_first)
    page.clock.install()
    page.goto(f"{site.address}/?utm_source=vk")
    page.clock.run_for(100)
    site.await_that(lambda: bool(lost), "the first request")
    page.wait_for_timeout(100)
    page.clock.run_for(10_000)
    page.wait_for_function(SENT)
    site.await_lines("touches", 1)
    assert lost == [200]


def test_a_refused_request_is_not_repeated(site: DealerSite, page: Page) -> None:
    site.attributes["key"] = "wrong"
    asked: list[int] = []
    page.on("response", lambda answer: asked.append(answer.status) if answer.url.endswith("/t") else None)
    page.clock.install()
    page.goto(f"{site.address}/?utm_source=vk")
    page.wait_for_function(LOADED)
    await_in_time_of(page, site, lambda: bool(asked), "the refusal")
    page.wait_for_function(SENT)
    for _ in range(5):
        page.clock.run_for(20_000)
        page.wait_for_timeout(20)
    assert asked == [401]


def test_the_queue_is_bounded(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/")
    site.await_lines("touches", 1)
    page.context.set_offline(True)
    page.evaluate("for (let n = 0; n < 150; n++) closedloop.goal('g' + n)")
    kept = page.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('_loop.q')).length")
    assert kept == 100
    page.context.set_offline(False)
    found = site.await_lines("actions", 100)
    assert set(names(found)) == {f"g{number}" for number in range(50, 150)}


def test_what_was_done_in_the_last_moment_arrives(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    page.evaluate("closedloop.goal('left'); location.href = 'about:blank'")
    assert names(site.await_lines("actions", 1)) == ["left"]


def test_nothing_is_kept_or_sent_before_consent(site: DealerSite, page: Page) -> None:
    site.attributes["consent"] = "required"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/?utm_source=vk&yclid=1", referer="https://vk.com/")
    page.wait_for_function(LOADED)
    page.evaluate("closedloop.goal('before')")
    page.wait_for_timeout(200)
    assert stored(page) == []
    assert not [url for url in asked if url.endswith("/t")]
    assert page.evaluate("closedloop.visit()") == ""
    page.evaluate("closedloop.consent('granted')")
    (touch,) = site.await_lines("touches", 1)
    (goal,) = site.await_lines("actions", 1)
    assert (touch["source"], goal["name"]) == ("vk", "before")
    assert goal["session_id"] == touch["session_id"]
    assert touch["occurred_at"] < goal["occurred_at"]
    assert page.evaluate("closedloop.visit()") == touch["visitor_id"]


def test_denied_consent_leaves_nothing(site: DealerSite, page: Page) -> None:
    site.attributes["consent"] = "required"
    page.goto(f"{site.address}/?utm_source=vk")
    page.wait_for_function(LOADED)
    page.evaluate("closedloop.consent('denied'); closedloop.goal('x')")
    page.wait_for_timeout(200)
    assert stored(page) == []
    assert not site.lines("touches") + site.lines("actions")


def test_consent_that_is_withdrawn_forgets_the_visitor(site: DealerSite, page: Page) -> None:
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    before = page.evaluate("closedloop.visit()")
    page.evaluate("closedloop.consent('denied')")
    assert page.evaluate("[closedloop.visit(), localStorage._loop, document.cookie]") == ["", "no", "_loop=no"]
    page.goto(f"{site.address}/next")
    page.wait_for_function(LOADED)
    page.evaluate("closedloop.goal('x')")
    page.wait_for_timeout(200)
    assert not site.lines("actions")
    page.evaluate("closedloop.consent('granted'); closedloop.goal('again')")
    (goal,) = site.await_lines("actions", 1)
    assert goal["visitor_id"] != before


@pytest.mark.parametrize("word", [
    "Object.defineProperty(navigator, 'doNotTrack', {value: '1'})",
    "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
])  # fmt: skip
def test_who_asks_not_to_be_tracked_is_not(site: DealerSite, page: Page, word: str) -> None:
    page.add_init_script(word)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.address}/?utm_source=vk")
    page.wait_for_function(LOADED)
    page.evaluate("closedloop.consent('granted'); closedloop.goal('x'); closedloop.lead({phone: '+79000000001'})")
    page.wait_for_timeout(200)
    assert stored(page) == []
    assert not [url for url in asked if url.endswith("/t")]
    assert page.evaluate("closedloop.visit()") == ""


def test_a_header_that_asks_for_privacy_is_respected(site: DealerSite, new_visitor: NewVisitor) -> None:
    page = new_visitor(extra_http_headers={"Sec-GPC": "1"}).new_page()
    page.goto(f"{site.address}/?utm_source=vk")

    def is_dropped() -> bool:
        site.services.site_tally.flush()
        return site.services.site_tally.drops() == {"site": {"privacy": 1}}

    site.await_that(is_dropped, "a drop")
    assert not site.lines("touches")


BROKEN = {
    "no JSON": "window.JSON = undefined",
    "no Promise": "window.Promise = undefined",
    "a poor JSON": "Array.prototype.toJSON = function () { return 'x' }",
    "no fetch": "window.fetch = undefined",
    "a fetch that throws": "window.fetch = () => { throw new Error('no') }",
    "a storage that throws": "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})",
    "no storage": "Object.defineProperty(window, 'localStorage', {value: null})",
    "a full storage": "Storage.prototype.setItem = () => { throw new Error('full') }",
    "cookies that throw": "Object.defineProperty(document, 'cookie', {get() { throw 1 }, set() { throw 1 }})",
    "no history": "history.pushState = undefined",
    "no crypto": "Object.defineProperty(window, 'crypto', {value: undefined})",
    "no beacon": "navigator.sendBeacon = undefined",
    "no observer": "window.MutationObserver = undefined",
    "no performance": "performance.getEntriesByType = undefined",
    "another closedloop": "window.closedloop = {visit() { return 'other' }}",
}
USED = """() => {
  const face = window.closedloop;
  for (const word of [undefined, null, 7, {}, Symbol('x'), () => 1]) {
    for (const name of ['visit', 'goal', 'lead', 'identify', 'page', 'consent', 'push']) face?.[name]?.(word, word);
  }
  history.replaceState({}, '', '/other');
}"""


@pytest.mark.parametrize("what", BROKEN)
def test_no_error_reaches_a_page_that_breaks_things(site: DealerSite, page: Page, what: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.add_init_script(f"try {{ {BROKEN[what]} }} catch {{}}")
    site.bodies[""] = "<form id=f onsubmit='return false'><input type=tel name=phone value='+7 900 000-00-01'></form>"
    with page.expect_response(f"{site.tracker}/t.js"):
        page.goto(f"{site.address}/?utm_source=vk")
    page.wait_for_timeout(100)
    if what != "no history":
        page.evaluate(USED)
    page.evaluate("document.querySelector('#f').requestSubmit()")
    page.evaluate("dispatchEvent(new Event('pagehide')); dispatchEvent(new Event('online'))")
    page.wait_for_timeout(150)
    assert errors == []


@pytest.mark.parametrize(
    "what", ["a storage that throws", "cookies that throw", "a full storage", "no Promise", "no performance"]
)
def test_it_works_as_far_as_it_can(site: DealerSite, page: Page, what: str) -> None:
    page.add_init_script(BROKEN[what])
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
    page.evaluate("closedloop.goal('x')")
    (goal,) = site.await_lines("actions", 1)
    assert goal["session_id"] == site.lines("touches")[0]["session_id"]


def test_commands_from_before_the_script_are_done(site: DealerSite, page: Page) -> None:
    site.head = (
        "<script>window.closedloop=window.closedloop||[]; closedloop.push(['goal', 'early', {amount: 5}])</script>"
    )
    page.goto(f"{site.address}/")
    (goal,) = site.await_lines("actions", 1)
    assert (goal["name"], goal["amount"]) == ("early", "5.0000")
    page.evaluate("closedloop.push(['identify', 'u-7', {email: 'Ivan@Example.com', city: 'Москва', crm_id: '5'}])")
    (profile,) = site.await_lines("profiles", 1)
    assert (profile["user_id"], profile["email"]) == ("u-7", "ivan@example.com")
    assert "crm_id" not in profile
    assert profile["properties"]["city"] == "Москва"


def test_the_script_does_not_hold_the_page_up(site: DealerSite, page: Page) -> None:
    page.route("**/t.js", lambda route: None)  # never answered
    page.goto(f"{site.address}/", wait_until="domcontentloaded")
    assert page.title() == "home"


def test_the_sites_own_server_may_pass_it_on_under_any_name(site: DealerSite, page: Page) -> None:
    """As a proxy does, so that script and requests are of the page's own origin."""
    page.route(f"{site.address}/own/x1.js", lambda route: route.continue_(url=f"{site.tracker}/t.js"))
    page.route(f"{site.address}/own/x1", lambda route: route.continue_(url=f"{site.tracker}/t"))
    key = site.attributes["key"]
    page.route("**/t.js", lambda route: route.abort())  # a blocker
    site.head = f'<script async src="/own/x1.js" data-key="{key}"></script>'
    page.goto(f"{site.address}/?utm_source=vk")
    site.await_lines("touches", 1)
