"""Whatever is done in whatever order: earned − settled − reserved − expired = available, and nothing is negative."""

import shutil
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from attribution.reference import replace_reference
from attribution.reference_document import ReferenceDocument
from attribution.visibility import EVERYTHING
from infra.clock import FrozenClock
from infra.database import open_database
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.files import FileFolder, FileStore
from planning.funds.activity import Activity, find_activity
from planning.funds.balances import balances
from planning.funds.deciding import Decision, decide
from planning.funds.documents import Invoice, ProgrammeTold, PurchaseTold, Rule
from planning.funds.ledger import Account, Fund, buckets_of, of_fund
from planning.funds.programme_register import add_programme
from planning.funds.purchases import adjust_fund, enter_purchases
from planning.funds.quarters import quarter_of
from planning.funds.states import Act, State
from planning.funds.tables import fund_activities, fund_entries
from planning.funds.upkeep import keep_up
from tests.migrated import lay_database
from tests.planning.conftest import DEALERS
from tests.planning.funds.work import BEGIN, asked, by, claimed

AMOUNTS = st.integers(1, 300_000_00).map(lambda units: Decimal(units).scaleb(-2))
COSTS = st.integers(1, 60_000_00).map(lambda units: Decimal(units).scaleb(-2))
PERCENTS = st.integers(50, 100)
NORTH = "north"


class Funds(RuleBasedStateMachine):
    """One dealer's money in a programme that carries it over for a quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="closedloop-funds-"))
        lay_database(self.folder / "closedloop.db")
        self.engine = open_database(f"sqlite:///{self.folder / 'closedloop.db'}")
        self.clock = FrozenClock(BEGIN)
        files = FileStore(self.engine, FileFolder(self.folder / "files", 10**6), self.clock)
        self.desk = Desk(self.engine, self.clock, ZoneInfo("Europe/Moscow"), "RUB", files)
        self.rows_before: list[tuple[object, ...]] = []

    def teardown(self) -> None:
        self.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize(carry=st.sampled_from([None, 0, 1]), fixed=st.booleans())
    def begin(self, carry: int | None, fixed: bool) -> None:
        replace_reference(self.engine, ReferenceDocument(dealers=DEALERS), author="t", clock=self.clock)
        earns = Rule(amount=Decimal("77777.77")) if fixed else Rule(percent=Decimal("3.33"))
        told = ProgrammeTold(
            name="p", payer="p", first_quarter="2027-Q1", last_quarter="2028-Q4", share=100, carry_quarters=carry,
            rules=(earns,),
        )  # fmt: skip
        self.programme = add_programme(self.desk, told, author="t")

    @rule(amount=AMOUNTS, back=st.integers(0, 2))
    def enter_purchases(self, amount: Decimal, back: int) -> None:
        quarter = str(quarter_of(self.desk.today).after(-back))
        told = PurchaseTold(dealer=NORTH, quarter=quarter, amount=amount * 50)
        with suppress(InvalidInput):
            enter_purchases(self.desk, self.programme.id, [told], author="t")

    @rule(amount=AMOUNTS, sign=st.sampled_from([1, -1]))
    def adjust(self, amount: Decimal, sign: int) -> None:
        with suppress(InvalidInput):
            quarter = quarter_of(self.desk.today)
            adjust_fund(self.desk, self.programme.id, NORTH, quarter, sign * amount, "why", author="t")

    @rule(cost=COSTS, share=PERCENTS, choose=st.randoms(use_true_random=False), steps=st.integers(0, 3))
    def ask(self, cost: Decimal, share: int, choose: Random, steps: int) -> None:
        """And so many steps on the way to the money."""
        today = self.desk.today
        with suppress(InvalidInput):
            asked(self.desk, self.programme.id, NORTH, cost=cost, share=share, first_day=today, last_day=today)
        if steps > 0:
            self.approve(choose, share)
        if steps > 1:
            self.claim(choose, cost)
        if steps > 2:
            self.settle(choose, share)

    @rule(choose=st.randoms(use_true_random=False), share=PERCENTS)
    def approve(self, choose: Random, share: int) -> None:
        self._decide(choose, State.ASKED, Act.APPROVE, share=share)

    @rule(choose=st.randoms(use_true_random=False), net=AMOUNTS)
    def claim(self, choose: Random, net: Decimal) -> None:
        invoice = Invoice(number="1", day=date(2027, 2, 1), net=net, vat=Decimal(0))
        for activity in self._one(choose, State.APPROVED, State.CLAIM_RETURNED):
            with suppress(InvalidInput):
                claimed(self.desk, activity, invoice)

    @rule(choose=st.randoms(use_true_random=False), percent=PERCENTS)
    def settle(self, choose: Random, percent: int) -> None:
        self._decide(choose, State.CLAIMED, Act.SETTLE, percent=percent)

    @rule(choose=st.randoms(use_true_random=False), act=st.sampled_from([Act.RETURN_CLAIM, Act.REFUSE_CLAIM]))
    def turn_down(self, choose: Random, act: Act) -> None:
        self._decide(choose, State.CLAIMED, act)

    @rule(choose=st.randoms(use_true_random=False), act=st.sampled_from([Act.CANCEL, Act.LAPSE]))
    def give_up(self, choose: Random, act: Act) -> None:
        self._decide(choose, State.APPROVED, act)

    @rule(days=st.integers(1, 100))
    def wait(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    @rule()
    def keep_up(self) -> None:
        keep_up(self.desk)

    @invariant()
    def balances_are_sums_of_rows(self) -> None:
        fund = Fund(1, NORTH)
        with self.engine.connect() as connection:
            rows = connection.execute(select(fund_entries).where(of_fund(fund)).order_by(fund_entries.c.id)).all()
            buckets = buckets_of(connection, of_fund(fund)).get(fund, {})
            shown = [each for each in balances(connection, self.desk, EVERYTHING) if each.dealer.id == NORTH]
        assert [tuple(row) for row in rows[: len(self.rows_before)]] == self.rows_before
        self.rows_before = [tuple(row) for row in rows]
        sums = dict.fromkeys(Account, 0)
        for row in rows:
            sums[Account(row.source)] -= row.amount
            sums[Account(row.target)] += row.amount
        assert sum(sums.values()) == 0
        earned = -sums[Account.PAYER]
        assert (
            earned - sums[Account.SETTLED] - sums[Account.RESERVED] - sums[Account.EXPIRED] == sums[Account.AVAILABLE]
        )
        for bucket in buckets.values():
            assert min(bucket.available, bucket.reserved, bucket.settled, bucket.expired) >= 0
        for each in shown:
            assert each.total.earned == earned
            assert each.total.reserved == sums[Account.RESERVED]
            assert sum(each.unspent) == each.total.available

    @invariant()
    def what_is_reserved_is_of_activities_that_may_still_be_claimed(self) -> None:
        with self.engine.connect() as connection:
            for row in connection.execute(select(fund_activities)):
                activity = find_activity(connection, row.id, EVERYTHING)
                found = buckets_of(connection, fund_entries.c.activity == row.id).get(activity.fund, {})
                reserved = sum(bucket.reserved for bucket in found.values())
                settled = sum(bucket.settled for bucket in found.values())
                holds = activity.state in (State.APPROVED, State.CLAIMED, State.CLAIM_RETURNED)
                assert reserved == (activity.approved if holds else 0)
                assert settled == (activity.settled or 0)

    def _decide(self, choose: Random, state: State, act: Act, **told: int) -> None:
        for activity in self._one(choose, state):
            decision = Decision(act=act, revision=activity.revision, comment="because", **told)
            with suppress(InvalidInput):
                decide(self.desk, activity.id, decision, by("t"))

    def _one(self, choose: Random, *states: State) -> list[Activity]:
        """One of those that stand so, where there is any."""
        stand = fund_activities.c.state.in_([state.value for state in states])
        with self.engine.connect() as connection:
            keys = connection.scalars(select(fund_activities.c.id).where(stand).order_by(fund_activities.c.id)).all()
            return [find_activity(connection, choose.choice(keys), EVERYTHING)] if keys else []


TestFunds = Funds.TestCase
TestFunds.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
