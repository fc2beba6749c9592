"""What pages of briefs show: the list, the whole chain of one, and the form to write or change it."""

from typing import Any

from sqlalchemy import Connection

from api.bootstrap import Services
from api.viewer import Viewer
from api.work.choices import Names, assignees, names_seen
from api.work.forms import OWN, Filled
from api.work.words import act_states, done_names, kind_names, step_names, task_states, written_units
from api.work.workers import worker_of
from attribution.visibility import Visibility
from planning.desk import Desk
from planning.money import amount_of
from planning.work.acts import acts_about
from planning.work.briefs import Brief, find_brief, list_briefs
from planning.work.comments import comments_on_brief
from planning.work.documents import month_of
from planning.work.people import Party, may_act
from planning.work.states import TaskState
from planning.work.story import story_of_brief
from planning.work.tasks import Task, tasks_of
from planning.work.versions import Version, versions_of

_PAGE = 50


def briefs_view(
    services: Services, viewer: Viewer, *, month: str = "", dealer: str = "", contractor: str = "", before: int = 0
) -> dict[str, Any]:
    with services.database.connect() as connection:
        names = names_seen(connection, viewer.seen)
        found, total = list_briefs(
            connection, viewer.seen, month=month, dealer=dealer, contractor=contractor, most=_PAGE, before=before
        )
        rows = [_row(connection, each, names, viewer.seen) for each in found]
    return {
        "rows": rows,
        "total": total,
        "names": names,
        "month": month,
        "dealer": dealer,
        "contractor": contractor,
        "before": before,
        "next": found[-1].id if len(found) == _PAGE else None,
        "may_write": may_act(worker_of(viewer), Party.HOLDING),
    }


def brief_view(
    services: Services, viewer: Viewer, key: int, done: str = "", filled: Filled | None = None
) -> dict[str, Any]:
    """Raises `NotFound`."""
    desk, worker = services.desk, worker_of(viewer)
    with services.database.connect() as connection:
        brief = find_brief(connection, key, viewer.seen)
        names = names_seen(connection, viewer.seen)
        acts = acts_about(connection, key, viewer.seen)
        tasks = tasks_of(connection, key, viewer.seen)
        is_theirs = viewer.seen.sees_contractor(brief.contractor)
        view = {
            "brief": brief,
            "is_theirs": is_theirs,
            "dealers": [names.dealer(each) for each in brief.dealers if viewer.seen.sees_dealer(each)],
            "unseen_dealers": sum(not viewer.seen.sees_dealer(each) for each in brief.dealers),
            "budget": written_units(brief.budget),
            "tasks": [
                {"task": each, "days_late": each.days_late(desk.today), "newest": _newest(connection, desk, each)}
                for each in tasks
            ],
            "acts": [{"act": each, "amount": written_units(each.gross)} for each in acts],
            "files": desk.files.list(connection, brief.subject),
            "comments": comments_on_brief(connection, key, viewer.seen),
            "story": story_of_brief(connection, key, [act.id for act in acts], viewer.seen),
            "act_numbers": {each.id: each.number for each in acts},
            "task_titles": {each.id: each.title for each in tasks},
            "assignees": assignees(connection, brief, brief.contractor, worker),
        }
    return {
        **view,
        "names": names,
        "kinds": kind_names(),
        "task_states": task_states(),
        "act_states": act_states(),
        "steps": step_names(),
        "own": OWN,
        "zone": desk.zone,
        "today": desk.today,
        "may_write": may_act(worker, Party.HOLDING),
        "done": done_names().get(done, ""),
        "filled": filled or Filled(),
        "task_filled": Filled("task"),
    }


def brief_form_view(
    services: Services, viewer: Viewer, key: int | None = None, filled: Filled | None = None
) -> dict[str, Any]:
    """As it is kept, or as it was filled in. Raises `NotFound`."""
    with services.database.connect() as connection:
        brief = find_brief(connection, key, viewer.seen) if key else None
        names = names_seen(connection, viewer.seen)
    usual = _filled_from(brief) if brief else Filled("brief", {"month": month_of(services.today), "needs_brand": "1"})
    return {
        "brief": brief,
        "names": names,
        "brand_choices": [(brand, brand) for brand in names.brands],
        "filled": filled or usual,
        "currency": services.settings.currency,
        "revision": (filled and filled.values.get("revision")) or (brief.revision if brief else 0),
    }


def _row(connection: Connection, brief: Brief, names: Names, seen: Visibility) -> dict[str, Any]:
    tasks = tasks_of(connection, brief.id, seen)
    is_theirs = seen.sees_contractor(brief.contractor)
    return {
        "brief": brief,
        "dealers": [names.dealer(each) for each in brief.dealers if seen.sees_dealer(each)] or [brief.brand],
        "contractor": names.contractor(brief.contractor) if is_theirs else "",
        "budget": written_units(brief.budget if is_theirs else None),
        "tasks": len(tasks),
        "approved": sum(task.state in (TaskState.APPROVED, TaskState.DONE) for task in tasks),
    }


def _newest(connection: Connection, desk: Desk, task: Task) -> Version | None:
    """The newest version, for its preview; None before there is one."""
    return next(iter(versions_of(connection, desk, task)), None) if task.newest_version else None


def _filled_from(brief: Brief) -> Filled:
    plain = ("title", "text", "brand", "channel", "campaign", "contractor", "month", "currency")
    values = {name: getattr(brief, name) for name in plain} | {
        "budget": "" if brief.budget is None else f"{amount_of(brief.budget):f}",
        "media_item": str(brief.media_item or ""),
        "deadline": brief.deadline.isoformat() if brief.deadline else "",
        "needs_brand": "1" if brief.needs_brand else "",
        "is_closed": "1" if brief.is_closed else "",
    }
    return Filled("brief", values, brief.dealers)
