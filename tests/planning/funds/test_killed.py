"""A process that is killed between steps of activities, or within: what was acknowledged is there, sums are right."""

import subprocess
import sys
from pathlib import Path

import pytest

from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from attribution.visibility import EVERYTHING
from planning.funds.activity import find_activity
from planning.funds.activity_list import list_activities
from planning.funds.programme_register import add_programme
from planning.funds.states import State
from planning.funds.stepping import steps_of
from tests.api.cli.closedloop import ROOT
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS
from tests.planning.funds.victim import desk_at
from tests.planning.funds.work import LADA, balance

_ORDER = [State.ASKED, State.APPROVED, State.CLAIMED, State.CLAIM_REFUSED]


@pytest.mark.parametrize("steps", [1, 2, 7, 23])
def test_what_was_acknowledged_is_there(tmp_path: Path, steps: int) -> None:
    lay_database(tmp_path / "closedloop.db")
    address, folder = f"sqlite:///{tmp_path / 'closedloop.db'}", str(tmp_path / "files")
    desk = desk_at(address, folder)
    replace_reference(desk.engine, ReferenceDocument(dealers=DEALERS), author="t", clock=desk.clock)
    add_programme(desk, LADA, author="t")
    command = [sys.executable, "-m", "tests.planning.funds.victim", address, folder]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout
        told = [victim.stdout.readline().split() for _ in range(steps)]
        victim.kill()
        told += [line.split() for line in victim.stdout if line.endswith("\n")]
    with desk.engine.connect() as connection:
        for key, state in told:
            activity = find_activity(connection, int(key), EVERYTHING)
            assert _ORDER.index(activity.state) >= _ORDER.index(State(state))
            assert len(steps_of(connection, activity.id)) == activity.revision
        found, _ = list_activities(connection, EVERYTHING, most=1000)
    holding = sum(each.state in (State.APPROVED, State.CLAIMED) for each in found)
    total = balance(desk).total
    assert total.reserved == holding * 50_000_00
    assert total.earned == 100_000_00
    desk.engine.dispose()
