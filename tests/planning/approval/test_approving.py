"""A plan from submission to approval: who is asked when, what they may, and what becomes of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import orjson
import pytest
from sqlalchemy import Engine, select

from attribution.reference import replace_reference
from attribution.reference_document import Dealer, ReferenceDocument
from attribution.visibility import Visibility
from infra.access.rights import UserRole
from infra.access.users import User, UserRegister
from infra.audit import audit_log, find_changes
from infra.clock import FrozenClock
from infra.errors import Conflict, InvalidInput, NotFound, NotPermitted
from planning.approval.approvals import ProposedNumber
from planning.approval.office import ApprovalOffice, Wanted
from planning.approval.people import Person, person_of
from planning.approval.redrafting import Redrafting, proposals_for
from planning.approval.states import ApprovalState
from planning.dimensions import known_network
from planning.editing import Cell, Editor
from planning.grid import LineKey
from planning.lines import read_lines
from planning.plans import Plans, PlanVersion, State
from tests.planning.approval.conftest import WhoIs, agree_all, approvals, key_of, sales, states


def test_dealers_are_asked_first_and_brands_wait(holding: Engine, submitted: PlanVersion) -> None:
    assert submitted.state is State.SUBMITTED
    assert states(holding, submitted.id) == {
        ("dealers", "east"): "open", ("dealers", "north"): "open", ("dealers", "south"): "open",
        ("dealers", "west"): "open", ("brands", "Chery"): "waiting", ("brands", "Lada"): "waiting",
        ("director", ""): "waiting",
    }  # fmt: skip
    found = approvals(holding, submitted.id)
    assert found["dealers", "north"].due_on == date(2026, 12, 17)
    assert found["director", ""].due_on == date(2026, 12, 27)


def test_a_brand_is_asked_once_its_own_dealers_agreed(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    office.agree(key_of(holding, submitted.id, "dealers", "north"), person=who("anna"))
    assert states(holding, submitted.id)["brands", "Lada"] == "waiting"
    office.agree(key_of(holding, submitted.id, "dealers", "south"), person=who("boris"), comment="fine")
    found = states(holding, submitted.id)
    assert (found["brands", "Lada"], found["brands", "Chery"]) == ("open", "waiting")


def test_when_all_agreed_the_plan_is_approved_and_frozen(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, editor: Editor, submitted: PlanVersion
) -> None:
    for stage, scope, name in (
        ("dealers", "north", "anna"), ("dealers", "south", "boris"), ("dealers", "east", "vera"),
        ("dealers", "west", "vera"), ("brands", "Lada", "lada"), ("brands", "Chery", "chery"),
        ("director", "", "director"),
    ):  # fmt: skip
        assert plans.version(submitted.id).state is State.SUBMITTED
        office.agree(key_of(holding, submitted.id, stage, scope), person=who(name))
    assert plans.version(submitted.id).state is State.APPROVED
    with pytest.raises(Conflict, match="never changes"):
        editor.put(submitted.id, [Cell(sales("north"), 5, 11)], author="anna")


@pytest.mark.parametrize(("name", "said"), [
    ("boris", NotFound), ("chery", NotFound), ("lada", NotPermitted), ("director", NotPermitted),
])  # fmt: skip
def test_only_whoever_is_asked_agrees(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion, name: str, said: type[Exception]
) -> None:
    with pytest.raises(said):
        office.agree(key_of(holding, submitted.id, "dealers", "north"), person=who(name))
    assert states(holding, submitted.id)["dealers", "north"] == "open"


def test_a_stage_before_its_turn_says_so(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    with pytest.raises(Conflict, match="not open yet"):
        office.agree(key_of(holding, submitted.id, "brands", "Lada"), person=who("lada"))


def test_the_second_is_told_what_the_first_one_did(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, submitted: PlanVersion
) -> None:
    key = key_of(holding, submitted.id, "dealers", "north")
    office.agree(key, person=who("anna"))
    clock.advance(timedelta(seconds=70))
    with pytest.raises(Conflict, match=r"anna@example\.com agreed to this a minute ago\."):
        office.send_back(key, person=who("anna"), comment="too much")
    assert states(holding, submitted.id)["dealers", "north"] == "agreed"


def test_whoever_sends_back_says_why_and_what_would_do(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    key, anna = key_of(holding, submitted.id, "dealers", "north"), who("anna")
    with pytest.raises(InvalidInput, match="says why"):
        office.send_back(key, person=anna, comment=" ")
    with pytest.raises(InvalidInput, match="not about south"):
        office.send_back(key, person=anna, comment="x", numbers=[ProposedNumber(sales("south"), 5, 1, 0)])
    with pytest.raises(InvalidInput, match="not negative"):
        office.send_back(key, person=anna, comment="x", numbers=[ProposedNumber(sales("north"), 5, -1, 0)])
    numbers = [ProposedNumber(sales("north"), 5, 8, 0), ProposedNumber(LineKey("sales", "north"), 6, 0, 0)]
    told = office.send_back(key, person=anna, comment="Two cars too many.", numbers=numbers)
    assert told.proposed == (ProposedNumber(sales("north"), 5, 8, 10),)
    assert states(holding, submitted.id)["brands", "Lada"] == "waiting"


@pytest.fixture
def sent_back(holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion) -> PlanVersion:
    """South agreed, and the north wants two cars less."""
    office.agree(key_of(holding, submitted.id, "dealers", "south"), person=who("boris"), comment="fine")
    numbers = [ProposedNumber(sales("north"), 5, 8, 0), ProposedNumber(sales("north"), 6, 2, 0)]
    key = key_of(holding, submitted.id, "dealers", "north")
    office.send_back(key, person=who("anna"), comment="Two too many.", numbers=numbers)
    return submitted


def test_a_plan_is_reworked_and_keeps_what_was_agreed_to(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, plans: Plans, sent_back: PlanVersion
) -> None:
    with pytest.raises(NotPermitted):
        office.rework(sent_back.id, person=who("lada"))
    office.rework(sent_back.id, person=who("director"), why="The north is right.")
    assert plans.version(sent_back.id).state is State.RETURNED
    assert set(states(holding, sent_back.id).values()) == {"agreed", "returned", "cancelled"}
    with pytest.raises(Conflict, match="returned by now"):
        office.agree(key_of(holding, sent_back.id, "dealers", "east"), person=who("vera"))

    redrafting = Redrafting(holding, clock)
    with holding.connect() as connection:
        first, second = proposals_for(connection, sent_back.id)
    with pytest.raises(InvalidInput, match="Nobody proposed"):
        redrafting.redraft(sent_back.id, ["9.9"], author="director@example.com")
    draft = redrafting.redraft(sent_back.id, [first.id], author="director@example.com")
    assert redrafting.redraft(sent_back.id, [first.id], author="director@example.com") == draft
    with holding.connect() as connection:
        grid = read_lines(connection, draft.id)
    assert grid.values[grid.places[sales("north")]].tolist() == [0, 0, 0, 0, 8, *[0] * 7]
    assert second.number.month == 6

    office.submit(draft.id, author="director@example.com")
    found = approvals(holding, draft.id)
    of_dealers = [each for each in found.values() if each.stage == "dealers"]
    assert [(each.scope, each.state.value, each.carried_over) for each in of_dealers] == [
        ("east", "open", False), ("north", "open", False), ("south", "agreed", True), ("west", "open", False),
    ]  # fmt: skip
    assert (found["dealers", "south"].decided_by, found["dealers", "south"].comment) == ("boris@example.com", "fine")


def test_an_agreement_is_not_carried_over_to_other_numbers(
    holding: Engine, office: ApprovalOffice, who: WhoIs, clock: FrozenClock, editor: Editor, sent_back: PlanVersion
) -> None:
    office.rework(sent_back.id, person=who("director"))
    draft = Redrafting(holding, clock).redraft(sent_back.id, [], author="d")
    editor.put(draft.id, [Cell(sales("south"), 12, 1)], author="d")
    office.submit(draft.id, author="d")
    assert set(states(holding, draft.id).values()) == {"open", "waiting"}


def test_the_director_may_ask_again_instead(
    holding: Engine, office: ApprovalOffice, who: WhoIs, sent_back: PlanVersion
) -> None:
    key = key_of(holding, sent_back.id, "dealers", "north")
    with pytest.raises(NotPermitted):
        office.ask_again(key, person=who("anna"))
    seen = approvals(holding, sent_back.id)["dealers", "north"].revision
    again = office.ask_again(key, person=who("director"), comment="Orders are signed.")
    assert (again.state, again.decided_by, again.comment) == (ApprovalState.OPEN, "", "Orders are signed.")
    with pytest.raises(Conflict, match="asked again"):
        office.agree(key, person=who("anna"), based_on=seen)
    office.agree(key, person=who("anna"), based_on=again.revision)
    assert states(holding, sent_back.id)["brands", "Lada"] == "open"


def test_its_submitter_withdraws_it(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, clock: FrozenClock, submitted: PlanVersion
) -> None:
    office.agree(key_of(holding, submitted.id, "dealers", "south"), person=who("boris"))
    with pytest.raises(NotPermitted, match=r"director@example\.com has submitted"):
        office.withdraw(submitted.id, person=who("lada"))
    office.withdraw(submitted.id, person=who("director"), why="a mistake")
    assert plans.version(submitted.id).state is State.WITHDRAWN
    with pytest.raises(Conflict, match="withdrawn"):
        office.withdraw(submitted.id, person=who("director"))
    with pytest.raises(Conflict, match="withdrawn"):
        office.agree(key_of(holding, submitted.id, "dealers", "north"), person=who("anna"))
    draft = Redrafting(holding, clock).redraft(submitted.id, [], author="director@example.com")
    office.submit(draft.id, author="director@example.com")
    assert approvals(holding, draft.id)["dealers", "south"].carried_over


def test_an_amendment_asks_only_whom_it_changes(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, editor: Editor, submitted: PlanVersion
) -> None:
    agree_all(holding, office, who, submitted.id)
    amendment = plans.new_version(submitted.plan, author="director@example.com", why="a new model")
    with pytest.raises(InvalidInput, match="changes nothing"):
        office.submit(amendment.id, author="director@example.com")
    editor.put(amendment.id, [Cell(sales("north"), 5, 12)], author="director@example.com")
    office.submit(amendment.id, author="director@example.com")
    assert states(holding, amendment.id) == {
        ("dealers", "north"): "open", ("brands", "Lada"): "waiting", ("director", ""): "waiting"
    }  # fmt: skip
    assert approvals(holding, amendment.id)["dealers", "north"].due_on == date(2026, 11, 5)
    agree_all(holding, office, who, amendment.id)
    assert [each.state for each in plans.versions(submitted.plan)] == [State.APPROVED, State.SUPERSEDED]


def test_what_is_empty_or_cannot_be_is_not_submitted(
    holding: Engine, office: ApprovalOffice, plans: Plans, clock: FrozenClock, draft: PlanVersion
) -> None:
    empty = plans.create("Пусто", 2028, currency="RUB", author="d")
    with pytest.raises(InvalidInput, match="nothing in this version"):
        office.submit(empty.id, author="d")
    with pytest.raises(NotPermitted, match="not yours"):
        office.submit(draft.id, author="d", seen=Visibility(dealers=frozenset({"north"})))
    open_dealers = [Dealer(id=key, brand="Lada") for key in ("north", "south", "west")]
    closed = Dealer(id="east", name="Восток", closed=date(2027, 3, 31))
    for dealers, said in (
        (open_dealers, "not known any more: east"),
        ([*open_dealers, closed], "Восток closes on 2027-03-31, and 2027-05 has numbers"),
    ):
        replace_reference(holding, ReferenceDocument(dealers=tuple(dealers)), author="boss", clock=clock)
        with pytest.raises(InvalidInput, match=said):
            office.submit(draft.id, author="d")
    assert plans.version(draft.id).state is State.DRAFT
    assert approvals(holding, draft.id) == {}


def test_a_late_submission_makes_nobody_late_at_once(
    holding: Engine, office: ApprovalOffice, users: UserRegister, clock: FrozenClock, draft: PlanVersion
) -> None:
    clock.advance(timedelta(days=60))
    office.submit(draft.id, author="d")
    found = approvals(holding, draft.id)["dealers", "north"]
    assert found.due_on == office.today + timedelta(days=1)
    assert [found.days_late(office.today + timedelta(days=days)) for days in (0, 1, 2, 5)] == [0, 0, 1, 4]


def test_many_are_agreed_to_at_once_each_by_itself(
    holding: Engine, office: ApprovalOffice, who: WhoIs, submitted: PlanVersion
) -> None:
    keys = {scope: each for (stage, scope), each in approvals(holding, submitted.id).items() if stage == "dealers"}
    office.agree(keys["east"].id, person=who("vera"))
    wanted = [Wanted(keys[scope].id, keys[scope].revision) for scope in ("east", "west", "north")]
    told = office.agree_to_many([*wanted, Wanted(10_000)], person=who("vera"))
    assert [type(each.refused) for each in told] == [Conflict, type(None), NotFound, NotFound]
    assert states(holding, submitted.id)["dealers", "west"] == "agreed"


def test_a_hundred_people_agree_at_once(
    holding: Engine, clock: FrozenClock, plans: Plans, editor: Editor, office: ApprovalOffice
) -> None:
    """Two for each dealer: one of them is told what the other did; nothing is lost, done twice, or left out."""
    dealers = [Dealer(id=f"d{n}", brand=f"b{n % 5}") for n in range(50)]
    replace_reference(holding, ReferenceDocument(dealers=tuple(dealers)), author="boss", clock=clock)
    version = plans.create("Все", 2027, currency="RUB", author="d")
    editor.put(version.id, [Cell(sales(each.id), 1, 5) for each in dealers], author="d")
    office.submit(version.id, author="d")
    with holding.connect() as connection:
        network = known_network(connection)
    people: list[tuple[int, Person]] = []
    for each in dealers:
        key = key_of(holding, version.id, "dealers", each.id)
        for name in ("first", "second"):
            user = User(f"{name}-{each.id}@example.com", UserRole.DEALER_MARKETER, dealers=(each.id,))
            people.append((key, person_of(user, network)))

    told_by: list[str] = []

    def agree(asked: tuple[int, Person]) -> str:
        try:
            return office.agree(asked[0], person=asked[1]).decided_by
        except Conflict as error:
            told_by.append(error.message)
            return ""

    with ThreadPoolExecutor(100) as pool:
        told = list(pool.map(agree, people))
    found = approvals(holding, version.id)
    by = [each.decided_by for (stage, _), each in found.items() if stage == "dealers"]
    assert sorted(filter(None, told)) == sorted(by)
    assert len(by) == len(told_by) == 50
    assert all("agreed to this just now" in each for each in told_by)
    assert {each.state.value for (stage, _), each in found.items() if stage == "brands"} == {"open"}
    with holding.connect() as connection:
        rows = connection.execute(
            select(audit_log.c.who, audit_log.c.after).where(audit_log.c.after.contains('"state":"agreed"'))
        ).all()
    assert sorted(row.who for row in rows) == sorted(by)
    assert {orjson.loads(row.after)["scope"] for row in rows} == {each.id for each in dealers}


def test_the_last_two_who_agree_at_once_approve_it_once(
    holding: Engine, office: ApprovalOffice, who: WhoIs, plans: Plans, submitted: PlanVersion
) -> None:
    keys = [key_of(holding, submitted.id, "dealers", scope) for scope in ("north", "south", "east", "west")]
    admin = who("admin")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: office.agree(key, person=admin), keys))
    keys = [key_of(holding, submitted.id, "brands", scope) for scope in ("Lada", "Chery")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda key: office.agree(key, person=admin), keys))
    assert states(holding, submitted.id)["director", ""] == "open"
    office.agree(key_of(holding, submitted.id, "director"), person=admin)
    told = [change.after for change in find_changes(holding, what=f"plan {submitted.plan}")[0]]
    assert sum("version 1 approved" in each for each in told) == 1
    assert plans.version(submitted.id).state is State.APPROVED
