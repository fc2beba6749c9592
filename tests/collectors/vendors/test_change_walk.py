"""Walking through rows by their last change, while others change them."""

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from collectors.vendors.change_walk import Slice, by_change


class Table:
    """Rows by their last change. After each question one of `changes`, if any is left, is changed anew."""

    def __init__(self, rows: dict[int, int], size: int, changes: list[int]) -> None:
        self.rows = dict(rows)
        self._size = size
        self._changes = list(changes)
        self._later = count(max(rows.values(), default=0) + 1)

    def ask(self, since: int, page: str) -> Slice:
        rows = sorted((at, key) for key, at in self.rows.items() if at >= since)
        start = int(page or 0)
        part: list[dict[str, Any]] = [{"key": key, "at": at} for at, key in rows[start : start + self._size]]
        more = str(start + self._size) if start + self._size < len(rows) else ""
        if self._changes:
            self.rows[self._changes.pop()] = next(self._later)
        return Slice(part, max((row["at"] for row in part), default=since), more)


def walked(table: Table) -> dict[int, int]:
    seen: dict[int, int] = {}
    for page in by_change(table.ask, 0):
        seen |= {row["key"]: row["at"] for row in page.rows}
    return seen


@given(st.data(), st.integers(1, 30), st.integers(2, 6))  # a page of one row would be a page of one moment
def test_rows_that_move_while_they_are_read_hide_no_others(data: st.DataObject, number: int, size: int) -> None:
    times = data.draw(st.permutations(range(1, number + 1)))
    changes = data.draw(st.lists(st.integers(1, number), max_size=20))
    seen = walked(Table(dict(enumerate(times, 1)), size, changes))
    assert set(seen) == set(range(1, number + 1))


@given(st.lists(st.integers(1, 3), max_size=30), st.integers(1, 5))
def test_pages_of_one_moment_are_all_read(times: list[int], size: int) -> None:
    table = Table(dict(enumerate(times)), size, [])
    assert walked(table) == table.rows
