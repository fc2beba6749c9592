"""What funds come to on a day: earned, reserved, settled, expired and available, and how old what waits is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from attribution.visibility import Visibility
from planning.desk import Desk
from planning.funds.activity import Activity, activity_of
from planning.funds.dealers import fund_dealers
from planning.funds.ledger import Account, Bucket, Buckets, Fund, buckets_of, total_of
from planning.funds.programme import FundDealer, Programme
from planning.funds.programme_register import list_programmes
from planning.funds.states import State
from planning.funds.tables import fund_activities, fund_entries

AGES = (30, 60, 90)
"""Days: a band goes from the one before to this, and the last one is over all of them."""

Bands = tuple[int, int, int, int]
_NOTHING: Bands = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Expiry:
    """What is lost after `day` unless it is reserved before."""

    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Of a dealer in a programme, in minor units. `unspent` and `claimed` are by age: 0–30, 31–60, 61–90, over 90 days.

    `unspent` is what is available, by when it was earned: what was earned first is spent first. `claimed` is what
    claims that wait come to, by when they were sent. `expiring` is by day, the next one first.
    """

    programme: Programme
    dealer: FundDealer
    total: Bucket
    buckets: Buckets
    unspent: Bands
    claimed: Bands
    expiring: tuple[Expiry, ...]

    @property
    def is_empty(self) -> bool:
        return not self.total.earned and not any(self.claimed)


def balances(connection: Connection, desk: Desk, seen: Visibility, programme: int | None = None) -> Sequence[Balance]:
    """A balance for each dealer that is seen and takes part, by programme and dealer. Nothing is posted by looking."""
    found, claims = buckets_of(connection), _claims(connection)
    earned = _earned_on(connection)
    dealers = fund_dealers(connection, seen)
    return [
        _balance(desk, each, dealer, found.get(fund, {}), earned.get(fund, []), claims.get(fund, []))
        for each in list_programmes(connection)
        if programme in (None, each.id)
        for dealer in dealers
        if (fund := Fund(each.id, dealer.id)) in found or (each.takes_in(dealer) and not each.told.is_closed)
    ]


def _balance(
    desk: Desk,
    programme: Programme,
    dealer: FundDealer,
    posted: Buckets,
    earned: Sequence[tuple[date, int]],
    claims: Iterable[Activity],
) -> Balance:
    today = desk.today
    buckets = programme.on_day(posted, today)
    total = total_of(buckets.values())
    waiting = [((today - desk.day_of(each.state_since)).days, each.payable or 0) for each in claims]
    expiring = [
        Expiry(day, bucket.available)
        for quarter, bucket in sorted(buckets.items())
        if bucket.available and (day := programme.expires_on(quarter))
    ]
    return Balance(
        programme, dealer, total, buckets, _unspent(total.available, earned, today), _bands(waiting), tuple(expiring)
    )


def _unspent(available: int, earned: Sequence[tuple[date, int]], today: date) -> Bands:
    """What is left is of what was earned last; `earned` begins with the first day."""
    aged, left = [], available
    for day, amount in reversed(earned):
        part = min(left, amount)
        aged.append(((today - day).days, part))
        left -= part
    return _bands(aged)


def _bands(aged: Iterable[tuple[int, int]]) -> Bands:
    found = list(_NOTHING)
    for days, amount in aged:
        found[sum(days > age for age in AGES)] += amount
    return (found[0], found[1], found[2], found[3])


def _earned_on(connection: Connection) -> dict[Fund, list[tuple[date, int]]]:
    """What came in on which day, in the order of days; what was taken back is no earning."""
    its = fund_entries.c
    rows = select(its.programme, its.dealer, its.day, its.amount).where(its.source == Account.PAYER.value)
    found: dict[Fund, list[tuple[date, int]]] = {}
    for row in connection.execute(rows.order_by(its.day, its.id)):
        found.setdefault(Fund(row.programme, row.dealer), []).append((row.day, row.amount))
    return found


def _claims(connection: Connection) -> dict[Fund, list[Activity]]:
    """Claims that wait for the payer."""
    rows = select(fund_activities).where(fund_activities.c.state == State.CLAIMED.value)
    found: dict[Fund, list[Activity]] = {}
    for row in connection.execute(rows):
        activity = activity_of(row)
        found.setdefault(activity.fund, []).append(activity)
    return found
