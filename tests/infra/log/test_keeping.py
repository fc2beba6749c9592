"""Removing and setting back, in any order: what a group has not committed comes to it, and what is kept comes again."""

import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.clock import FrozenClock
from infra.log.base import Backlog
from infra.log.local import LocalLog
from tests.infra.log.contract import claim_of
from tests.infra.log.stores import record

GROUPS = ("one", "other")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
Steps = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.integers(1, 4)),
        st.tuples(st.sampled_from(GROUPS), st.integers(1, 5)),
        st.tuples(st.just("remove"), st.integers(0, 30)),
        st.tuples(st.just("replay"), st.integers(0, 30)),
    ),
    max_size=20,
)


class Model:
    """What the log should hold: the minute of each record, how far each group is, and the first record that is kept."""

    def __init__(self) -> None:
        self.minutes: list[int] = []
        self.positions: dict[str, int] = {}
        self.kept = 0

    def remove(self, before: int) -> int:
        done = min(self.positions.values(), default=0)
        first = self.kept
        while self.kept < done and self.minutes[self.kept] < before:
            self.kept += 1
        return self.kept - first

    def replay(self, since: int) -> int:
        position = max(self.positions.get("one", 0), self.kept)
        found = next((n for n in range(self.kept, len(self.minutes)) if self.minutes[n] >= since), len(self.minutes))
        if "one" not in self.positions or found >= self.positions["one"]:
            return 0
        self.positions["one"] = found
        return position - found


@given(steps=Steps)
@settings(max_examples=60)
def test_any_order_of_steps_is_as_the_model_says(steps: list[tuple[str, int]]) -> None:
    clock, model = FrozenClock(BEGIN), Model()
    with tempfile.TemporaryDirectory() as folder, closing(LocalLog(Path(folder) / "log", clock)) as log:
        for minute, (step, number) in enumerate(steps):
            if step == "append":
                log.append("touches", [record(str(len(model.minutes) + n)) for n in range(number)])
                model.minutes += [minute] * number
            elif step == "remove":
                assert log.remove(["touches"], at(number)) == model.remove(number)
            elif step == "replay":
                assert log.replay("one", ["touches"], at(number)) == model.replay(number)
            else:
                read_on(log, step, number, model)
            clock.advance(timedelta(minutes=1))
            for group in GROUPS:
                left = len(model.minutes) - max(model.positions.get(group, 0), model.kept)
                assert log.backlog(group, "touches") == Backlog(left, left)


def at(minute: int) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def read_on(log: LocalLog, group: str, most: int, model: Model) -> None:
    """One record after the other, none left out."""
    with closing(log.consumer(group, ["touches"])) as reader:
        records = reader.poll(0, most)
        first = max(model.positions.setdefault(group, 0), model.kept)
        assert [int(each.value) for each in records] == list(range(len(model.minutes)))[first : first + most]
        if records:
            reader.claim(claim_of(records))
            reader.commit(claim_of(records))
            model.positions[group] = first + len(records)
