"""The pages of the application, in the order of the navigation, and who may open each."""

from dataclasses import dataclass

from api.auth import Needs, may_administer, may_read, may_read_own, may_see_own_people
from api.viewer import Viewer


@dataclass(frozen=True, slots=True)
class PageLink:
    """`tells_dealers_apart` where it is closed to whoever sees some contractors only."""

    title: str
    address: str
    needs: Needs
    tells_dealers_apart: bool = False

    def lets_in(self, viewer: Viewer) -> bool:
        return self.needs.lets_in(viewer) and not (self.tells_dealers_apart and viewer.seen.contractors is not None)


PAGES = (
    PageLink("Overview", "/overview", may_read_own),
    PageLink("Channels", "/channels", may_read_own),
    PageLink("Dealers", "/dealers", may_read_own, tells_dealers_apart=True),
    PageLink("Contractors", "/contractors", may_read_own),
    PageLink("Customers", "/customers", may_see_own_people, tells_dealers_apart=True),
    PageLink("Sources", "/sources", may_read),
    PageLink("Settings", "/settings", may_read),
    PageLink("Audit log", "/audit", may_administer),
)


def pages_for(viewer: Viewer) -> list[PageLink]:
    return [page for page in PAGES if page.lets_in(viewer)]


def first_page(viewer: Viewer) -> str:
    """Where one begins; every role has one page of its own at least."""
    return next((page.address for page in pages_for(viewer)), "/account")
