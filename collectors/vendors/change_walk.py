"""Walking through rows in order of their last change, while others change them.

A page begins where the last one ended, not at its number: a row that changes meanwhile moves to the end, and those
behind it would slip into pages that were read. Only where a whole page is of one moment does the vendor's own next
page follow; what slips away there is found by the next pull, which begins a little earlier.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Slice:
    """`last` is the latest change in it, in the vendor's count; `next` is what asks for the page behind it, if any."""

    rows: Sequence[dict[str, Any]]
    last: int
    next: str = ""


def by_change(ask: Callable[[int, str], Slice], since: int) -> Iterator[Slice]:
    """`ask` gives the rows that changed at or after a moment, or the page that a `next` asks for."""
    page = ""
    while True:
        found = ask(since, page)
        yield found
        if not found.next:
            return
        page = found.next if found.last <= since else ""
        since = max(since, found.last)
