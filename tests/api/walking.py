"""A browser that goes through pages and notes all that goes wrong on them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from tests.browser_fixture import PATIENCE_MS

WIDTHS = (360, 1440, 2560)
Theme = Literal["light", "dark"]

_OPEN = "() => document.querySelectorAll('details').forEach(each => { each.open = true })"
_OVERHANG = """() => {
  const page = document.scrollingElement
  if (page.scrollWidth <= page.clientWidth) return ''
  const wide = [...document.querySelectorAll('body *')].filter(each =>
    each.getBoundingClientRect().right > page.clientWidth + 1 && !each.closest('.scroll'))
  return wide.length ? wide[wide.length - 1].outerHTML.slice(0, 200) : 'something'
}"""
_WATCH = """() => {
  const shown = each => each.checkVisibility({visibilityProperty: true}) && each.tabIndex >= 0 && !each.disabled
    && !each.closest('[inert]')
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
  const named = new Set()
  window.unreached = new Set(all.filter(shown).filter(each => {
    if (each.type !== 'radio') return true
    const first = !named.has(each.name)  // of a group of choices, one is a stop
    named.add(each.name)
    return first && !document.querySelector(`input[name="${each.name}"]:checked:not([value="${each.value}"])`)
  }))
  window.unmarked = []
  document.addEventListener('focusin', ({target}) => {
    unreached.delete(target)
    const {outlineStyle} = getComputedStyle(target)
    if (outlineStyle === 'none' && !target.matches('.spot')) unmarked.push(target.outerHTML.slice(0, 200))
  })
  return unreached.size
}"""
_LEFT = "() => [...unreached].map(each => each.outerHTML.slice(0, 200))"
_AT_ONCE = 20


class Walker:
    """`problems` are what the browser, the page's scripts and its policy complain of since they were asked for last."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self._address = address
        self._problems: list[str] = []
        page.on("console", self._note_error)
        page.on("pageerror", lambda error: self._problems.append(str(error)))
        page.on("requestfailed", self._note_failure)
        page.on("response", self._note_refusal)

    def go(self, path: str) -> Response:
        self._problems.clear()
        answer = self.page.goto(self._address + path)
        assert answer is not None
        return answer

    def problems(self) -> Sequence[str]:
        return list(self._problems)

    def put_on(self, theme: Theme) -> None:
        self.page.emulate_media(color_scheme=theme)

    def open_everything(self) -> None:
        """What is folded; of those that shut each other, the last."""
        self.page.evaluate(_OPEN)

    def overhangs(self) -> list[str]:
        """The widths at which the page itself would scroll sideways, with what does not fit."""
        found = []
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": 900})
            if wide := self.page.evaluate(_OVERHANG):
                found.append(f"{width}: {wide}")
        self.page.set_viewport_size({"width": 1440, "height": 900})
        return found

    def unreached_by_tab(self) -> tuple[list[str], list[str]]:
        """What the keyboard cannot come to, and what does not show that it has."""
        stops = self.page.evaluate(_WATCH)
        for _ in range(stops * 4 // _AT_ONCE + 2):  # a date alone has four
            for _ in range(_AT_ONCE):
                self.page.keyboard.press("Tab")
            if not self.page.evaluate("unreached.size"):
                break
        return self.page.evaluate(_LEFT), self.page.evaluate("unmarked")

    def _note_error(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._problems.append(message.text)

    def _note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by leaving the page
            self._problems.append(f"{request.url}: {request.failure}")

    def _note_refusal(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self._problems.append(f"{response.url}: {response.status}")


@contextmanager
def walking(browser: Browser, address: str) -> Iterator[Walker]:
    """As whoever has the admin link."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(2 * PATIENCE_MS)
    walker = Walker(context.new_page(), address)
    walker.go("/?key=r")
    yield walker
    context.close()
