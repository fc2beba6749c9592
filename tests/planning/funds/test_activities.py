"""An activity from a dealer's wish to the payer's money."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from attribution.visibility import Visibility
from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.errors import ClosedLoopError, Conflict, InvalidInput, NotFound
from planning.desk import Desk
from planning.funds.activity import CREATIVE, Activity, find_activity
from planning.funds.asking import NewFile, ask, ask_again, attach, claim, claims_of
from planning.funds.deciding import Decision, decide
from planning.funds.documents import ClaimTold, Invoice
from planning.funds.programme import Programme
from planning.funds.states import WAYS, Act, State, check_way
from planning.funds.stepping import steps_of
from tests.planning.funds.work import INVOICE, activity, asked, balance, by, claimed, decided, figures, proof


def story(desk: Desk, of: Activity) -> list[tuple[str, str, int | None]]:
    with desk.engine.connect() as connection:
        return [(each["act"], each["author"], each["amount"]) for each in steps_of(connection, of.id)]


def test_from_asking_to_the_money(desk: Desk, lada: Programme) -> None:
    wish = asked(desk, lada.id)
    assert figures(desk) == (100_000, 0, 0, 0, 100_000)
    approved = decided(desk, wish, Act.APPROVE)
    assert (approved.state, approved.claim_until) == (State.APPROVED, date(2027, 5, 29))
    assert figures(desk) == (100_000, 50_000, 0, 0, 50_000)
    sent = claimed(desk, approved)
    assert (sent.state, sent.payable) == (State.CLAIMED, 50_000_00)
    settled = decided(desk, sent, Act.SETTLE, percent=70, comment="the banner lacked the logo")
    assert figures(desk) == (100_000, 0, 35_000, 0, 65_000)
    paid = decided(desk, settled, Act.PAY, payment="PP 4711", day=date(2027, 2, 10))
    assert (paid.state, paid.payment, paid.settled) == (State.PAID, "PP 4711", 35_000_00)
    assert paid.state.is_over
    assert story(desk, paid) == [
        ("ask", "anna", 50_000_00),
        ("approve", "importer", 50_000_00),
        ("claim", "anna", 50_000_00),
        ("settle", "importer", 35_000_00),
        ("pay", "importer", 35_000_00),
    ]
    changes, total = find_changes(desk.engine, what=f"fund activity {wish.id}")
    assert total == 5
    assert '"state":"paid"' in changes[0].after


def test_one_that_is_sent_back_is_asked_for_again(desk: Desk, lada: Programme) -> None:
    wish = asked(desk, lada.id)
    returned = decided(desk, wish, Act.RETURN, comment="name the places")
    again = ask_again(desk, wish.id, activity(cost=Decimal(60_000), title="Spring, 3 places"), by("anna", 2))
    assert (again.state, again.title, again.wanted) == (State.ASKED, "Spring, 3 places", 30_000_00)
    assert decided(desk, again, Act.APPROVE, share=80).approved == 48_000_00
    assert returned.revision == 2


def test_what_is_not_approved_reserves_nothing(desk: Desk, lada: Programme) -> None:
    decided(desk, asked(desk, lada.id), Act.REFUSE, comment="not this year")
    decided(desk, asked(desk, lada.id), Act.CANCEL, comment="rain")
    assert figures(desk) == (100_000, 0, 0, 0, 100_000)


def test_cancelling_and_refusing_a_claim_free_the_money(desk: Desk, lada: Programme) -> None:
    cancelled = decided(desk, decided(desk, asked(desk, lada.id), Act.APPROVE), Act.CANCEL, comment="rain")
    sent = claimed(desk, decided(desk, asked(desk, lada.id), Act.APPROVE))
    refused = decided(desk, sent, Act.REFUSE_CLAIM, comment="another brand's banner")
    assert (cancelled.state, refused.state) == (State.CANCELLED, State.CLAIM_REFUSED)
    assert figures(desk) == (100_000, 0, 0, 0, 100_000)


def test_a_claim_comes_to_the_approved_share_of_what_was_spent(desk: Desk, lada: Programme) -> None:
    approved = decided(desk, asked(desk, lada.id), Act.APPROVE)
    half = Invoice(number="1", day=date(2027, 2, 3), net=Decimal("20000.01"), vat=Decimal(4000))
    sent = claimed(desk, approved, half, half)
    assert sent.payable == 20_000_01
    decided(desk, sent, Act.SETTLE)
    assert figures(desk) == (100_000, 0, 20_000, 0, 79_999)
    with desk.engine.connect() as connection:
        (told,) = claims_of(connection, sent.id)
    assert (told["net"], told["vat"], told["payable"], len(told["invoices"])) == (40_000_02, 8000_00, 20_000_01, 2)


def test_what_costs_more_than_was_approved_is_paid_as_approved(desk: Desk, lada: Programme) -> None:
    dear = Invoice(number="1", day=date(2027, 2, 3), net=Decimal(900_000), vat=Decimal(0))
    assert claimed(desk, decided(desk, asked(desk, lada.id), Act.APPROVE), dear).payable == 50_000_00


def test_a_claim_that_is_sent_back_is_sent_again(desk: Desk, lada: Programme) -> None:
    sent = claimed(desk, decided(desk, asked(desk, lada.id), Act.APPROVE))
    returned = decided(desk, sent, Act.RETURN_CLAIM, comment="no screenshot")
    assert (returned.state, returned.payable) == (State.CLAIM_RETURNED, None)
    again = claimed(desk, returned)
    with desk.engine.connect() as connection:
        assert [each["number"] for each in claims_of(connection, again.id)] == [2, 1]
        assert [each.version for each in desk.files.list(connection, again.subject)] == [1, 2]


def test_a_late_claim_needs_the_payers_leave(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    approved = decided(desk, asked(desk, lada.id), Act.APPROVE)
    clock.advance(timedelta(days=110))
    with pytest.raises(InvalidInput, match="was 2027-05-29, 2 days ago") as raised:
        claimed(desk, approved)
    assert "Ask the payer to extend it" in raised.value.help
    with pytest.raises(InvalidInput, match="reason"):
        decided(desk, approved, Act.EXTEND, until=date(2027, 6, 5))
    for until in (date(2027, 5, 30), date(2027, 5, 1)):
        with pytest.raises(InvalidInput, match="extends nothing"):
            decided(desk, approved, Act.EXTEND, until=until, comment="holidays")
    extended = decided(desk, approved, Act.EXTEND, until=date(2027, 6, 5), comment="holidays")
    assert extended.state is State.APPROVED
    assert claimed(desk, extended).state is State.CLAIMED


def test_the_last_day_of_the_deadline_is_in_time_where_the_account_is(
    desk: Desk, lada: Programme, clock: FrozenClock
) -> None:
    """20:59 UTC is before midnight in Moscow, a minute later is not."""
    one, other = (decided(desk, asked(desk, lada.id), Act.APPROVE) for _ in range(2))
    clock.advance(timedelta(days=108, hours=11, minutes=59))
    assert claimed(desk, one).state is State.CLAIMED
    clock.advance(timedelta(minutes=1))
    with pytest.raises(InvalidInput, match="deadline"):
        claimed(desk, other)


def test_one_that_is_never_claimed_lapses_after_its_deadline(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    """Its money has expired with its quarter by then."""
    approved = decided(desk, asked(desk, lada.id), Act.APPROVE)
    with pytest.raises(InvalidInput, match="can be claimed until"):
        decided(desk, approved, Act.LAPSE, comment="never claimed")
    clock.advance(timedelta(days=120))
    lapsed = decided(desk, approved, Act.LAPSE, comment="never claimed")
    assert lapsed.state is State.LAPSED
    assert figures(desk) == (100_000, 0, 0, 100_000, 0)


def test_no_more_than_there_is_can_be_approved(desk: Desk, lada: Programme) -> None:
    big = asked(desk, lada.id, cost=Decimal(200_001))
    with pytest.raises(InvalidInput, match=r"There are 100000\.00 for this, and 100000\.50 are needed") as raised:
        decided(desk, big, Act.APPROVE)
    assert raised.value.help
    assert story(desk, big) == [("ask", "anna", 100_000_50)]


def test_two_approvals_at_once_do_not_overdraw(desk: Desk, lada: Programme) -> None:
    """Each alone has room; of all, as many as there is money for."""
    wishes = [asked(desk, lada.id, cost=Decimal(60_000)) for _ in range(8)]

    def approve(wish: Activity) -> str:
        try:
            return decided(desk, wish, Act.APPROVE).state
        except InvalidInput:
            return "no money"

    with ThreadPoolExecutor(8) as pool:
        came_to = sorted(pool.map(approve, wishes))
    assert came_to == ["approved"] * 3 + ["no money"] * 5
    assert figures(desk) == (100_000, 90_000, 0, 0, 10_000)


def test_of_two_decisions_at_once_one_counts(desk: Desk, lada: Programme) -> None:
    wish = asked(desk, lada.id)

    def decide_it(number: int) -> str:
        try:
            return decided(desk, wish, (Act.APPROVE, Act.REFUSE)[number % 2], comment=f"by {number}").state
        except Conflict as error:
            return error.message.partition(":")[0]

    with ThreadPoolExecutor(8) as pool:
        came_to = list(pool.map(decide_it, range(8)))
    assert came_to.count("importer has changed the activity meanwhile") == 7
    assert len(story(desk, wish)) == 2
    assert find_changes(desk.engine, what=f"fund activity {wish.id}")[1] == 2
    assert figures(desk)[1] == (50_000 if "approved" in came_to else 0)


@pytest.mark.parametrize(("told", "where", "said"), [
    ({"share": 81}, "share", "80 %"),
    ({"contractor": "nobody"}, "contractor", "no contractor"),
    ({"currency": "USD"}, "currency", "in RUB, and the amount in USD"),
    ({"first_day": date(2026, 12, 31)}, "first_day", "from 2027-01-01 to 2027-06-30"),
    ({"first_day": date(2027, 7, 1), "last_day": date(2027, 7, 2)}, "first_day", "from 2027-01-01"),
])  # fmt: skip
def test_what_a_programme_does_not_pay_is_not_asked_for(
    desk: Desk, lada: Programme, told: dict[str, Any], where: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as raised:
        asked(desk, lada.id, **told)
    assert raised.value.where == where
    assert raised.value.help


def test_a_dealer_of_another_brand_takes_no_part(desk: Desk, lada: Programme) -> None:
    with pytest.raises(InvalidInput, match="Восток does not take part"):
        asked(desk, lada.id, "east")


def test_nobody_acts_for_a_dealer_they_do_not_see(desk: Desk, lada: Programme) -> None:
    of_south = Visibility(dealers=frozenset({"south"}))
    wish = asked(desk, lada.id)
    for act in (
        lambda: ask(desk, lada.id, "north", activity(), by("eve", seen=of_south)),
        lambda: ask_again(desk, wish.id, activity(), by("eve", seen=of_south)),
        lambda: decide(desk, wish.id, Decision(act=Act.CANCEL, revision=1, comment="x"), by("eve", seen=of_south)),
        lambda: attach(desk, wish.id, proof(desk), by("eve", seen=of_south)),
        lambda: find(desk, wish.id, of_south),
    ):
        with pytest.raises(NotFound):
            act()


def find(desk: Desk, key: int, seen: Visibility) -> Activity:
    with desk.engine.connect() as connection:
        return find_activity(connection, key, seen)


def test_a_claim_needs_proof_and_nothing_is_half_kept(desk: Desk, lada: Programme) -> None:
    approved = decided(desk, asked(desk, lada.id), Act.APPROVE)
    with pytest.raises(InvalidInput, match="no proof"):
        claim(desk, approved.id, ClaimTold(invoices=(INVOICE,)), by("anna", 2))
    wrong = INVOICE.model_copy(update={"day": date(2027, 2, 11)})
    with pytest.raises(InvalidInput, match="still to come"):
        claimed(desk, approved, wrong)
    with pytest.raises(InvalidInput, match="VAT of the invoice 17"):
        claimed(desk, approved, INVOICE.model_copy(update={"vat": Decimal(100_001)}))
    with desk.engine.connect() as connection:
        assert desk.files.list(connection, approved.subject) == []
    assert find_changes(desk.engine, what="file of")[1] == 0


def test_creatives_and_proof_stand_apart(desk: Desk, lada: Programme) -> None:
    content = desk.files.keep(io.BytesIO(b"banner"))
    creative = NewFile("banner.png", content, CREATIVE)
    wish = ask(desk, lada.id, "north", activity(), by("anna"), [creative])
    attach(desk, wish.id, proof(desk), by("anna"))
    with pytest.raises(InvalidInput, match="no purpose"):
        attach(desk, wish.id, NewFile("x", content, "fun"), by("anna"))
    decided(desk, wish, Act.REFUSE, comment="no")
    with pytest.raises(InvalidInput, match="is over"):
        attach(desk, wish.id, creative, by("anna"))
    with desk.engine.connect() as connection:
        assert [each.name for each in desk.files.list(connection, wish.subject, CREATIVE)] == ["banner.png"]


def test_a_part_needs_a_reason_and_a_payment_its_reference(desk: Desk, lada: Programme, clock: FrozenClock) -> None:
    sent = claimed(desk, decided(desk, asked(desk, lada.id), Act.APPROVE))
    with pytest.raises(InvalidInput, match="A part only"):
        decided(desk, sent, Act.SETTLE, percent=70)
    settled = decided(desk, sent, Act.SETTLE)
    with pytest.raises(InvalidInput, match="no reference"):
        decided(desk, settled, Act.PAY)
    with pytest.raises(InvalidInput, match="cannot have been paid on 2027-02-11"):
        decided(desk, settled, Act.PAY, payment="1", day=date(2027, 2, 11))
    assert balance(desk).total.settled == 50_000_00


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("act", Act)
def test_each_step_leads_on_or_says_what_to_do_instead(state: State, act: Act) -> None:
    if any(way.act is act and state in way.sources for way in WAYS):
        assert check_way(state, act, "because").act is act
        return
    with pytest.raises(ClosedLoopError) as raised:
        check_way(state, act, "because")
    assert raised.value.help.endswith(".")


def test_every_state_can_be_reached_and_left_or_is_an_end() -> None:
    assert {way.target for way in WAYS} - {None} == set(State)
    over = {State.REFUSED, State.CLAIM_REFUSED, State.PAID, State.CANCELLED, State.LAPSED}
    assert {state for state in State if state.is_over} == over
