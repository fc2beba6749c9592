"""What the board of tasks shows: what waits for the viewer, and a column for each state, what is due first on top."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.language import gettext as _
from api.viewer import Viewer
from api.work.choices import names_seen
from api.work.words import done_names, kind_names, task_states, waiting_names
from api.work.workers import worker_of
from attribution.visibility import Visibility
from planning.work.people import Party, may_act
from planning.work.states import TaskState
from planning.work.tasks import Task, TaskFilter, tasks_by_due
from planning.work.waiting import waiting

_OPEN = (TaskState.NEW, TaskState.IN_WORK, TaskState.ON_REVIEW, TaskState.RETURNED, TaskState.APPROVED)
_OVER = (TaskState.DONE, TaskState.CANCELLED)
_MOST_OPEN, _MOST_OVER = 500, 30


@dataclass(frozen=True, slots=True)
class BoardQuestion:
    contractor: str = ""
    dealer: str = ""
    mine: bool = False
    late: bool = False

    def address(self, path: str = "/tasks", **more: str) -> str:
        told = {"contractor": self.contractor, "dealer": self.dealer, "mine": "1" if self.mine else ""}
        told |= {"late": "1" if self.late else "", **more}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class Card:
    task: Task
    kind: str
    days_late: int
    whose: str


@dataclass(frozen=True, slots=True)
class Column:
    state: TaskState
    title: str
    cards: list[Card]


def board_view(services: Services, viewer: Viewer, question: BoardQuestion, done: str) -> dict[str, Any]:
    desk, worker = services.desk, worker_of(viewer)
    with services.database.connect() as connection:
        names = names_seen(connection, viewer.seen)
        asked = _filter(viewer, question, desk.today)
        found, total = tasks_by_due(connection, viewer.seen, replace(asked, states=_OPEN), _MOST_OPEN)
        over, over_total = tasks_by_due(connection, viewer.seen, replace(asked, states=_OVER), _MOST_OVER)
        waits = waiting(connection, desk, worker)
    titles, kinds = task_states(), kind_names()

    def card(task: Task) -> Card:
        whose = names.contractor(task.contractor) if task.contractor else _("the holding itself")
        return Card(task, kinds[task.kind], task.days_late(desk.today), task.assignee or whose)

    return {
        "question": question,
        "columns": [
            Column(state, titles[state], [card(task) for task in found if task.state is state]) for state in _OPEN
        ],
        "total": total,
        "more": total - len(found),
        "over": [card(task) for task in over],
        "over_total": over_total,
        "late": sum(task.days_late(desk.today) > 0 for task in found),
        "names": names,
        "states": titles,
        "waits": waits,
        "waiting_names": waiting_names(),
        "today": desk.today,
        "may_write": may_act(worker, Party.HOLDING),
        "is_filtered": question != BoardQuestion(),
        "sees_all_contractors": sees_several(viewer.seen),
        "done": done_names().get(done, ""),
    }


def sees_several(seen: Visibility) -> bool:
    """Whether there is anything to choose among contractors."""
    return seen.contractors is None or len(seen.contractors) > 1


def _filter(viewer: Viewer, question: BoardQuestion, today: date) -> TaskFilter:
    return TaskFilter(
        dealer=question.dealer,
        contractor=question.contractor,
        assignee=viewer.name if question.mine else "",
        late_on=today if question.late else None,
    )
