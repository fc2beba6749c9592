"""A brief, a task and an act, which operations of contractor work may name."""

from datetime import date
from decimal import Decimal
from io import BytesIO

from api.bootstrap import Services
from attribution.visibility import EVERYTHING
from infra.access.rights import EVERY_RIGHT
from planning.work.act_register import add_act
from planning.work.asking import Asked
from planning.work.brief_register import add_brief
from planning.work.documents import ActLineTold, ActTold, BriefTold, TaskTold
from planning.work.people import Worker
from planning.work.task_register import add_task
from planning.work.versions import NewFile, hand_in

_OF_TASKS = ("", "/assignee", "/steps", "/versions", "/decisions", "/comments")


def work_kept(services: Services) -> dict[str, dict[str, int]]:
    """A brief with a task, a version of it, and an act."""
    desk, who = services.desk, Asked(Worker("test", EVERYTHING, EVERY_RIGHT))
    brief = add_brief(desk, BriefTold(title="Spring", dealers=("north",), month="2026-06"), who).id
    task = add_task(desk, brief, TaskTold(title="Banner"), who).id
    hand_in(desk, task, [NewFile("banner.txt", desk.files.keep(BytesIO(b"banner")))], "", who)
    day = date(2026, 6, 1)
    line = ActLineTold(what="Banner", net=Decimal(5))
    act = add_act(
        desk, ActTold(number="1", day=day, contractor="agency", first_day=day, last_day=day, lines=(line,)), who
    ).id
    return {
        **{f"/api/briefs/{{key}}{rest}": {"key": brief} for rest in ("", "/tasks", "/comments", "/files")},
        **{f"/api/tasks/{{key}}{rest}": {"key": task} for rest in _OF_TASKS},
        **{f"/api/acts/{{key}}{rest}": {"key": act} for rest in ("", "/steps", "/files")},
    }
