"""What the page of one's own account shows."""

from typing import Any

from api.bootstrap import Services
from api.language import LANGUAGES
from api.viewer import Viewer
from infra.access.passwords import FEWEST_CHARACTERS
from infra.access.rights import Right
from planning.approval.reminding import wants_reminders


def account_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    """`plans` says whether plans ask anything of them, `reminded` whether anything does that letters tell of."""
    view: dict[str, Any] = {"languages": LANGUAGES, "fewest": FEWEST_CHARACTERS, "plans": False, "reminded": False}
    if viewer.user is None or not viewer.may(Right.TASKS):
        return view
    with services.database.connect() as connection:
        wanted = wants_reminders(connection, viewer.user.email)
    view |= {"reminded": True, "wants_reminders": wanted}
    if not viewer.may(Right.PLANS):
        return view
    return view | {"plans": True, "has_calendar": services.calendar_feeds.has_one(viewer.user.email)}
