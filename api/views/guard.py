"""That nobody has a page sent which they may not open: the page's own guard says so when a schedule is set."""

from api.bootstrap import Services
from api.navigation import page_at
from api.viewer import Viewer


def check_may_send(services: Services, viewer: Viewer, key: str) -> None:
    """Raises `NotPermitted`, with the reason. Whether there is such a view is asked elsewhere."""
    view = next((each for each in services.saved_views.list(viewer.name) if each.id == key), None)
    page = page_at(view.address.path) if view else None
    if page:
        page.needs.check(viewer)
