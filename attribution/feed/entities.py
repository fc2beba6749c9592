"""Which tables the feed has, and which columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum

from attribution.measures import MEASURES, SUMS, Measure, Unit
from attribution.question import MODELLED
from infra.errors import InvalidInput

EPOCH = date(1970, 1, 1)
Value = str | int | date | Decimal


class Kind(StrEnum):
    TEXT = "text"
    DATE = "date"
    WHOLE = "whole"
    DECIMAL = "decimal"


@dataclass(frozen=True, slots=True)
class Property:
    """A column, whose stored values are texts or whole numbers: of days since 1970, or with `scale` decimals.

    `place` is where it stands among the texts, or among the numbers, of a row; the first is 1.
    """

    name: str
    kind: Kind
    place: int
    scale: int = 0

    @property
    def is_text(self) -> bool:
        return self.kind is Kind.TEXT

    def value(self, stored: str | int) -> Value:
        """What a stored value means."""
        if isinstance(stored, str):
            return stored
        if self.kind is Kind.DATE:
            return EPOCH + timedelta(days=stored)
        return Decimal(stored).scaleb(-self.scale) if self.kind is Kind.DECIMAL else stored


@dataclass(frozen=True, slots=True)
class EntitySet:
    """A table; `source` is what the statement reads it from. Rows are told apart by their `key`."""

    name: str
    type_name: str
    source: str
    key: tuple[Property, ...]
    properties: tuple[Property, ...]

    def property(self, name: str, where: str) -> Property:
        """Raises `InvalidInput`, naming the option."""
        for each in self.properties:
            if each.name == name:
                return each
        known = [each.name for each in self.properties]
        near = get_close_matches(name, known, n=3)
        meant = f"Is {' or '.join(near)} meant? " if near else ""
        raise InvalidInput(
            f"There is no property {name!r} in {self.name}.", where=where, help=f"{meant}Known are {', '.join(known)}."
        )


_Told = tuple[str, Kind, int]


def _entity_set(name: str, type_name: str, source: str, key: int, told: Sequence[_Told]) -> EntitySet:
    """The first `key` columns tell rows apart."""
    found: list[Property] = []
    for title, kind, scale in told:
        alike = [each for each in found if each.is_text == (kind is Kind.TEXT)]
        found.append(Property(title, kind, len(alike) + 1, scale))
    return EntitySet(name, type_name, source, tuple(found[:key]), tuple(found))


def _texts(*names: str) -> list[_Told]:
    return [(name, Kind.TEXT, 0) for name in names]


def _figure(measure: Measure) -> _Told:
    name = "".join(word.capitalize() for word in measure.slug.split("_"))
    if measure.unit is Unit.MONEY:
        return name, Kind.DECIMAL, 4
    return (name, Kind.DECIMAL, 9) if measure.slug in MODELLED else (name, Kind.WHOLE, 0)


FACTS = _entity_set(
    "Facts",
    "Fact",
    "facts",
    5,
    [
        ("Day", Kind.DATE, 0),
        *_texts("Channel", "Campaign", "Dealer", "Contractor", "Model"),
        *(_figure(measure) for measure in MEASURES if measure.slug in SUMS),
    ],
)
CHANNELS = _entity_set("Channels", "Channel", "channels", 1, _texts("Channel"))
CAMPAIGNS = _entity_set("Campaigns", "Campaign", "campaigns", 1, _texts("Campaign", "Source", "Medium", "Channel"))
DEALERS = _entity_set("Dealers", "Dealer", "dealers_known", 1, _texts("Dealer", "Name", "Brand", "City"))
CONTRACTORS = _entity_set("Contractors", "Contractor", "contractors", 1, _texts("Contractor", "Name"))
DAYS = _entity_set(
    "Days",
    "Day",
    "calendar",
    1,
    [
        ("Day", Kind.DATE, 0),
        *((name, Kind.WHOLE, 0) for name in ("Year", "Quarter", "Month", "Week", "Weekday")),
        *((name, Kind.DATE, 0) for name in ("QuarterStart", "MonthStart", "WeekStart")),
    ],
)
ENTITY_SETS = {each.name: each for each in (FACTS, CHANNELS, CAMPAIGNS, DEALERS, CONTRACTORS, DAYS)}
