"""The pages of the application, in the order of the navigation, and who may open each."""

from dataclasses import dataclass

from api.auth import Needs, may_administer, may_read, may_read_of_dealers, may_read_own, may_see_own_people, may_work
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PageLink:
    title: str
    address: str
    needs: Needs


PAGES = (
    PageLink("Overview", "/overview", may_read_own),
    PageLink("Channels", "/channels", may_read_own),
    PageLink("Dealers", "/dealers", may_read_of_dealers),
    PageLink("Contractors", "/contractors", may_read_own),
    PageLink("Funnel", "/funnel", may_read_of_dealers),
    PageLink("Managers and products", "/managers", may_read_of_dealers),
    PageLink("Journeys", "/journeys", may_read_of_dealers),
    PageLink("Customers", "/customers", may_see_own_people),
    PageLink("Plans", "/plans", may_read_of_dealers),
    PageLink("Inbox", "/inbox", may_work),
    PageLink("Saved views", "/views", may_read_own),
    PageLink("Sources", "/sources", may_read),
    PageLink("Settings", "/settings", may_read),
    PageLink("Audit log", "/audit", may_administer),
)


def pages_for(viewer: Viewer) -> list[PageLink]:
    return [page for page in PAGES if page.needs.lets_in(viewer)]


def first_page(viewer: Viewer) -> str:
    """Where one begins; every role has one page of its own at least."""
    return next((page.address for page in pages_for(viewer)), "/account")


def page_at(path: str) -> PageLink | None:
    """The page that it is, or that it stands below."""
    return next((page for page in PAGES if path == page.address or path.startswith(f"{page.address}/")), None)
