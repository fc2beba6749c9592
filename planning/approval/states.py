"""The states of an approval, and from which it comes into which."""

from enum import StrEnum


class ApprovalState(StrEnum):
    WAITING = "waiting"
    """Stages before it are not done."""
    OPEN = "open"
    AGREED = "agreed"
    RETURNED = "returned"
    SKIPPED = "skipped"
    """What is planned does not exceed the stage's limit."""
    CANCELLED = "cancelled"
    """The version was withdrawn, or goes back to be reworked."""


MOVES: dict[ApprovalState, tuple[ApprovalState, ...]] = {
    ApprovalState.WAITING: (ApprovalState.OPEN, ApprovalState.CANCELLED),
    ApprovalState.OPEN: (ApprovalState.AGREED, ApprovalState.RETURNED, ApprovalState.CANCELLED),
    ApprovalState.RETURNED: (ApprovalState.OPEN,),
}

DONE = (ApprovalState.AGREED, ApprovalState.SKIPPED)
"""Nothing waits for it any more."""


def states_before(state: ApprovalState) -> tuple[ApprovalState, ...]:
    """From which it may be come into."""
    return tuple(each for each, reached in MOVES.items() if state in reached)
