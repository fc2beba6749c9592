"""What waits for whoever looks, in the reader's words."""

from dataclasses import replace
from typing import Any

from api.approval_words import day_words
from api.bootstrap import Services
from api.funds.words import waiting_names as fund_names
from api.language import gettext as _
from api.markdown import as_html
from api.media.texts import waiting_names as media_names
from api.planning_people import person_asking
from api.told import told
from api.viewer import Viewer
from api.work.words import waiting_names as work_names
from infra.access.rights import Right
from planning.approval.delegations import actor_of
from planning.approval.inbox import APPROVAL, REDRAFT, SENT_BACK
from planning.approval.people import Actor
from planning.dimensions import known_network
from planning.offers import FUND, MEDIA, WORK
from planning.waiting import Waiting, everything_waiting


def waiting_for(services: Services, viewer: Viewer) -> list[Waiting]:
    """Nothing waits for a program."""
    if viewer.session is None:
        return []
    person, offers = person_asking(services, viewer), services.waiting_offers
    with services.database.connect() as connection:
        actor: Actor = actor_of(connection, person, known_network(connection), services.today)
        found = everything_waiting(connection, offers, actor, services.today)
    return [in_words(each) for each in found]


def count_waiting(services: Services, viewer: Viewer) -> int:
    """Beside «Inbox» on every page."""
    if viewer.session is None or not (viewer.may(Right.TASKS) or viewer.may(Right.PLANS)):
        return 0
    return len(waiting_for(services, viewer))


def in_words(waiting: Waiting) -> Waiting:
    """Titles of what has none of its own, and texts of the process that ships."""
    if waiting.kind == SENT_BACK:
        title = _("Sent back by %(who)s: say what becomes of it") % {"who": waiting.title}
        return replace(waiting, title=title)
    if waiting.kind == REDRAFT:
        title = _("Version %(number)s came back: make the next draft") % {"number": waiting.title}
        return replace(waiting, title=title)
    return replace(waiting, title=told(waiting.title), instruction=told(waiting.instruction))


def kind_names() -> dict[str, str]:
    of_plans = {APPROVAL: _("Approval"), SENT_BACK: _("Sent back"), REDRAFT: _("To rework")}
    of_funds = {f"{FUND}{kind}": name for kind, name in fund_names().items()}
    of_media = {f"{MEDIA}{kind}": name for kind, name in media_names().items()}
    return of_plans | of_funds | of_media | {f"{WORK}{kind}": name for kind, name in work_names().items()}


def inbox_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    """Instructions once for each step that has one."""
    waiting = waiting_for(services, viewer)
    instructions = {each.instruction: as_html(each.instruction) for each in waiting if each.instruction}
    return {
        "waiting": waiting,
        "kinds": kind_names(),
        "today": services.today,
        "day_words": day_words,
        "instructions": instructions,
        "late": sum(each.days_late(services.today) > 0 for each in waiting),
        "can_agree": any(each.based_on is not None for each in waiting),
    }
