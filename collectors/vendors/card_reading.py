"""Reading cards one by one, so that one which nobody foresaw does not hold up the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from collectors.sources.source import Told

Card = Mapping[str, Any]
Read = TypeVar("Read")
_UNFORESEEN = (AttributeError, KeyError, TypeError, ValueError)


def told_of(family: str, cards: Iterable[Card], read: Callable[[Card], Iterable[Told]]) -> list[Told]:
    """What the cards tell. One that cannot be read is handed on as it is: it is rejected, and kept."""
    found: list[Told] = []
    for card in cards:
        try:
            found += list(read(card))
        except _UNFORESEEN:
            found.append(Told(family, dict(card)))
    return found


def readable(cards: Iterable[Card], read: Callable[[Card], Read]) -> Iterator[Read]:
    """Those that can be read: of the others, whoever walks through them tells."""
    for card in cards:
        try:
            yield read(card)
        except _UNFORESEEN:
            continue
