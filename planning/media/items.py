"""The items of a media plan: what is bought in which channel, of whom, for how much, on which days."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from infra.errors import InvalidInput
from planning.media.money import MOST, in_words, shown
from planning.media.months import Month
from planning.media.pacing import Pacing

MOST_ITEMS = 500
_LENGTHS = {"channel": 200, "campaign": 500, "contractor": 200, "note": 2000}
_EXPECTED = ("impressions", "clicks", "leads")
CPL_OF = ("", "dealer", "holding")
"""Whose measured CPL the expected leads are from; empty where somebody wrote them."""


@dataclass(frozen=True, slots=True)
class ToldItem:
    """`budget` is in minor units; the flight is inclusive. `id` is that of an item that is there already.

    An empty campaign or contractor is any. An empty currency is the plan's.
    """

    channel: str
    budget: int
    first: date
    last: date
    campaign: str = ""
    contractor: str = ""
    pacing: Pacing = Pacing.EVEN
    impressions: int | None = None
    clicks: int | None = None
    leads: int | None = None
    cpl_of: str = ""
    note: str = ""
    currency: str = ""
    id: int | None = None


@dataclass(frozen=True, slots=True)
class MediaItem:
    """`approved` is its budget when the plan was approved; `moved_freely` what left it since without approval."""

    id: int
    plan: int
    place: int
    channel: str
    campaign: str
    contractor: str
    budget: int
    first: date
    last: date
    pacing: Pacing
    impressions: int | None
    clicks: int | None
    leads: int | None
    cpl_of: str
    note: str
    approved: int
    moved_freely: int

    @property
    def title(self) -> str:
        return " / ".join(filter(None, (self.channel, self.campaign, self.contractor)))

    @property
    def cpl(self) -> float | None:
        """In minor units."""
        return self.budget / self.leads if self.leads else None

    def as_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if name not in ("plan", "place", "first", "last")}
        return told | {
            "budget": shown(self.budget),
            "approved": shown(self.approved),
            "moved_freely": shown(self.moved_freely),
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "cpl": None if self.cpl is None else shown(self.cpl),
        }


def check_items(items: Sequence[ToldItem], month: Month, currency: str) -> None:
    """Raises `InvalidInput`, which names the item and the field, counted from 0."""
    if len(items) > MOST_ITEMS:
        raise InvalidInput(f"A media plan has {MOST_ITEMS} items at most.", where="items", help="Put some together.")
    for place, item in enumerate(items):
        _check_texts(item, place)
        _check_numbers(item, place, currency)
        _check_flight(item, place, month)
    _check_no_overlap(items)


def _check_texts(item: ToldItem, place: int) -> None:
    if not item.channel:
        raise _wrong(place, "channel", "An item needs a channel.", "Choose one of those that reports have.")
    for name, longest in _LENGTHS.items():
        text = getattr(item, name)
        if len(text) > longest or not (text.isprintable() or name == "note"):
            raise _wrong(place, name, f"This {name} cannot be kept.", f"Write up to {longest} characters in one line.")
    if item.cpl_of not in CPL_OF:
        raise _wrong(place, "cpl_of", f"There is no CPL of {item.cpl_of!r}.", "Leave it empty, or dealer or holding.")


def _check_numbers(item: ToldItem, place: int, currency: str) -> None:
    if not 0 <= item.budget <= MOST:
        raise _wrong(place, "budget", "A budget is not negative.", "Write 0 or more.")
    for name in _EXPECTED:
        value = getattr(item, name)
        if value is not None and not 0 <= value <= MOST:
            raise _wrong(place, name, f"Expected {name} are 0 or more.", "Correct them, or leave them empty.")
    if item.currency and item.currency != currency:
        raise _wrong(
            place,
            "currency",
            f"This item is in {item.currency}, and the plan in {currency}.",
            f"Write its budget in {currency}: a media plan has one currency.",
        )


def _check_flight(item: ToldItem, place: int, month: Month) -> None:
    if item.last < item.first:
        raise _wrong(place, "to", "The flight ends before it begins.", "Correct the days.")
    for name, day in (("from", item.first), ("to", item.last)):
        if not month.first <= day <= month.last:
            raise _wrong(place, name, f"{day} is not in {month}.", f"Write a day from {month.first} to {month.last}.")


def _check_no_overlap(items: Sequence[ToldItem]) -> None:
    """Spend of a day is of one item."""
    known: dict[tuple[str, str, str], list[tuple[int, ToldItem]]] = {}
    for place, item in enumerate(items):
        alike = known.setdefault((item.channel, item.campaign.casefold(), item.contractor), [])
        for other_place, other in alike:
            if item.first <= other.last and other.first <= item.last:
                raise _wrong(
                    place,
                    "from",
                    f"Items {other_place + 1} and {place + 1} are of the same channel, campaign and contractor"
                    " on the same days.",
                    "Put them together, or let one begin after the other ends.",
                )
        alike.append((place, item))


def check_total(items: Sequence[ToldItem], available: int, currency: str) -> None:
    """Raises `InvalidInput` where the items exceed what there is."""
    total = sum(item.budget for item in items)
    if total > available:
        raise InvalidInput(
            f"The items make {in_words(total, currency)}, which is {in_words(total - available, currency)} more than"
            f" the approved budget of {in_words(available, currency)}.",
            where="items",
            help="Take the difference out of some items, or have the plan's budget amended first.",
        )


def _wrong(place: int, name: str, message: str, help_text: str) -> InvalidInput:
    return InvalidInput(f"Item {place + 1}: {message}", where=f"items.{place}.{name}", help=help_text)
