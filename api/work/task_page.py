"""What the page of a task shows: its versions side by side, what was decided and said, and what can be done now."""

from collections.abc import Sequence
from typing import Any

from api.bootstrap import Services
from api.viewer import Viewer
from api.work.choices import assignees, names_seen
from api.work.forms import OWN, Filled
from api.work.words import done_names, kind_names, side_names, step_names, task_buttons, task_states
from api.work.workers import worker_of
from planning.work.briefs import Brief, find_brief
from planning.work.comments import comments_on_task
from planning.work.deciding import side_in_turn, sides_of
from planning.work.people import Party, Worker, may_act
from planning.work.states import TASK_WAYS, TaskStep, task_steps_from
from planning.work.stepping import BY_ITSELF
from planning.work.story import story_of_task
from planning.work.tasks import Task, find_task
from planning.work.versions import Version, versions_of
from planning.work.waiting import unseen_mentions


def task_view(
    services: Services,
    viewer: Viewer,
    key: int,
    *,
    left: int = 0,
    right: int = 0,
    done: str = "",
    filled: Filled | None = None,
) -> dict[str, Any]:
    """`left` and `right` are versions to look at beside each other. Raises `NotFound`."""
    desk, worker = services.desk, worker_of(viewer)
    with services.database.connect() as connection:
        task = find_task(connection, key, viewer.seen)
        brief = find_brief(connection, task.brief, viewer.seen)
        versions = versions_of(connection, desk, task)
        side = side_in_turn(connection, brief, task)
        names = names_seen(connection, viewer.seen)
        view = {
            "comments": comments_on_task(connection, key, viewer.seen),
            "story": story_of_task(connection, key, viewer.seen),
            "assignees": assignees(connection, brief, task.contractor, worker),
            "mentions": [each for each in unseen_mentions(connection, desk, worker) if _is_here(each.link, key)],
        }
    return {
        **view,
        "task": task,
        "brief": brief,
        "names": names,
        "days_late": task.days_late(desk.today),
        "versions": versions,
        "beside": _beside(versions, left, right),
        "side": side,
        "sides": [each.value for each in sides_of(brief)],
        "may_decide": side is not None and may_act(worker, side),
        "may_hand_in": may_act(worker, Party.CONTRACTOR) and TaskStep.HAND_IN in set(task_steps_from(task.state)),
        "may_assign": may_act(worker, Party.CONTRACTOR) and not task.state.is_over,
        "may_change": may_act(worker, Party.HOLDING) and not task.state.is_over,
        "buttons": [(step, task_buttons()[step], TASK_WAYS[step].says_why) for step in _open_steps(task, worker)],
        "kinds": kind_names(),
        "states": task_states(),
        "side_names": side_names(),
        "steps": step_names(),
        "own": OWN,
        "zone": desk.zone,
        "done": done_names().get(done, ""),
        "filled": filled or Filled(),
        "task_filled": _filled_from(task, brief),
    }


def _filled_from(task: Task, brief: Brief) -> Filled:
    """The brief's own contractor is what it says."""
    of_brief = "" if task.contractor == brief.contractor else task.contractor
    return Filled(
        "task",
        {
            "title": task.title,
            "kind": task.kind.value,
            "text": task.text,
            "formats": "\n".join(task.formats),
            "contractor": of_brief if task.contractor or not brief.contractor else OWN,
            "assignee": task.assignee,
            "due": task.due.isoformat() if task.due else "",
        },
    )


def _open_steps(task: Task, worker: Worker) -> list[TaskStep]:
    return [
        step for step in task_steps_from(task.state) if step in BY_ITSELF and may_act(worker, TASK_WAYS[step].party)
    ]


def _beside(versions: Sequence[Version], left: int, right: int) -> list[Version]:
    """The two that are asked for, else the newest and the one before it; the older one first."""
    asked = [each for each in versions if each.number in (left, right)]
    return sorted(asked or versions[:2], key=lambda each: each.number)


def _is_here(link: str, key: int) -> bool:
    return link.partition("#")[0] == f"/tasks/{key}"
