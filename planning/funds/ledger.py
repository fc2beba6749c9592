"""The ledger of funds, in double entry: a row moves an amount from one account to another, and none is ever changed.

Laws, for each quarter's money of a dealer in a programme: earned − settled − reserved − expired = available, and no
account but the payer's is ever negative. Balances are sums of rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, insert, select, update

from attribution.visibility import Visibility
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import InvalidInput
from planning.funds.quarters import Quarter, read_quarter
from planning.funds.tables import fund_accounts, fund_entries
from planning.money import told_amount

_its = fund_entries.c


class Account(StrEnum):
    PAYER = "payer"
    AVAILABLE = "available"
    RESERVED = "reserved"
    SETTLED = "settled"
    EXPIRED = "expired"


class EntryKind(StrEnum):
    ACCRUAL = "accrual"
    ADJUSTMENT = "adjustment"
    RESERVATION = "reservation"
    RELEASE = "release"
    SETTLEMENT = "settlement"
    EXPIRY = "expiry"


_WAYS: Mapping[EntryKind, frozenset[tuple[Account, Account]]] = {
    EntryKind.ACCRUAL: frozenset({(Account.PAYER, Account.AVAILABLE), (Account.AVAILABLE, Account.PAYER)}),
    EntryKind.ADJUSTMENT: frozenset({(Account.PAYER, Account.AVAILABLE), (Account.AVAILABLE, Account.PAYER)}),
    EntryKind.RESERVATION: frozenset({(Account.AVAILABLE, Account.RESERVED)}),
    EntryKind.RELEASE: frozenset({(Account.RESERVED, Account.AVAILABLE)}),
    EntryKind.SETTLEMENT: frozenset({(Account.RESERVED, Account.SETTLED)}),
    EntryKind.EXPIRY: frozenset({(Account.AVAILABLE, Account.EXPIRED)}),
}


@dataclass(frozen=True, slots=True, order=True)
class Fund:
    """The money of a dealer in a programme."""

    programme: int
    dealer: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """What became of the money that a fund earned in a quarter, in minor units."""

    available: int = 0
    reserved: int = 0
    settled: int = 0
    expired: int = 0

    @property
    def earned(self) -> int:
        return self.available + self.reserved + self.settled + self.expired

    def moved(self, source: Account, target: Account, amount: int) -> "Bucket":
        change = {
            account.value: getattr(self, account.value) + sign * amount
            for account, sign in ((source, -1), (target, 1))
            if account is not Account.PAYER
        }
        return replace(self, **change)

    def __add__(self, other: "Bucket") -> "Bucket":
        return Bucket(
            self.available + other.available,
            self.reserved + other.reserved,
            self.settled + other.settled,
            self.expired + other.expired,
        )


Buckets = dict[Quarter, Bucket]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger. `amount` is in minor units, `day` the account's, `at` in UTC."""

    id: int
    fund: Fund
    posting: int
    quarter: Quarter
    kind: EntryKind
    source: Account
    target: Account
    amount: int
    activity: int | None
    day: date
    why: str
    at: datetime
    author: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "programme": self.fund.programme,
            "dealer": self.fund.dealer,
            "posting": self.posting,
            "quarter": str(self.quarter),
            "kind": self.kind.value,
            "from": self.source.value,
            "to": self.target.value,
            "amount": told_amount(self.amount),
            "activity": self.activity,
            "day": self.day.isoformat(),
            "why": self.why,
            "at": self.at.isoformat(),
            "author": self.author,
        }


def total_of(buckets: Iterable[Bucket]) -> Bucket:
    return sum(buckets, Bucket())


def buckets_of(connection: Connection, *where: ColumnElement[bool]) -> dict[Fund, Buckets]:
    """The balances of every fund that has rows, by quarter, the earliest first."""
    key = (_its.programme, _its.dealer, _its.quarter, _its.source, _its.target)
    rows = select(*key, func.sum(_its.amount).label("amount")).where(*where).group_by(*key).order_by(*key)
    found: dict[Fund, Buckets] = {}
    for row in connection.execute(rows):
        buckets = found.setdefault(Fund(row.programme, row.dealer), {})
        quarter = read_quarter(row.quarter)
        before = buckets.get(quarter, Bucket())
        buckets[quarter] = before.moved(Account(row.source), Account(row.target), int(row.amount))
    return found


def of_fund(fund: Fund) -> ColumnElement[bool]:
    return and_(_its.programme == fund.programme, _its.dealer == fund.dealer)


def accrued_by_quarter(
    connection: Connection, programme: int, *where: ColumnElement[bool]
) -> Mapping[tuple[str, Quarter], int]:
    """What rules have given, by dealer and quarter: corrections included, adjustments not."""
    given = func.sum(case((_its.target == Account.AVAILABLE.value, _its.amount), else_=-_its.amount))
    key = (_its.dealer, _its.quarter)
    rows = select(*key, given.label("given")).where(
        _its.programme == programme, _its.kind == EntryKind.ACCRUAL.value, *where
    )
    return {(row.dealer, read_quarter(row.quarter)): int(row.given) for row in connection.execute(rows.group_by(*key))}


def of_programme(programme: int) -> ColumnElement[bool]:
    return _its.programme == programme


def of_dealer(dealer: str) -> ColumnElement[bool]:
    return _its.dealer == dealer


def of_activity(activity: int) -> ColumnElement[bool]:
    return _its.activity == activity


def seen_by(seen: Visibility) -> list[ColumnElement[bool]]:
    """The condition under which rows are of dealers that are seen."""
    return [] if seen.dealers is None else [_its.dealer.in_(sorted(seen.dealers))]


class Posting:
    """Holds a fund until the transaction ends: nobody else moves its money meanwhile, on either database.

    `day` is the account's day that rows are dated by. Quarters are moved as they come, the earliest first.
    """

    def __init__(self, connection: Connection, clock: Clock, fund: Fund, *, day: date, author: str) -> None:
        self._connection = connection
        self._clock = clock
        self._fund = fund
        self._day = day
        self._author = author
        self._number = _hold(connection, fund)
        self._lines = 0
        self.buckets: Buckets = buckets_of(connection, of_fund(fund)).get(fund, {})

    @property
    def total(self) -> Bucket:
        return total_of(self.buckets.values())

    def accrue(self, quarter: Quarter, target: int, why: str) -> int:
        """What the quarter's rule gives in all, less what it gave before; how much that was, below 0 where it is less.

        Raises `InvalidInput` where less is left than is taken back.
        """
        known = accrued_by_quarter(self._connection, self._fund.programme, _its.dealer == self._fund.dealer)
        change = target - known.get((self._fund.dealer, quarter), 0)
        self._give(EntryKind.ACCRUAL, quarter, change, why)
        return change

    def adjust(self, quarter: Quarter, amount: int, why: str) -> None:
        """By a decision of the payer, up or down. Raises `InvalidInput` where less is left."""
        self._give(EntryKind.ADJUSTMENT, quarter, amount, why)

    def _give(self, kind: EntryKind, quarter: Quarter, amount: int, why: str) -> None:
        source, target = Account.PAYER, Account.AVAILABLE
        if amount < 0:
            source, target = target, source
        if amount:
            self._move(kind, quarter, source, target, abs(amount), why=why)

    def reserve(self, activity: int, amount: int, why: str) -> None:
        """Raises `InvalidInput` where less is available."""
        if amount > self.total.available:
            raise _too_little(self.total.available, amount)
        self._spread(EntryKind.RESERVATION, Account.AVAILABLE, Account.RESERVED, amount, activity, why)

    def settle(self, activity: int, amount: int, why: str) -> None:
        """Of what is reserved for the activity."""
        self._spread(EntryKind.SETTLEMENT, Account.RESERVED, Account.SETTLED, amount, activity, why)

    def release(self, activity: int, why: str) -> int:
        """All that is still reserved for the activity; how much that was."""
        amount = total_of(self.reserved_for(activity).values()).reserved
        self._spread(EntryKind.RELEASE, Account.RESERVED, Account.AVAILABLE, amount, activity, why)
        return amount

    def expire(self, quarter: Quarter, why: str) -> int:
        """All that is unspent of the quarter's money; how much that was."""
        amount = self.buckets.get(quarter, Bucket()).available
        if amount:
            self._move(EntryKind.EXPIRY, quarter, Account.AVAILABLE, Account.EXPIRED, amount, why=why)
        return amount

    def reserved_for(self, activity: int) -> Buckets:
        """What the activity's rows come to; of its buckets, `reserved` and `settled` say something."""
        found = buckets_of(self._connection, of_fund(self._fund), _its.activity == activity)
        return found.get(self._fund, {})

    def _spread(self, kind: EntryKind, source: Account, target: Account, amount: int, activity: int, why: str) -> None:
        """Over quarters that have some of it, the earliest first."""
        held = self.buckets if source is Account.AVAILABLE else self.reserved_for(activity)
        left = amount
        for quarter in sorted(held):
            part = min(left, getattr(held[quarter], source.value))
            if part > 0:
                self._move(kind, quarter, source, target, part, activity=activity, why=why)
                left -= part
        if left:
            raise _too_little(amount - left, amount)

    def _move(
        self,
        kind: EntryKind,
        quarter: Quarter,
        source: Account,
        target: Account,
        amount: int,
        *,
        activity: int | None = None,
        why: str,
    ) -> None:
        if (source, target) not in _WAYS[kind]:
            raise ValueError(f"{kind} does not go from {source} to {target}")
        before = self.buckets.get(quarter, Bucket())
        if source is not Account.PAYER and getattr(before, source.value) < amount:
            raise _too_little(getattr(before, source.value), amount)
        self._lines += 1
        row = {
            "programme": self._fund.programme,
            "dealer": self._fund.dealer,
            "posting": self._number,
            "line": self._lines,
            "quarter": str(quarter),
            "kind": kind.value,
            "source": source.value,
            "target": target.value,
            "amount": amount,
            "activity": activity,
            "day": self._day,
            "why": why,
            "at": self._clock.now(),
            "author": self._author,
        }
        self._connection.execute(insert(fund_entries), row)
        self.buckets[quarter] = before.moved(source, target, amount)


def _hold(connection: Connection, fund: Fund) -> int:
    """The number of this posting. The row stays locked until the transaction ends; a database file is locked whole."""
    its = fund_accounts.c
    there = insert_or_meet(connection, fund_accounts).on_conflict_do_nothing()
    connection.execute(there, {"programme": fund.programme, "dealer": fund.dealer, "postings": 0})
    next_one = update(fund_accounts).where(its.programme == fund.programme, its.dealer == fund.dealer)
    held = connection.execute(next_one.values(postings=its.postings + 1).returning(its.postings))
    return int(held.scalar_one())


def _too_little(there_is: int, wanted: int) -> InvalidInput:
    return InvalidInput(
        f"There are {told_amount(there_is):.2f} for this, and {told_amount(wanted):.2f} are needed.",
        where="amount",
        help="Take less, release what other activities have reserved, or let the payer add to the fund.",
    )


def entries_of(
    connection: Connection, *where: ColumnElement[bool], most: int = 200, before: int = 0
) -> tuple[list[Entry], int]:
    """Rows of the ledger, the newest first, those behind the number `before`; and how many there are in all."""
    page = [_its.id < before] if before else []
    rows = select(fund_entries).where(*where, *page).order_by(_its.id.desc()).limit(most)
    total = connection.scalar(select(func.count()).select_from(fund_entries).where(*where)) or 0
    return [_entry(row) for row in connection.execute(rows)], total


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        fund=Fund(row.programme, row.dealer),
        posting=row.posting,
        quarter=read_quarter(row.quarter),
        kind=EntryKind(row.kind),
        source=Account(row.source),
        target=Account(row.target),
        amount=row.amount,
        activity=row.activity,
        day=row.day,
        why=row.why,
        at=row.at,
        author=row.author,
    )
