"""What tests of contractor work do again and again."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from attribution.visibility import EVERYTHING, Visibility
from infra.access.rights import EVERY_RIGHT, UserRole
from infra.access.users import User
from planning.desk import Desk
from planning.work.act_register import SIGNED, add_act, attach_to_act
from planning.work.act_steps import ActStepTold, step_act
from planning.work.acts import Act
from planning.work.asking import Asked
from planning.work.brief_register import add_brief
from planning.work.briefs import Brief
from planning.work.deciding import Verdict, decide
from planning.work.documents import ActLineTold, ActTold, BriefTold, TaskTold
from planning.work.people import Worker
from planning.work.states import ActStep
from planning.work.task_register import add_task
from planning.work.tasks import Task
from planning.work.versions import NewFile, hand_in

BEGIN = datetime(2027, 3, 1, 9, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n"

USERS = (
    User("boss@x.com", UserRole.MARKETING_DIRECTOR, "Boss"),
    User("anna@x.com", UserRole.DEALER_MARKETER, "Анна Петрова", dealers=("north",)),
    User("sofia@x.com", UserRole.DEALER_MARKETER, "Sofia", dealers=("south",)),
    User("lada@x.com", UserRole.BRAND_MANAGER, "Lada Manager", brands=("Lada",)),
    User("chery@x.com", UserRole.BRAND_MANAGER, "Chery Manager", brands=("Chery",)),
    User("dan@agency.com", UserRole.CONTRACTOR, "Dan", contractors=("agency",)),
    User("eve@rival.com", UserRole.CONTRACTOR, "Eve", contractors=("rival",)),
)


def _worker(email: str, seen: Visibility) -> Worker:
    role = next(user.role for user in USERS if user.email == email)
    return Worker(email, seen, role.rights, role)


DIRECTOR = _worker("boss@x.com", EVERYTHING)
ANNA = _worker("anna@x.com", Visibility(frozenset({"north"})))
SOFIA = _worker("sofia@x.com", Visibility(frozenset({"south"})))
LADA = _worker("lada@x.com", Visibility(frozenset({"north", "south"})))
CHERY = _worker("chery@x.com", Visibility(frozenset({"east", "west"})))
DAN = _worker("dan@agency.com", Visibility(None, frozenset({"agency"})))
EVE = _worker("eve@rival.com", Visibility(None, frozenset({"rival"})))
LINK = Worker("admin link", EVERYTHING, EVERY_RIGHT)


def brief_told(**told: Any) -> BriefTold:
    usual: dict[str, Any] = {
        "title": "Spring", "text": "**Bold** colours", "dealers": ("north",), "contractor": "agency",
        "month": "2027-03", "budget": Decimal(100_000), "deadline": date(2027, 3, 20),
    }  # fmt: skip
    return BriefTold(**{**usual, **told})


def task_told(**told: Any) -> TaskTold:
    usual: dict[str, Any] = {"title": "Banner", "due": date(2027, 3, 10), "formats": ("240×400", "728×90")}
    return TaskTold(**{**usual, **told})


def act_told(*amounts: int, **told: Any) -> ActTold:
    """With a line of each amount."""
    usual: dict[str, Any] = {
        "number": "A-1", "day": date(2027, 3, 31), "contractor": "agency", "first_day": date(2027, 3, 1),
        "last_day": date(2027, 3, 31),
    }  # fmt: skip
    line = {name: told.pop(name) for name in ("brief", "task") if name in told}
    lines = tuple(ActLineTold(what="work", net=Decimal(each), vat=Decimal(0), **line) for each in amounts)
    return ActTold(**{**usual, "lines": lines, **told})


def by(worker: Worker, based_on: int = 1, comment: str = "") -> Asked:
    return Asked(worker, based_on, comment)


def written_brief(desk: Desk, worker: Worker = DIRECTOR, **told: Any) -> Brief:
    return add_brief(desk, brief_told(**told), by(worker))


def written_task(desk: Desk, brief: Brief, worker: Worker = DIRECTOR, **told: Any) -> Task:
    return add_task(desk, brief.id, task_told(**told), by(worker))


def new_file(desk: Desk, name: str = "banner.png", content: bytes = PNG) -> NewFile:
    return NewFile(name, desk.files.keep(io.BytesIO(content)))


def handed_in(desk: Desk, task: Task, worker: Worker = DAN, content: bytes = PNG) -> Task:
    return hand_in(desk, task.id, [new_file(desk, content=content)], "here", by(worker))


def decided(desk: Desk, task: Task, worker: Worker, verdict: Verdict = Verdict.AGREE, comment: str = "") -> Task:
    return decide(desk, task.id, task.newest_version, verdict, by(worker, task.revision, comment))


def written_act(desk: Desk, *amounts: int, worker: Worker = DAN, **told: Any) -> Act:
    return add_act(desk, act_told(*amounts, **told), by(worker))


def stepped(desk: Desk, act: Act, step: ActStep, worker: Worker = DIRECTOR, **told: Any) -> Act:
    return step_act(desk, act.id, ActStepTold(step=step, revision=act.revision, **told), by(worker))


def checked_act(desk: Desk, *amounts: int, **told: Any) -> Act:
    """With its file, handed in and checked."""
    act = written_act(desk, *amounts, **told)
    attach_to_act(desk, act.id, new_file(desk, "act.pdf", b"%PDF-1.7"), SIGNED, by(DAN))
    return stepped(desk, stepped(desk, act, ActStep.HAND_IN, DAN), ActStep.CHECK)
