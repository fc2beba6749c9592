"""What the API tells of a brief, a task or an act: itself, and all that hangs on it and is the viewer's to see."""

from typing import Any

from sqlalchemy import Connection

from attribution.visibility import Visibility
from planning.desk import Desk
from planning.work.act_register import whole
from planning.work.acts import Act, acts_about
from planning.work.briefs import Brief, find_brief
from planning.work.comments import comments_on_brief, comments_on_task
from planning.work.deciding import side_in_turn
from planning.work.story import story_of_act, story_of_brief, story_of_task
from planning.work.tasks import Task, tasks_of
from planning.work.versions import versions_of


def whole_brief(connection: Connection, desk: Desk, brief: Brief, seen: Visibility) -> dict[str, Any]:
    acts = acts_about(connection, brief.id, seen)
    return {
        **brief.as_dict(seen),
        "files": [each.as_dict() for each in desk.files.list(connection, brief.subject)],
        "tasks": [each.as_dict(desk.today) for each in tasks_of(connection, brief.id, seen)],
        "acts": [each.as_dict() for each in acts],
        "comments": [each.as_dict() for each in comments_on_brief(connection, brief.id, seen)],
        "story": [each.as_dict() for each in story_of_brief(connection, brief.id, [act.id for act in acts], seen)],
    }


def whole_task(connection: Connection, desk: Desk, task: Task, seen: Visibility) -> dict[str, Any]:
    """`decides` is whose decision on the newest version is awaited."""
    return {
        **task.as_dict(desk.today),
        "decides": side_in_turn(connection, find_brief(connection, task.brief, seen), task),
        "versions": [each.as_dict() for each in versions_of(connection, desk, task)],
        "comments": [each.as_dict() for each in comments_on_task(connection, task.id, seen)],
        "story": [each.as_dict() for each in story_of_task(connection, task.id, seen)],
    }


def whole_act(connection: Connection, desk: Desk, act: Act, seen: Visibility) -> dict[str, Any]:
    return {
        **whole(connection, act),
        "files": [each.as_dict() for each in desk.files.list(connection, act.subject)],
        "story": [each.as_dict() for each in story_of_act(connection, act.id, seen)],
    }
