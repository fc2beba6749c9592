"""Windows of days: each day is in one of them, and none has more days than are likely needed."""

from hypothesis import given
from hypothesis import strategies as some

from attribution.feed.windows import cut_window, first_length, next_length


@given(first=some.integers(0, 400), days=some.integers(1, 400), length=some.integers(1, 50), backwards=some.booleans())
def test_every_day_is_read_once_in_order(first: int, days: int, length: int, backwards: bool) -> None:
    left, read = (first, first + days - 1), list[int]()
    while left[0] <= left[1]:
        window, left = cut_window(left, length, backwards=backwards)
        read += range(window[1], window[0] - 1, -1) if backwards else range(window[0], window[1] + 1)
    wanted = list(range(first, first + days))
    assert read == (wanted[::-1] if backwards else wanted)


def test_few_rows_are_read_at_once() -> None:
    assert first_length((100, 464), most=9_000, missing=10_001) == 365


def test_many_rows_are_read_by_what_the_days_before_had() -> None:
    assert first_length((100, 464), most=10**7, missing=10_001) == 14
    assert next_length(14, found=7_000, missing=3_001) == 7
    assert next_length(14, found=1, missing=10_000) == 112


def test_days_without_rows_are_passed_in_ever_longer_steps() -> None:
    assert next_length(14, found=0, missing=10_001) == 112
