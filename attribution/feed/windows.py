"""How many days are read at once for a page, where facts come day after day.

A page costs then what its own days cost, wherever it stands: what lies behind it is not looked at.
"""

from math import ceil

from attribution.feed.narrowing import Span

_USUAL_DAYS = 14
_MOST_TIMES = 8
_RESERVE = 1.1


def cut_window(days: Span, length: int, *, backwards: bool) -> tuple[Span, Span]:
    """So many days from one end, and those that are left: of these the last comes before the first where none are."""
    first, last = days
    if backwards:
        edge = max(first, last - length + 1)
        return (edge, last), (first, edge - 1)
    edge = min(last, first + length - 1)
    return (first, edge), (edge + 1, last)


def first_length(days: Span, most: int, missing: int) -> int:
    """How many days are read first, where all have `most` rows at the most and `missing` are wanted."""
    if most <= missing:
        return max(days[1] - days[0] + 1, 1)
    return max(_USUAL_DAYS, (days[1] - days[0] + 1) * missing // most)


def next_length(length: int, found: int, missing: int) -> int:
    """How many days are read next, after `length` of them had `found` rows and `missing` are wanted still."""
    likely = ceil(length * missing / found * _RESERVE) if found else length * _MOST_TIMES
    return min(max(likely, 1), length * _MOST_TIMES)
