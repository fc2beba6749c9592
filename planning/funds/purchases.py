"""What dealers bought in each quarter: entered, or read from a file, all of it or nothing; what they earn follows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, select

from attribution.visibility import Visibility
from collectors.items import Item, Unreadable
from collectors.values import read_number
from infra.audit import note_change
from infra.database import insert_or_meet
from infra.errors import InvalidInput
from planning.desk import Desk
from planning.funds.accruing import accrue, open_fund
from planning.funds.dealers import fund_dealer, fund_dealers
from planning.funds.documents import PurchaseTold
from planning.funds.programme import FundDealer, Programme
from planning.funds.programme_register import find_programme
from planning.funds.quarters import Quarter, read_quarter
from planning.funds.tables import fund_purchases
from planning.money import check_currency, told_amount, units_of, written_amount

_its = fund_purchases.c
_MOST_ROWS = 20_000
_FIELDS = ("dealer", "quarter", "amount", "currency")
_HEADINGS = {"дилер": "dealer", "квартал": "quarter", "сумма": "amount", "закупки": "amount", "валюта": "currency"}


@dataclass(frozen=True, slots=True)
class Purchase:
    """`amount` is in minor units, `changed_at` in UTC."""

    dealer: str
    quarter: Quarter
    amount: int
    changed_at: datetime
    changed_by: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "dealer": self.dealer,
            "quarter": str(self.quarter),
            "amount": told_amount(self.amount),
            "changed_at": self.changed_at.isoformat(),
            "changed_by": self.changed_by,
        }


def list_purchases(connection: Connection, programme: int, seen: Visibility) -> Sequence[Purchase]:
    """By dealer, the newest quarter first."""
    rows = select(fund_purchases).where(_its.programme == programme).order_by(_its.dealer, _its.quarter.desc())
    return [
        Purchase(row.dealer, read_quarter(row.quarter), row.amount, row.changed_at, row.changed_by)
        for row in connection.execute(rows)
        if seen.sees_dealer(row.dealer)
    ]


def read_purchases(items: Iterable[Item]) -> list[PurchaseTold]:
    """Rows of a file. Raises `InvalidInput`, which names the first row and column that are wrong."""
    found = [_read(number, item) for number, item in enumerate(items, 1)]
    if not found:
        raise InvalidInput("There is no row in it.", where="purchases", help=_WANTED)
    if len(found) > _MOST_ROWS:
        raise InvalidInput(f"There are over {_MOST_ROWS} rows in it.", where="purchases", help="Send it in parts.")
    return found


_WANTED = "A row has the columns dealer, quarter (2026-Q1) and amount; currency, where it is not the programme's."


def _read(number: int, item: Item) -> PurchaseTold:
    if isinstance(item, Unreadable):
        raise InvalidInput(f"Row {number} cannot be read: {item.reason}.", where="purchases", help=_WANTED)
    named = {_heading(str(name)): value for name, value in item.items() if value not in ("", None)}
    told = {name: named[name] for name in _FIELDS if name in named}
    try:
        if "amount" in told:
            told["amount"] = read_number(told["amount"])
        return PurchaseTold.model_validate({name: _text(value) for name, value in told.items()})
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "purchases"
        why = first["msg"].removeprefix("Value error, ")
    except ValueError as error:
        column, why = "amount", str(error)
    raise InvalidInput(f"Row {number}, {column}: {why}. Nothing was changed.", where=column, help=_WANTED)


def _heading(text: str) -> str:
    name = text.strip().lower()
    return _HEADINGS.get(name, name)


def _text(value: object) -> object:
    return value if isinstance(value, str | Decimal) else str(value)


def enter_purchases(desk: Desk, key: int, told: Sequence[PurchaseTold], *, author: str) -> int:
    """All of them, or none: what is entered anew replaces what was. How many dealers' earnings that changed.

    Raises `NotFound`, and `InvalidInput` with the row that cannot be taken.
    """
    with desk.engine.begin() as connection:
        programme = find_programme(connection, key, held=True)
        _check_open(programme)
        known = {dealer.id: dealer for dealer in fund_dealers(connection, Visibility())}
        rows = [_row(desk, programme, known, each, number, author) for number, each in enumerate(told, 1)]
        _check_each_once(rows)
        put = insert_or_meet(connection, fund_purchases)
        put = put.on_conflict_do_update(
            index_elements=["programme", "dealer", "quarter"],
            set_={name: put.excluded[name] for name in ("amount", "changed_at", "changed_by")},
        )
        for row in sorted(rows, key=lambda each: (each["dealer"], each["quarter"])):
            connection.execute(put, row)
        dealers = [known[name] for name in sorted({row["dealer"] for row in rows})]
        changed = accrue(connection, desk, programme, dealers, author)
        after = "; ".join(f"{row['dealer']} {row['quarter']}: {told_amount(row['amount']):.2f}" for row in rows[:50])
        more = f"; and {len(rows) - 50} more" if len(rows) > 50 else ""
        note_change(connection, desk.clock, who=author, what=f"purchases of fund programme {key}", after=after + more)
    return changed


def adjust_fund(
    desk: Desk, key: int, dealer: str, quarter: Quarter, amount: Decimal, why: str, *, author: str, currency: str = ""
) -> None:
    """Add to a dealer's fund, or take from it, by a decision of the payer. Raises `InvalidInput`, `NotFound`."""
    if not why.strip():
        raise InvalidInput("An adjustment needs a reason.", where="why", help="Say what it is for.")
    with desk.engine.begin() as connection:
        programme = find_programme(connection, key, held=True)
        _check_open(programme)
        check_currency(currency, programme.currency)
        known = fund_dealer(connection, dealer, Visibility())
        _check_quarter(desk, programme, known, quarter)
        units = units_of(amount, "amount")
        if not units:
            raise InvalidInput("An adjustment of nothing is none.", where="amount", help="Write how much.")
        open_fund(connection, desk, programme, dealer, author).adjust(quarter, units, why.strip())
        after = f"{quarter}: {written_amount(units, programme.currency)}: {why.strip()}"
        note_change(connection, desk.clock, who=author, what=f"fund {key} of {dealer}", after=after)


def _row(
    desk: Desk, programme: Programme, known: dict[str, FundDealer], told: PurchaseTold, number: int, author: str
) -> dict[str, Any]:
    dealer, quarter = known.get(told.dealer), read_quarter(told.quarter)
    try:
        if dealer is None:
            raise InvalidInput(
                f"there is no dealer {told.dealer!r}", where="dealer", help="Write ids as the reference data have them."
            )
        check_currency(told.currency, programme.currency)
        _check_quarter(desk, programme, dealer, quarter)
        amount = units_of(told.amount, "amount")
    except InvalidInput as error:
        raise InvalidInput(
            f"Row {number}: {error.message.removesuffix('.')}. Nothing was changed.", where=error.where, help=error.help
        ) from error
    return {
        "programme": programme.id,
        "dealer": told.dealer,
        "quarter": str(quarter),
        "amount": amount,
        "changed_at": desk.clock.now(),
        "changed_by": author,
    }


def _check_each_once(rows: Sequence[dict[str, Any]]) -> None:
    known: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows, 1):
        first = known.setdefault((row["dealer"], row["quarter"]), number)
        if first != number:
            raise InvalidInput(
                f"Rows {first} and {number} are both of {row['dealer']} in {row['quarter']}. Nothing was changed.",
                where="dealer",
                help="Leave one row for each dealer and quarter.",
            )


def _check_open(programme: Programme) -> None:
    if programme.told.is_closed:
        raise InvalidInput(
            f"The programme {programme.told.name!r} is closed.", where="programme", help="Open it again first."
        )


def _check_quarter(desk: Desk, programme: Programme, dealer: FundDealer, quarter: Quarter) -> None:
    quarters = programme.told.quarters
    if not quarters[0] <= quarter <= quarters[-1]:
        raise InvalidInput(
            f"The programme goes from {quarters[0]} to {quarters[-1]}, and {quarter} is outside of it.",
            where="quarter",
            help="Correct the quarter, or the programme's period.",
        )
    if quarter.first_day > desk.today:
        raise InvalidInput(f"{quarter} has not begun.", where="quarter", help="Enter it when it has.")
    if programme.has_expired(quarter, desk.today):
        raise InvalidInput(
            f"Money of {quarter} has expired on {programme.expires_on(quarter)}.",
            where="quarter",
            help="Let the programme carry money over for more quarters first.",
        )
    if not programme.takes_in(dealer):
        raise InvalidInput(
            f"No rule of the programme is for {dealer.title}.", where="dealer", help="Add a rule for it first."
        )
