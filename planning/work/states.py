"""How tasks and acts go on: which step leads from where to where, and whose it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from infra.errors import InvalidInput
from planning.work.people import Party


class TaskState(StrEnum):
    NEW = "new"
    IN_WORK = "in_work"
    ON_REVIEW = "on_review"
    RETURNED = "returned"
    APPROVED = "approved"
    DONE = "done"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return not any(self in way.sources for way in TASK_WAYS.values())

    @property
    def is_late_after_due(self) -> bool:
        """Whether its due day still presses."""
        return self in (TaskState.NEW, TaskState.IN_WORK, TaskState.ON_REVIEW, TaskState.RETURNED)


class TaskStep(StrEnum):
    TAKE = "take"
    HAND_IN = "hand_in"
    AGREE = "agree"
    APPROVE = "approve"
    RETURN = "return"
    REOPEN = "reopen"
    FINISH = "finish"
    CANCEL = "cancel"


class ActState(StrEnum):
    DRAFT = "draft"
    HANDED_IN = "handed_in"
    CHECKED = "checked"
    DISPUTED = "disputed"
    ACCEPTED = "accepted"
    PAID = "paid"
    WITHDRAWN = "withdrawn"

    @property
    def can_be_changed(self) -> bool:
        return self in (ActState.DRAFT, ActState.DISPUTED)


class ActStep(StrEnum):
    HAND_IN = "hand_in"
    CHECK = "check"
    DISPUTE = "dispute"
    ACCEPT = "accept"
    PAY = "pay"
    WITHDRAW = "withdraw"


AnyState = TypeVar("AnyState", TaskState, ActState)


@dataclass(frozen=True, slots=True)
class Way(Generic[AnyState]):
    """`target` is None where the state stays. `says_why` is whether a comment is needed."""

    sources: tuple[AnyState, ...]
    target: AnyState | None
    party: Party
    says_why: bool = False


_T, _A = TaskState, ActState
_UNDER_WAY = (_T.NEW, _T.IN_WORK, _T.ON_REVIEW, _T.RETURNED, _T.APPROVED)

TASK_WAYS: Mapping[TaskStep, Way[TaskState]] = {
    TaskStep.TAKE: Way((_T.NEW, _T.RETURNED), _T.IN_WORK, Party.CONTRACTOR),
    TaskStep.HAND_IN: Way((_T.NEW, _T.IN_WORK, _T.ON_REVIEW, _T.RETURNED), _T.ON_REVIEW, Party.CONTRACTOR),
    TaskStep.AGREE: Way((_T.ON_REVIEW,), None, Party.HOLDING),
    TaskStep.APPROVE: Way((_T.ON_REVIEW,), _T.APPROVED, Party.HOLDING),
    TaskStep.RETURN: Way((_T.ON_REVIEW,), _T.RETURNED, Party.HOLDING, says_why=True),
    TaskStep.REOPEN: Way((_T.APPROVED,), _T.RETURNED, Party.HOLDING, says_why=True),
    TaskStep.FINISH: Way((_T.APPROVED,), _T.DONE, Party.HOLDING),
    TaskStep.CANCEL: Way(_UNDER_WAY, _T.CANCELLED, Party.HOLDING, says_why=True),
}
"""A version that not all have agreed to stays on review; the last one who agrees approves it."""

ACT_WAYS: Mapping[ActStep, Way[ActState]] = {
    ActStep.HAND_IN: Way((_A.DRAFT, _A.DISPUTED), _A.HANDED_IN, Party.CONTRACTOR),
    ActStep.CHECK: Way((_A.HANDED_IN,), _A.CHECKED, Party.HOLDING),
    ActStep.DISPUTE: Way((_A.HANDED_IN, _A.CHECKED), _A.DISPUTED, Party.HOLDING, says_why=True),
    ActStep.ACCEPT: Way((_A.CHECKED,), _A.ACCEPTED, Party.DIRECTOR),
    ActStep.PAY: Way((_A.ACCEPTED,), _A.PAID, Party.DIRECTOR),
    ActStep.WITHDRAW: Way((_A.DRAFT, _A.HANDED_IN, _A.DISPUTED), _A.WITHDRAWN, Party.CONTRACTOR),
}

_TASK_INSTEAD = {
    _T.NEW: "Take it on, or hand in a version.",
    _T.IN_WORK: "Hand in a version first.",
    _T.ON_REVIEW: "Wait until the version is decided, or hand in a newer one.",
    _T.RETURNED: "Hand in a new version that answers the comment.",
    _T.APPROVED: "Close it as done, or reopen it with a comment.",
    _T.DONE: "Write another task: this one is done.",
    _T.CANCELLED: "Write another task: a cancelled one stays cancelled.",
}
_ACT_INSTEAD = {
    _A.DRAFT: "Attach the signed act, and hand it in.",
    _A.HANDED_IN: "Let the holding check it, or withdraw it.",
    _A.CHECKED: "Let the director accept it, or dispute it.",
    _A.DISPUTED: "Correct what is disputed, and hand it in again.",
    _A.ACCEPTED: "Pay it: what is accepted stays accepted.",
    _A.PAID: "Nothing is left to do: it is paid.",
    _A.WITHDRAWN: "Write another act: a withdrawn one stays withdrawn.",
}


def task_steps_from(state: TaskState) -> Iterator[TaskStep]:
    return (step for step, way in TASK_WAYS.items() if state in way.sources)


def act_steps_from(state: ActState) -> Iterator[ActStep]:
    return (step for step, way in ACT_WAYS.items() if state in way.sources)


def check_task_way(state: TaskState, step: TaskStep, comment: str) -> Way[TaskState]:
    """Raises `InvalidInput` where the step does not lead on from the state, or leaves its reason unsaid."""
    way = TASK_WAYS[step]
    if state not in way.sources:
        raise InvalidInput(
            f"A task that is {in_words(state)} has no step “{in_words(step)}”.",
            where="step",
            help=_TASK_INSTEAD[state],
        )
    _check_says_why(way.says_why, comment)
    return way


def check_act_way(state: ActState, step: ActStep, comment: str) -> Way[ActState]:
    """Raises `InvalidInput` where the step does not lead on from the state, or leaves its reason unsaid."""
    way = ACT_WAYS[step]
    if state not in way.sources:
        raise InvalidInput(
            f"An act that is {in_words(state)} has no step “{in_words(step)}”.", where="step", help=_ACT_INSTEAD[state]
        )
    _check_says_why(way.says_why, comment)
    return way


def in_words(name: StrEnum) -> str:
    return name.value.replace("_", " ")


def _check_says_why(is_needed: bool, comment: str) -> None:
    if is_needed and not comment.strip():
        raise InvalidInput("This needs a comment.", where="comment", help="Say why: the other side reads it.")
