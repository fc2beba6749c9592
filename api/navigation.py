"""The pages of the application, in the order of the navigation, and who may open each."""

from dataclasses import dataclass

from api.auth import Needs, may_administer, may_read, may_read_of_dealers, may_read_own, may_see_own_people, may_work
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PageLink:
    """Pages of one `group` are one entry of the navigation, and tabs of each other."""

    title: str
    address: str
    needs: Needs
    group: str = ""

    def is_at(self, path: str) -> bool:
        """Whether it is that page, or the one above it."""
        return path == self.address or path.startswith(f"{self.address}/")


@dataclass(frozen=True, slots=True)
class Entry:
    """Of the navigation; it leads to the first of its pages."""

    title: str
    pages: tuple[PageLink, ...]

    @property
    def address(self) -> str:
        return self.pages[0].address

    @property
    def has_inbox(self) -> bool:
        """Whether the number of what waits stands beside it."""
        return any(page.address == INBOX for page in self.pages)

    def is_at(self, path: str) -> bool:
        return any(page.is_at(path) for page in self.pages)


PLANNING = "Planning"
BUDGET = "Budget"
INBOX = "/inbox"


PAGES = (
    PageLink("Overview", "/overview", may_read_own),
    PageLink("Channels", "/channels", may_read_own),
    PageLink("Dealers", "/dealers", may_read_of_dealers),
    PageLink("Contractors", "/contractors", may_read_own),
    PageLink("Funnel", "/funnel", may_read_of_dealers),
    PageLink("Managers and products", "/managers", may_read_of_dealers),
    PageLink("Journeys", "/journeys", may_read_of_dealers),
    PageLink("Customers", "/customers", may_see_own_people),
    PageLink("Inbox", INBOX, may_work, PLANNING),
    PageLink("Plans", "/plans", may_read_of_dealers, PLANNING),
    PageLink("Media plans", "/media-plans", may_read_own, PLANNING),
    PageLink("Calendar", "/calendar", may_read_own, PLANNING),
    PageLink("Funds", "/funds", may_read_of_dealers, PLANNING),
    PageLink("Tasks", "/tasks", may_work, PLANNING),
    PageLink("Briefs", "/briefs", may_work, PLANNING),
    PageLink("Acts", "/acts", may_work, PLANNING),
    PageLink("Calculator", "/calculator", may_read_of_dealers, BUDGET),
    PageLink("Forecasts", "/forecasts", may_read_of_dealers, BUDGET),
    PageLink("Response curves", "/response-curves", may_read_of_dealers, BUDGET),
    PageLink("Recommendations", "/recommendations", may_read_of_dealers, BUDGET),
    PageLink("Stock", "/stock", may_read_of_dealers, BUDGET),
    PageLink("Call load", "/call-load", may_read_of_dealers, BUDGET),
    PageLink("Hiring", "/hiring", may_read, BUDGET),
    PageLink("Benchmarks", "/benchmarks", may_read_of_dealers, BUDGET),
    PageLink("Saved views", "/views", may_read_own),
    PageLink("Sources", "/sources", may_read),
    PageLink("Settings", "/settings", may_read),
    PageLink("Audit log", "/audit", may_administer),
)


def pages_for(viewer: Viewer) -> list[PageLink]:
    return [page for page in PAGES if page.needs.lets_in(viewer)]


def entries_for(viewer: Viewer) -> list[Entry]:
    """In the order of their first pages."""
    found: dict[str, list[PageLink]] = {}
    for page in pages_for(viewer):
        found.setdefault(page.group or page.title, []).append(page)
    return [Entry(title, tuple(pages)) for title, pages in found.items()]


def tabs_at(path: str, viewer: Viewer) -> tuple[PageLink, ...]:
    """The pages of the group in which one is, where there are several."""
    here = next((entry for entry in entries_for(viewer) if entry.is_at(path)), None)
    return here.pages if here and len(here.pages) > 1 else ()


def first_page(viewer: Viewer) -> str:
    """Where one begins; every role has one page of its own at least."""
    return next((page.address for page in pages_for(viewer)), "/account")


def page_at(path: str) -> PageLink | None:
    """The page that it is, or that it stands below."""
    return next((page for page in PAGES if page.is_at(path)), None)
