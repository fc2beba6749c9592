"""Figures that business models are compared by, and those that ship with their sources.

Shares of a funnel are each of the stage before: of leads so many were contacted, of those so many got an appointment,
of those so many showed, of visits so many were closed. Money is of one car.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from planning.money import told_amount

SHARES = ("contact", "appointment", "show", "close", "lead_sale")
AMOUNTS = ("advertising_per_new", "gross_per_new", "gross_per_used", "fi_per_unit")
FIGURES = (*SHARES, *AMOUNTS)


class BusinessModel(StrEnum):
    """`ALL` is of figures that are of no way of asking."""

    NEW_INTERNET = "new_internet"
    NEW_PHONE = "new_phone"
    USED_INTERNET = "used_internet"
    USED_PHONE = "used_phone"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """A share, between 0 and 1, or an amount in minor units of `currency`, with `amount_to` where it is a range.

    `dated` is a year, a month or a day, such as 2023 or 2023-05.
    """

    who: str
    model: BusinessModel
    figure: str
    source: str
    dated: str
    share: float | None = None
    amount: int | None = None
    amount_to: int | None = None
    currency: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`id` and `revision` are 0 where it ships: then nobody changes it."""

    told: ToldFigure
    id: int = 0
    revision: int = 0
    changed_by: str = ""

    def as_dict(self) -> dict[str, Any]:
        told = self.told
        amounts = {name: _money(getattr(told, name)) for name in ("amount", "amount_to")}
        found = {name: getattr(told, name) for name in ToldFigure.__slots__} | amounts
        return found | {"model": told.model.value, "id": self.id or None, "revision": self.revision}


def _money(units: int | None) -> float | None:
    return None if units is None else told_amount(units)


@cache
def published() -> tuple[Benchmark, ...]:
    """Those that ship; where all stages of a funnel are told, its whole is their product."""
    return tuple(Benchmark(each) for row in _rows() for each in _figures(row))


def _rows() -> list[dict[str, Any]]:
    text = files("planning.benchmarks").joinpath("published.json").read_bytes()
    found: list[dict[str, Any]] = orjson.loads(text)
    return found


def _figures(row: dict[str, Any]) -> list[ToldFigure]:
    of = {name: row[name] for name in ("who", "source", "dated")} | {"model": BusinessModel(row["model"])}
    found = [ToldFigure(**of, figure=name, share=row[name]) for name in SHARES if name in row]
    if len(found) == len(SHARES) - 1:
        whole = row["contact"] * row["appointment"] * row["show"] * row["close"]
        notes = "The product of the stages."
        found.append(ToldFigure(**of, figure="lead_sale", share=round(whole, 4), notes=notes))
    for name in AMOUNTS:
        if name in row:
            low, high = row[name] if isinstance(row[name], list) else (row[name], None)
            units = {"amount": low * 100, "amount_to": None if high is None else high * 100}
            found.append(ToldFigure(**of, figure=name, currency=row["currency"], **units))
    return found
