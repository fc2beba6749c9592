"""What is planned, defined once: what it is called, how it is counted, and which figure of reports is its fact."""

from dataclasses import dataclass
from decimal import Decimal

from attribution.units import Unit
from infra.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class PlannedMeasure:
    """`fact` is the slug of the report's figure. Lines keep whole numbers, of which `scale` are 1."""

    slug: str
    title: str
    unit: Unit
    fact: str

    @property
    def scale(self) -> int:
        return 100 if self.is_money else 1

    @property
    def is_money(self) -> bool:
        return self.unit is Unit.MONEY

    def kept(self, value: Decimal | int | float | str) -> int:
        """In smallest units. Raises `InvalidInput` for what is negative, no number, or finer than its unit."""
        try:
            told = Decimal(str(value))
            smallest = told * self.scale
            if not told.is_finite() or smallest != int(smallest):
                raise ValueError
        except (ArithmeticError, ValueError):
            raise InvalidInput(
                f"{str(value)!r} is no {'amount' if self.is_money else 'whole number'} of {self.title.lower()}.",
                where="value",
                help="Write an amount with two decimals at most." if self.is_money else "Write a whole number.",
            ) from None
        if smallest < 0 or smallest > _MOST:
            raise InvalidInput(
                f"{self.title} cannot be {value}.",
                where="value",
                help="Plans are not negative." if smallest < 0 else "Is this in the right unit?",
            )
        return int(smallest)

    def shown(self, kept: int) -> float | int:
        """As people read it: units, or money in whole units of its currency."""
        return kept / self.scale if self.is_money else kept


_MOST = 10**15
"""So that sums of thousands of lines are exact in floats and fit into eight bytes."""

_ALL = (
    PlannedMeasure("sales", "Sales", Unit.COUNT, "sales"),
    PlannedMeasure("service_visits", "Service visits", Unit.COUNT, "service_visits"),
    PlannedMeasure("leads", "Leads", Unit.COUNT, "leads"),
    PlannedMeasure("visits", "Showroom visits", Unit.COUNT, "visits"),
    PlannedMeasure("revenue", "Revenue", Unit.MONEY, "revenue"),
    PlannedMeasure("margin", "Margin", Unit.MONEY, "margin"),
    PlannedMeasure("budget", "Marketing budget", Unit.MONEY, "cost"),
)
PLANNED = {measure.slug: measure for measure in _ALL}


def planned_measure(slug: str) -> PlannedMeasure:
    """Raises `InvalidInput`."""
    if slug not in PLANNED:
        raise InvalidInput(
            f"There is no planned measure {slug!r}.", where="measure", help=f"Choose one of {', '.join(PLANNED)}."
        )
    return PLANNED[slug]
