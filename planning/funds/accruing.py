"""What dealers earn by rule, and what expires: posted when purchases or rules change, and as quarters begin and end."""

from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import Connection, select

from infra.errors import InvalidInput
from planning.desk import Desk
from planning.funds.ledger import Fund, Posting, accrued_by_quarter
from planning.funds.programme import FundDealer, Programme
from planning.funds.quarters import Quarter, read_quarter
from planning.funds.tables import fund_purchases
from planning.money import written_amount

SYSTEM = "the rules"
"""Who earns and expires where nobody asks for it: the calendar."""

NO_RULE, FIXED, OF_PURCHASES, UNSPENT = "no rule", "fixed sum", "%(percent)s %% of purchases", "unspent on %(day)s"
REASONS = (NO_RULE, FIXED, OF_PURCHASES, UNSPENT, SYSTEM)
"""Why the calendar and the rules move money, as rows of the ledger say it."""

_bought = fund_purchases.c


def purchases_of(connection: Connection, programme: int) -> Mapping[tuple[str, Quarter], int]:
    """In minor units, by dealer and quarter."""
    rows = connection.execute(select(fund_purchases).where(_bought.programme == programme))
    return {(row.dealer, read_quarter(row.quarter)): row.amount for row in rows}


def accrue(
    connection: Connection, desk: Desk, programme: Programme, dealers: Iterable[FundDealer], author: str = SYSTEM
) -> int:
    """Bring what dealers have earned in quarters that have begun to what rules give; how many funds that changed.

    A quarter whose money has expired gives no more, and a closed programme nothing. Raises `InvalidInput` where a rule
    now gives less than is spent.
    """
    if programme.told.is_closed:
        return 0
    today = desk.today
    bought = purchases_of(connection, programme.id)
    given = accrued_by_quarter(connection, programme.id)
    changed = 0
    for dealer in sorted(dealers, key=lambda each: each.id):
        targets = {
            quarter: programme.earned(dealer, quarter, bought.get((dealer.id, quarter), 0))
            for quarter in programme.begun(today)
        }
        changes = {
            quarter: target
            for quarter, target in targets.items()
            if (change := target - given.get((dealer.id, quarter), 0))
            and not (change > 0 and programme.has_expired(quarter, today))
        }
        if changes:
            _post(connection, desk, programme, dealer, changes, author)
            changed += 1
    return changed


def _post(
    connection: Connection,
    desk: Desk,
    programme: Programme,
    dealer: FundDealer,
    targets: Mapping[Quarter, int],
    author: str,
) -> None:
    posting = open_fund(connection, desk, programme, dealer.id, author)
    for quarter, target in targets.items():
        rule = programme.rule_for(dealer, quarter)
        why = NO_RULE if rule is None else OF_PURCHASES % {"percent": rule.percent} if rule.percent else FIXED
        try:
            posting.accrue(quarter, target, why)
        except InvalidInput as error:
            bucket = posting.buckets[quarter]
            taken = written_amount(bucket.earned - bucket.available, programme.currency)
            wanted = written_amount(target, programme.currency)
            raise InvalidInput(
                f"{dealer.title} has used or lost {taken} of {quarter}: the rule cannot give {wanted} in all.",
                where="amount",
                help="Cancel activities that are approved and not claimed yet, or leave what was earned as it is.",
            ) from error


def open_fund(connection: Connection, desk: Desk, programme: Programme, dealer: str, author: str) -> Posting:
    """Held until the transaction ends, with what has expired taken out."""
    posting = Posting(connection, desk.clock, Fund(programme.id, dealer), day=desk.today, author=author)
    expire_due(posting, programme, desk.today)
    return posting


def expire_due(posting: Posting, programme: Programme, today: date) -> int:
    """How much expired, in minor units."""
    due = [quarter for quarter in sorted(posting.buckets) if programme.has_expired(quarter, today)]
    return sum(posting.expire(quarter, UNSPENT % {"day": programme.expires_on(quarter)}) for quarter in due)
