"""What one unit of a currency is worth in the account's, from a date on.

Money is turned by the newest rate at or before its day: of spend the first of its days, of a deal the day of sale, of a
fee the first of the month. Money without a rate is in no sum, and `missing_rates` tells it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Engine, delete, func, select, true

from attribution.cost_tables import currency_rates
from attribution.reference import note_reference_change
from attribution.runs import Run
from collectors.items import Item, Unreadable
from collectors.values import read_number
from infra.clock import Clock
from infra.currency import known_currency
from infra.database import insert_or_meet
from infra.errors import InvalidInput, NotFound
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "cost_reports")
_AT_ONCE = 500


class Rate(BaseModel):
    """From `date` on, `nominal` units of `currency` are worth `rate` of the account's: central banks quote 100 yen."""

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    currency: Annotated[str, AfterValidator(known_currency)]
    date: Annotated[date, BeforeValidator(lambda value: _day(value))]
    rate: Annotated[Decimal, BeforeValidator(read_number), Field(gt=0, lt=10**12)]
    nominal: Annotated[Decimal, BeforeValidator(read_number), Field(gt=0)] = Decimal(1)

    @property
    def of_one(self) -> Decimal:
        return self.rate / self.nominal


def _day(value: object) -> object:
    """`2026-01-31` or `31.01.2026`."""
    if isinstance(value, str) and value.count(".") == 2:
        return "-".join(reversed(value.strip().split(".")))
    return value


@dataclass(frozen=True, slots=True)
class MissingRate:
    """Money of a family (`spend`, `deals`, `fees`) in no sum, in its own currency, on these days."""

    family: str
    currency: str
    first_day: date
    last_day: date
    events: int
    amount: Decimal

    def as_dict(self) -> dict[str, Any]:
        return {
            "family": self.family,
            "currency": self.currency,
            "from": self.first_day.isoformat(),
            "to": self.last_day.isoformat(),
            "events": self.events,
            "amount": float(self.amount),
        }


def read_rates(items: Iterable[Item]) -> list[Rate]:
    """Raises `InvalidInput`, naming the first row that is none: all of a file is taken, or nothing."""
    return [_read(number, item) for number, item in enumerate(items, 1)]


def _read(number: int, item: Item) -> Rate:
    if isinstance(item, Unreadable):
        raise InvalidInput(f"Row {number} cannot be read: {item.reason}.", where="rates")
    try:
        return Rate.model_validate({str(name).strip().lower(): value for name, value in item.items() if value != ""})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "rates"
        raise InvalidInput(
            f"Row {number}, {name}: {first['msg'].removeprefix('Value error, ')}. Nothing was changed.",
            where=name,
            help="A row is currency, date, rate, and nominal where the rate is for more than one unit.",
        ) from error


def set_rates(engine: Engine, rates: Iterable[Rate], *, author: str, clock: Clock) -> int:
    """Add rates, or replace those of the same currency and date; reports follow with the next run. Returns how many."""
    rows = [{"currency": each.currency, "date": each.date, "rate": each.of_one} for each in rates]
    with engine.begin() as connection:
        for start in range(0, len(rows), _AT_ONCE):
            _put(connection, rows[start : start + _AT_ONCE])
        if rows:
            told = ", ".join(sorted({str(row["currency"]) for row in rows}))
            days = [str(each["date"]) for each in rows]
            after = f"{len(rows)} rates of {told}, {min(days)} to {max(days)}"
            note_reference_change(connection, clock, author=author, after=after)
    return len(rows)


def _put(connection: Connection, rows: list[dict[str, Any]]) -> None:
    put = insert_or_meet(connection, currency_rates)
    put = put.on_conflict_do_update(index_elements=["currency", "date"], set_={"rate": put.excluded.rate})
    connection.execute(put, rows)


def remove_rate(engine: Engine, currency: str, day: date, *, author: str, clock: Clock) -> None:
    """Raises `NotFound` where there is none of that date."""
    place = (currency_rates.c.currency == currency.upper()) & (currency_rates.c.date == day)
    with engine.begin() as connection:
        rate = connection.scalar(select(currency_rates.c.rate).where(place))
        if rate is None:
            raise NotFound(
                f"There is no rate of {currency.upper()} from {day} on.", help="`closedloop rates list` shows all."
            )
        connection.execute(delete(currency_rates).where(place))
        note_reference_change(
            connection, clock, author=author, before=f"{currency.upper()} {day}: {rate.normalize():f}"
        )


def list_rates(engine: Engine, currency: str = "", most: int = 1000) -> tuple[list[dict[str, Any]], int]:
    """The newest first, and how many there are."""
    where = currency_rates.c.currency == currency.upper() if currency else true()
    newest = select(currency_rates).where(where).order_by(currency_rates.c.date.desc(), currency_rates.c.currency)
    with engine.connect() as connection:
        total = connection.scalar(select(func.count()).select_from(currency_rates).where(where)) or 0
        rows = connection.execute(newest.limit(most)).all()
    return [{"currency": row.currency, "date": row.date.isoformat(), "rate": float(row.rate)} for row in rows], total


def missing_rates(warehouse: Warehouse, run: Run) -> list[MissingRate]:
    """What this run could not turn into the account's currency."""
    return [MissingRate(**row) for row in warehouse.rows(_SQL["missing_rates"], {"run": run.number})]
