"""A task of a brief: what one contractor, or the holding itself, is to make, and how it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from attribution.visibility import Visibility
from infra.errors import NotFound
from planning.files import Subject
from planning.work.briefs import is_of_dealer, of_seen_dealers
from planning.work.documents import TaskKind
from planning.work.states import TaskState, in_words
from planning.work.tables import work_briefs, work_tasks

SUBJECT = "work_task"
_its = work_tasks.c


@dataclass(frozen=True, slots=True)
class Task:
    """`newest_version` is 0 before anything was handed in; moments are in UTC, days the account's."""

    id: int
    brief: int
    title: str
    text: str
    kind: TaskKind
    contractor: str
    assignee: str
    due: date | None
    formats: tuple[str, ...]
    state: TaskState
    state_since: datetime
    newest_version: int
    author: str
    created_at: datetime
    revision: int
    changed_at: datetime
    changed_by: str

    @property
    def subject(self) -> Subject:
        """What the files of its versions are attached to."""
        return Subject(SUBJECT, self.id)

    @property
    def stands(self) -> str:
        return in_words(self.state)

    def days_late(self, today: date) -> int:
        """0 once it is approved."""
        return max(0, (today - self.due).days) if self.due and self.state.is_late_after_due else 0

    def as_dict(self, today: date) -> dict[str, Any]:
        plain = (
            "id", "brief", "title", "text", "contractor", "assignee", "newest_version", "author", "revision",
            "changed_by",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in plain},
            "kind": self.kind.value,
            "state": self.state.value,
            "due": self.due.isoformat() if self.due else None,
            "days_late": self.days_late(today),
            "formats": list(self.formats),
            **{name: getattr(self, name).isoformat() for name in ("state_since", "created_at", "changed_at")},
        }


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What is left open is not asked. `assignee` is an e-mail; `late_on` is a day after which due days have passed."""

    states: tuple[TaskState, ...] = ()
    kinds: tuple[TaskKind, ...] = ()
    brief: int | None = None
    dealer: str = ""
    contractor: str = ""
    assignee: str = ""
    late_on: date | None = None


def seen_tasks(seen: Visibility) -> list[ColumnElement[bool]]:
    """Conditions on `work_tasks`: of contractors that are seen, and of briefs of dealers that are."""
    by_dealer = of_seen_dealers(seen)
    of_briefs = [_its.brief.in_(select(work_briefs.c.id).where(*by_dealer))] if by_dealer else []
    of_contractors = [] if seen.contractors is None else [_its.contractor.in_(sorted(seen.contractors))]
    return [*of_briefs, *of_contractors]


def find_task(connection: Connection, key: int, seen: Visibility, *, held: bool = False) -> Task:
    """Held, nobody else changes it until the transaction ends. Raises `NotFound`, for one that is not seen, too."""
    asked = select(work_tasks).where(_its.id == key, *seen_tasks(seen))
    row = connection.execute(asked.with_for_update() if held else asked).one_or_none()
    if row is None:
        raise NotFound(f"There is no task {key}.", where="task", help="The page Tasks lists them.")
    return task_of(row)


def list_tasks(
    connection: Connection, seen: Visibility, asked: TaskFilter, *, most: int = 100, before: int = 0
) -> tuple[Sequence[Task], int]:
    """The newest first, those behind the number `before`; and how many there are in all."""
    where = [*seen_tasks(seen), *_conditions(asked)]
    page = [_its.id < before] if before else []
    rows = select(work_tasks).where(*where, *page).order_by(_its.id.desc()).limit(most)
    total = connection.scalar(select(func.count()).select_from(work_tasks).where(*where)) or 0
    return [task_of(row) for row in connection.execute(rows)], total


def tasks_by_due(connection: Connection, seen: Visibility, asked: TaskFilter, most: int) -> tuple[Sequence[Task], int]:
    """What is due first comes first, what has no day last; and how many there are in all."""
    where = [*seen_tasks(seen), *_conditions(asked)]
    order = (_its.due.is_(None), _its.due, _its.id)
    rows = select(work_tasks).where(*where).order_by(*order).limit(most)
    total = connection.scalar(select(func.count()).select_from(work_tasks).where(*where)) or 0
    return [task_of(row) for row in connection.execute(rows)], total


def tasks_of(connection: Connection, brief: int, seen: Visibility) -> Sequence[Task]:
    """In the order in which they were written."""
    rows = select(work_tasks).where(_its.brief == brief, *seen_tasks(seen)).order_by(_its.id)
    return [task_of(row) for row in connection.execute(rows)]


def task_of(row: Row[Any]) -> Task:
    told = {"kind": TaskKind(row.kind), "state": TaskState(row.state), "formats": tuple(row.formats)}
    return Task(**{**row._mapping, **told})


def _conditions(asked: TaskFilter) -> list[ColumnElement[bool]]:
    of_dealer = select(work_briefs.c.id).where(is_of_dealer(asked.dealer))
    pressing = [state.value for state in TaskState if state.is_late_after_due]
    return [
        *([_its.state.in_([state.value for state in asked.states])] if asked.states else []),
        *([_its.kind.in_([kind.value for kind in asked.kinds])] if asked.kinds else []),
        *([_its.brief == asked.brief] if asked.brief else []),
        *([_its.brief.in_(of_dealer)] if asked.dealer else []),
        *([_its.contractor == asked.contractor] if asked.contractor else []),
        *([_its.assignee == asked.assignee] if asked.assignee else []),
        *([_its.due < asked.late_on, _its.state.in_(pressing)] if asked.late_on else []),
    ]
