"""A process that hands in, decides and accepts until it is killed: `python -m tests.planning.work.victim`."""

import sys
from itertools import count

from planning.desk import Desk
from planning.work.states import ActStep
from tests.planning.funds.victim import desk_at, say
from tests.planning.work.working import (
    ANNA,
    LADA,
    checked_act,
    decided,
    handed_in,
    stepped,
    written_brief,
    written_task,
)


def work_for_ever(desk: Desk) -> None:
    """Say each step once it is acknowledged."""
    brief = written_brief(desk, budget=10**9)
    for number in count():
        task = written_task(desk, brief)
        say(f"task {task.id} {task.state}")
        for step in (handed_in, lambda on, of: decided(on, of, ANNA), lambda on, of: decided(on, of, LADA)):
            task = step(desk, task)
            say(f"task {task.id} {task.state}")
        act = stepped(desk, checked_act(desk, 7, task=task.id, number=str(number)), ActStep.ACCEPT)
        say(f"act {act.id} {act.state}")


if __name__ == "__main__":
    work_for_ever(desk_at(*sys.argv[1:]))
