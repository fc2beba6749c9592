"""Whatever the process, and in whatever order people agree, the laws of approval hold."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from infra.access.rights import UserRole
from infra.clock import FrozenClock
from infra.database import open_database
from planning.approval.approvals import Approval
from planning.approval.office import ApprovalOffice
from planning.approval.people import Person
from planning.approval.process import Limit, Per, Process, Stage
from planning.approval.process_register import ProcessRegister
from planning.approval.states import ApprovalState
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.plans import Plans, State
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS

ADMIN = Person("admin link")
KEYS = ("a", "b", "c", "d", "e")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    file = tmp_path_factory.mktemp("laws") / "operational.db"
    lay_database(file)
    opened = open_database(f"sqlite:///{file}")
    clock = FrozenClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    replace_reference(opened, ReferenceDocument(dealers=DEALERS), author="t", clock=clock)
    yield opened
    opened.dispose()


@st.composite
def processes(draw: st.DrawFn) -> Process:
    """Stages that come only after such as stand before them."""
    stages = []
    for place, key in enumerate(KEYS[: draw(st.integers(1, len(KEYS)))]):
        after = draw(st.sets(st.sampled_from(KEYS[:place]))) if place else set()
        limit = draw(st.one_of(st.none(), st.integers(0, 30)))
        only_above = None if limit is None else Limit(measure="sales", amount=limit)
        stages.append(
            Stage(
                id=key, title=key, role=UserRole.MARKETING_DIRECTOR, per=draw(st.sampled_from(Per)),
                after=tuple(sorted(after)), only_above=only_above,
            )
        )  # fmt: skip
    return Process(year=tuple(stages), month=tuple(stages), amendment=tuple(stages))


def is_done_before(approval: Approval, found: Sequence[Approval], stages: dict[str, Stage]) -> bool:
    """Whether everything before it, however far, is done for its dealers."""
    before, open_ends = set[str](), list(stages[approval.stage].after)
    while open_ends:
        key = open_ends.pop()
        before.add(key)
        open_ends += stages[key].after
    return all(each.is_done for each in found if each.stage in before and each.dealers & approval.dealers)


@settings(max_examples=40)
@given(data=st.data(), process=processes())
def test_an_approval_is_open_once_all_before_it_is_done(engine: Engine, data: st.DataObject, process: Process) -> None:
    clock = FrozenClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    office = ApprovalOffice(engine, clock, ZoneInfo("UTC"))
    register = ProcessRegister(engine, clock)
    register.replace(process, author="t", based_on=register.newest().number)
    version = Plans(engine, clock).create("x", 2027, currency="RUB", author="t")
    amounts = data.draw(st.lists(st.integers(0, 20), min_size=4, max_size=4).filter(any))
    cells = [
        Cell(LineKey("sales", dealer.id), 5, amount) for dealer, amount in zip(DEALERS, amounts, strict=True) if amount
    ]
    Editor(engine, clock).put(version.id, cells, author="t")
    now = office.submit(version.id, author="t")
    stages = {stage.id: stage for stage in process.year}
    decided = 0
    while now.state is State.SUBMITTED:
        found = office.of_version(version.id, person=ADMIN)
        for each in found:
            if each.state in (ApprovalState.OPEN, ApprovalState.WAITING):
                assert (each.state is ApprovalState.OPEN) == is_done_before(each, found, stages)
        asked = [each for each in found if each.state is ApprovalState.OPEN]
        assert asked, "somebody is always asked until it is approved"
        office.agree(data.draw(st.sampled_from(asked)).id, person=ADMIN)
        decided += 1
        now = Plans(engine, clock).version(version.id)
    found = office.of_version(version.id, person=ADMIN)
    assert now.state is State.APPROVED
    assert all(each.is_done for each in found)
    assert decided == sum(each.state is ApprovalState.AGREED for each in found)
