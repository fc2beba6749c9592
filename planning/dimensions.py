"""The dealers of plans and the levels above them: holding, brand, dealer. An importer is one more level by having

several holdings. City and group are other ways to put dealers together.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sqlalchemy import Connection, select

from attribution.reference import dealers
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput, NotFound

GROUPINGS = ("holding", "brand", "dealer", "city", "group")


@dataclass(frozen=True, slots=True)
class DealerPlace:
    """`opened` and `closed` are the first and the last day."""

    id: str
    name: str
    brand: str
    city: str
    group: str
    holding: str
    opened: date | None
    closed: date | None

    @property
    def shown_name(self) -> str:
        return self.name or self.id

    def is_open(self, year: int, month: int) -> bool:
        """On one day of the month at least."""
        first = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        return (self.opened is None or self.opened < after) and (self.closed is None or self.closed >= first)

    def open_months(self, year: int) -> tuple[bool, ...]:
        """Of the twelve, January first."""
        return tuple(self.is_open(year, month) for month in range(1, 13))

    def why_closed(self, year: int, month: int) -> str:
        """The end of a sentence."""
        if self.opened and self.opened > date(year, month, 1):
            return f"{self.shown_name} opens on {self.opened}"
        return f"{self.shown_name} closes on {self.closed}"


@dataclass(frozen=True)
class Network:
    """The dealers that are seen, in the order of holding, brand and name."""

    dealers: tuple[DealerPlace, ...]

    @cached_property
    def by_id(self) -> dict[str, DealerPlace]:
        return {dealer.id: dealer for dealer in self.dealers}

    def dealer(self, key: str) -> DealerPlace:
        """Raises `NotFound`, for one that is not seen, too."""
        if key not in self.by_id:
            raise NotFound(
                f"There is no dealer {key!r}.", where="dealer", help="The settings' page of dealers lists them."
            )
        return self.by_id[key]

    def under(self, *, holding: str = "", brand: str = "", dealer: str = "") -> tuple[DealerPlace, ...]:
        """Those of a place in the tree; all where nothing is named. Raises `InvalidInput` where there are none."""
        found = tuple(
            each
            for each in self.dealers
            if (not holding or each.holding == holding)
            and (not brand or each.brand == brand)
            and (not dealer or each.id == dealer)
        )
        if not found:
            raise InvalidInput(
                f"No dealer stands under {' / '.join(filter(None, (holding, brand, dealer))) or 'the holding'}.",
                where="dealer",
                help="Enter dealers, their brands and holdings on the settings' page of dealers.",
            )
        return found

    @property
    def has_holdings(self) -> bool:
        """Whether there is a level above brands."""
        return len({dealer.holding for dealer in self.dealers}) > 1


def known_network(connection: Connection, seen: Visibility = EVERYTHING) -> Network:
    rows = connection.execute(select(dealers))
    found = [
        DealerPlace(row.id, row.name, row.brand, row.city, row.group, row.holding, row.opened, row.closed)
        for row in rows
        if seen.sees_dealer(row.id)
    ]
    return Network(tuple(sorted(found, key=_order)))


def _order(dealer: DealerPlace) -> tuple[str, ...]:
    return dealer.holding, dealer.brand, dealer.shown_name, dealer.id
