"""A process that is killed between steps of work, or within: what was acknowledged is there, and nothing by halves."""

import subprocess
import sys
from pathlib import Path

import pytest

from attribution.reference import replace_reference
from attribution.reference_document import Contractor, ReferenceDocument
from planning.desk import Desk
from planning.work.acts import list_acts
from planning.work.deciding import agreed_sides
from planning.work.ordered import accepted_in
from planning.work.states import ActState, TaskState
from planning.work.story import story_of_task
from planning.work.tasks import TaskFilter, find_task, list_tasks
from planning.work.versions import versions_of
from tests.api.cli.closedloop import ROOT
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS
from tests.planning.funds.victim import desk_at
from tests.planning.work.working import DIRECTOR

_ORDER = [TaskState.NEW, TaskState.ON_REVIEW, TaskState.APPROVED]


@pytest.mark.parametrize("steps", [1, 3, 8, 19])
def test_what_was_acknowledged_is_there(tmp_path: Path, steps: int) -> None:
    lay_database(tmp_path / "closedloop.db")
    address, folder = f"sqlite:///{tmp_path / 'closedloop.db'}", str(tmp_path / "files")
    desk = desk_at(address, folder)
    known = ReferenceDocument(dealers=DEALERS, contractors=(Contractor(id="agency"),))
    replace_reference(desk.engine, known, author="t", clock=desk.clock)
    command = [sys.executable, "-m", "tests.planning.work.victim", address, folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout
        told = [victim.stdout.readline().split() for _ in range(steps)]
        victim.kill()
        told += [line.split() for line in victim.stdout if line.endswith("\n")]
    check(desk, [(int(key), TaskState(state)) for kind, key, state in told if kind == "task"])
    with desk.engine.connect() as connection:
        acts, _ = list_acts(connection, DIRECTOR.seen, states=[ActState.ACCEPTED], most=1000)
        assert {int(key) for kind, key, _ in told if kind == "act"} <= {act.id for act in acts}
        assert accepted_in(connection, "agency", "2027-03", "RUB") == sum(act.net for act in acts)
    desk.engine.dispose()


def check(desk: Desk, told: list[tuple[int, TaskState]]) -> None:
    with desk.engine.connect() as connection:
        for key, state in told:
            assert _ORDER.index(find_task(connection, key, DIRECTOR.seen).state) >= _ORDER.index(state)
        for task in list_tasks(connection, DIRECTOR.seen, TaskFilter(), most=1000)[0]:
            versions = versions_of(connection, desk, task)
            assert len(versions) == task.newest_version
            assert all(desk.files.path(file).stat().st_size == file.size for each in versions for file in each.files)
            assert len(story_of_task(connection, task.id, DIRECTOR.seen)) == task.revision
            assert (len(agreed_sides(connection, task)) == 2) == (task.state is TaskState.APPROVED)
