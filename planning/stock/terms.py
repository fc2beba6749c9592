"""How long an order takes, how sure one wants to be, and how much stock is too much: by brand, and by model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, insert, select

from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.stock.tables import stock_terms

_MOST_DAYS, _MOST_MONTHS = 730, 36
_LEAST_PERCENT, _MOST_PERCENT = 50, 99


@dataclass(frozen=True, slots=True)
class Terms:
    """An order comes after `lead_days`. In `service_percent` of order cycles stock should suffice. Stock of more than
    `most_months` of sales is too much. An empty `brand` stands for every one, an empty `model` for all of the brand."""

    brand: str = ""
    model: str = ""
    lead_days: int = 60
    service_percent: int = 90
    most_months: int = 3

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


DEFAULT_TERMS = Terms()


@dataclass(frozen=True)
class KnownTerms:
    told: Mapping[tuple[str, str], Terms]

    def of(self, brand: str, model: str) -> Terms:
        """Those of the model, else of its brand, else of all, else those that ship."""
        for key in ((brand, model), ("", model), (brand, ""), ("", "")):
            if key in self.told:
                return self.told[key]
        return DEFAULT_TERMS

    @property
    def rows(self) -> list[Terms]:
        return [self.told[key] for key in sorted(self.told)]


def known_terms(connection: Connection) -> KnownTerms:
    rows = connection.execute(select(stock_terms))
    return KnownTerms({(row.brand, row.model): Terms(**row._mapping) for row in rows})


def keep_terms(
    engine: Engine, clock: Clock, told: Sequence[Terms], *, author: str, based_on: Sequence[Terms] | None = None
) -> None:
    """Put these in the place of all that are there. `based_on` are those that were looked at, where one asks.

    Raises `InvalidInput`, and `Conflict` where others are there by now.
    """
    for each in told:
        _check(each)
    keys = {(each.brand, each.model) for each in told}
    if len(keys) < len(told):
        raise InvalidInput("A brand and model is told twice.", where="terms", help="Name each once.")
    with engine.begin() as connection:
        before = known_terms(connection).rows
        if based_on is not None and sorted(based_on, key=_order) != before:
            raise Conflict(
                "Somebody has changed these terms meanwhile.",
                where="terms",
                help="Load the page again, and change what is there now.",
            )
        connection.execute(delete(stock_terms))
        if told:
            connection.execute(insert(stock_terms), [each.as_dict() for each in told])
        note_change(connection, clock, who=author, what="stock terms", before=_text(before), after=_text(told))


def _check(told: Terms) -> None:
    for name, number, least, most in (
        ("lead_days", told.lead_days, 0, _MOST_DAYS),
        ("service_percent", told.service_percent, _LEAST_PERCENT, _MOST_PERCENT),
        ("most_months", told.most_months, 1, _MOST_MONTHS),
    ):
        if not least <= number <= most:
            what = " ".join(filter(None, (told.brand, told.model))) or "all"
            raise InvalidInput(
                f"{name} of {what} is {number}.", where=name, help=f"Write a whole number from {least} to {most}."
            )


def _order(terms: Terms) -> tuple[str, str]:
    return terms.brand, terms.model


def _text(told: Sequence[Terms]) -> str:
    return orjson.dumps([each.as_dict() for each in told]).decode()
