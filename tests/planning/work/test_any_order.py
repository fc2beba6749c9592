"""Laws of contractor work, whatever people do, in whatever order."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from attribution.reference import replace_reference
from attribution.reference_document import Contractor, ReferenceDocument
from infra.clock import FrozenClock
from infra.database import open_database
from infra.errors import ClosedLoopError
from planning.desk import Desk
from planning.files import FileFolder, FileStore
from planning.work.act_register import SIGNED, attach_to_act
from planning.work.act_steps import ActStepTold, step_act
from planning.work.acts import Act, find_act
from planning.work.briefs import find_brief
from planning.work.deciding import Verdict, agreed_sides, decide, sides_of
from planning.work.ordered import accepted_in, ordered_in
from planning.work.people import Party, Worker, may_act
from planning.work.states import (
    ACT_WAYS,
    TASK_WAYS,
    ActState,
    ActStep,
    TaskState,
    TaskStep,
    check_act_way,
    check_task_way,
)
from planning.work.stepping import step_on
from planning.work.story import story_of_task
from planning.work.tables import work_acts, work_decisions
from planning.work.tasks import Task, find_task
from planning.work.versions import NewFile, hand_in, versions_of
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS
from tests.planning.work.working import (
    ANNA,
    BEGIN,
    DAN,
    DIRECTOR,
    EVE,
    LADA,
    PNG,
    SOFIA,
    by,
    written_act,
    written_brief,
    written_task,
)

WORKERS = st.sampled_from([DIRECTOR, ANNA, LADA, DAN, EVE, SOFIA])
COMMENTS = st.sampled_from(["", "because"])
BEHIND = st.sampled_from([0, 0, 0, 1])
"""How many revisions somebody's page is old."""


@contextmanager
def fresh_desk() -> Iterator[Desk]:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "operational.db"
        lay_database(file)
        engine, clock = open_database(f"sqlite:///{file}"), FrozenClock(BEGIN)
        known = ReferenceDocument(dealers=DEALERS, contractors=(Contractor(id="agency"), Contractor(id="rival")))
        replace_reference(engine, known, author="boss", clock=clock)
        files = FileStore(engine, FileFolder(Path(folder) / "files", 1024**2), clock)
        try:
            yield Desk(engine, clock, ZoneInfo("Europe/Moscow"), "RUB", files)
        finally:
            engine.dispose()


def refusal_of(call: Callable[[], Any]) -> ClosedLoopError | None:
    try:
        call()
    except ClosedLoopError as error:
        return error
    return None


@given(st.sampled_from(TaskState), st.sampled_from(TaskStep), COMMENTS)
def test_only_ways_of_the_table_lead_on(state: TaskState, step: TaskStep, comment: str) -> None:
    way = TASK_WAYS[step]
    refusal = refusal_of(lambda: check_task_way(state, step, comment))
    assert (refusal is None) == (state in way.sources and bool(comment or not way.says_why))
    assert refusal is None or refusal.help


@given(st.sampled_from(ActState), st.sampled_from(ActStep), COMMENTS)
def test_only_ways_of_acts_lead_on(state: ActState, step: ActStep, comment: str) -> None:
    way = ACT_WAYS[step]
    refusal = refusal_of(lambda: check_act_way(state, step, comment))
    assert (refusal is None) == (state in way.sources and bool(comment or not way.says_why))
    assert refusal is None or refusal.help


def test_every_state_can_be_reached_and_left_or_is_over() -> None:
    reached = {TaskState.NEW} | {way.target for way in TASK_WAYS.values()} - {None}
    assert reached == set(TaskState)
    assert {state for state in TaskState if state.is_over} == {TaskState.DONE, TaskState.CANCELLED}


class TaskMachine(RuleBasedStateMachine):
    """One task, and everybody who does whatever they like to it."""

    @initialize(needs_brand=st.booleans())
    def begin(self, needs_brand: bool) -> None:
        self.opened = fresh_desk()
        self.desk = self.opened.__enter__()
        brief = written_brief(self.desk, needs_brand=needs_brand)
        self.task = written_task(self.desk, brief)
        self.sides = sides_of(brief)

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    def try_to(self, act: Any) -> None:
        """What is refused changes nothing."""
        with self.desk.engine.connect() as connection:
            before = find_task(connection, self.task.id, DIRECTOR.seen)
        refusal = refusal_of(act)
        assert refusal is None or (refusal.help and self.now() == before)

    def now(self) -> Task:
        with self.desk.engine.connect() as connection:
            return find_task(connection, self.task.id, DIRECTOR.seen)

    @rule(worker=WORKERS)
    def hands_in(self, worker: Worker) -> None:
        new = NewFile("banner.png", self.desk.files.keep(io.BytesIO(PNG)))
        self.try_to(lambda: hand_in(self.desk, self.task.id, [new], "", by(worker)))

    @rule(worker=WORKERS, verdict=st.sampled_from(Verdict), comment=COMMENTS, behind=BEHIND, older=BEHIND)
    def decides(self, worker: Worker, verdict: Verdict, comment: str, behind: int, older: int) -> None:
        now = self.now()
        asked = by(worker, now.revision - behind, comment)
        self.try_to(lambda: decide(self.desk, now.id, now.newest_version - older, verdict, asked))
        if older or behind:
            assert self.now() == now

    @rule(worker=WORKERS, step=st.sampled_from(TaskStep), comment=COMMENTS, behind=BEHIND)
    def steps(self, worker: Worker, step: TaskStep, comment: str, behind: int) -> None:
        now = self.now()
        self.try_to(lambda: step_on(self.desk, now.id, step, by(worker, now.revision - behind, comment)))
        if behind:
            assert self.now() == now

    @invariant()
    def what_is_approved_was_agreed_to_by_all(self) -> None:
        if not hasattr(self, "desk"):
            return
        with self.desk.engine.connect() as connection:
            now = find_task(connection, self.task.id, DIRECTOR.seen)
            agreed = agreed_sides(connection, now)
            decisions = connection.execute(select(work_decisions)).all()
            versions = versions_of(connection, self.desk, now)
            story = story_of_task(connection, now.id, DIRECTOR.seen)
        if now.state in (TaskState.APPROVED, TaskState.DONE):
            assert agreed == {side.value for side in self.sides}
        if now.state is TaskState.ON_REVIEW:
            assert len(agreed) < len(self.sides)
        assert [each.number for each in versions] == list(range(now.newest_version, 0, -1))
        assert all(len(each.files) == 1 for each in versions)
        assert len(story) == now.revision
        authors = {each.author for each in decisions if each.side == Party.BRAND.value}
        assert authors <= {DIRECTOR.name, LADA.name}
        assert {each.author for each in story} <= {DIRECTOR.name, ANNA.name, LADA.name, DAN.name}


def test_a_task_keeps_its_laws_whatever_people_do() -> None:
    run_state_machine_as_test(TaskMachine, settings=settings(max_examples=12, stateful_step_count=25))


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.integers(1, 60_000), st.booleans()), min_size=1, max_size=6),
    st.integers(0, 120_000),
)
def test_what_is_accepted_without_a_reason_never_exceeds_what_was_ordered(
    amounts: list[tuple[int, bool]], budget: int
) -> None:
    with fresh_desk() as desk:
        brief = written_brief(desk, budget=budget)
        for number, (amount, has_reason) in enumerate(amounts):
            act = written_act(desk, amount, brief=brief.id, number=f"A-{number}")
            attach_to_act(desk, act.id, NewFile("act.pdf", desk.files.keep(io.BytesIO(b"%PDF"))), SIGNED, by(DAN))
            for worker, step in ((DAN, ActStep.HAND_IN), (ANNA, ActStep.CHECK), (DIRECTOR, ActStep.ACCEPT)):
                comment = "more" if has_reason else ""
                with suppress(ClosedLoopError):
                    act = step_act(
                        desk, act.id, ActStepTold(step=step, revision=act.revision, comment=comment), by(worker)
                    )
        check_settlement(desk, brief.id)


def check_settlement(desk: Desk, brief: int) -> None:
    with desk.engine.connect() as connection:
        found = find_brief(connection, brief, DIRECTOR.seen)
        accepted = accepted_in(connection, "agency", found.month, "RUB")
        ordered = ordered_in(connection, "agency", found.month, "RUB")
        keys = connection.scalars(select(work_acts.c.id)).all()
        acts: list[Act] = [find_act(connection, key, DIRECTOR.seen) for key in keys]
    taken = [act for act in acts if act.state is ActState.ACCEPTED]
    assert accepted == sum(act.net for act in taken)
    assert accepted <= ordered or any(act.why_over for act in taken)
    within = [act for act in taken if not act.why_over]
    assert sum(act.net for act in within) <= ordered
    assert may_act(DIRECTOR, Party.DIRECTOR)
