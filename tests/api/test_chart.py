"""The chart's coordinates: within the drawing, in proportion, and without gaps in time."""

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.chart import BAND, Band, Chart, draw, step_of

MONEY = st.floats(0, 1e12, allow_nan=False).map(lambda value: round(value, 2))
RATIO = st.none() | st.floats(-1, 500, allow_nan=False)


def rows(step: str, *figures: tuple[str, float, float, float | None]) -> pd.DataFrame:
    return pd.DataFrame(figures, columns=[step, "cost", "revenue", "romi"])


def drawn(step: str, *figures: tuple[str, float, float, float | None]) -> Chart:
    chart = draw(rows(step, *figures), step)
    assert chart
    return chart


def band(chart: Chart, slug: str) -> Band:
    return next(each for each in chart.bands if each.slug == slug)


@settings(max_examples=50)
@given(st.lists(st.tuples(MONEY, MONEY, RATIO), min_size=1, max_size=40))
def test_everything_lies_within_its_band_and_bars_are_in_proportion(
    figures: list[tuple[float, float, float | None]],
) -> None:
    days = pd.date_range("2026-01-01", periods=len(figures)).strftime("%Y-%m-%d")
    chart = draw(rows("day", *((day, *each) for day, each in zip(days, figures, strict=True))), "day")
    if not any(cost or revenue for cost, revenue, _ in figures):
        assert chart is None
        return
    assert chart
    assert len(chart.steps) == len(figures)
    for each in chart.bands:
        heights = [tick.y for tick in each.ticks]
        assert all(each.top <= y <= each.top + BAND for y in heights)
        assert all(each.top - 0.1 <= bar.y <= bar.y + bar.height <= each.top + BAND + 0.1 for bar in each.bars)
        assert all(each.top - 0.1 <= y <= each.top + BAND + 0.1 for line in each.lines for _, y in line)
    for slug, values in (
        ("cost", [cost for cost, _, _ in figures]),
        ("revenue", [revenue for _, revenue, _ in figures]),
    ):
        heights = [bar.height for bar in band(chart, slug).bars]
        whole = max(values) or 1
        assert heights == pytest.approx([max(heights) * value / whole for value in values], abs=0.2)
    assert sum(len(line) for line in band(chart, "romi").lines) == sum(each[2] is not None for each in figures)


def test_steps_between_the_first_and_the_last_are_never_left_out() -> None:
    chart = drawn("month", ("2026-01-01", 5, 0, -1), ("2026-04-01", 5, 50, 9))
    assert [step.label for step in chart.steps] == ["Jan 2026", "Feb 2026", "Mar 2026", "Apr 2026"]
    assert [bool(bar.height) for bar in band(chart, "cost").bars] == [True, False, False, True]
    assert chart.steps[1].tip.split() == ["February", "2026:", "Cost", "0", "Revenue", "0", "ROMI", "—"]


def test_a_missing_romi_breaks_the_line() -> None:
    chart = drawn("day", ("2026-01-01", 1, 1, 1), ("2026-01-02", 1, 1, 2), ("2026-01-03", 0, 1, None),
                  ("2026-01-04", 1, 1, 1))  # fmt: skip
    assert [len(line) for line in band(chart, "romi").lines] == [2, 1]


def test_scales_end_on_round_numbers() -> None:
    chart = drawn("day", ("2026-01-01", 1_234_567, 0, -0.63), ("2026-01-02", 44, 777, 12.4))
    assert [tick.label for tick in band(chart, "cost").ticks] == ["0", "1.5 m"]
    assert [tick.label for tick in band(chart, "revenue").ticks] == ["0", "800"]
    assert [tick.label for tick in band(chart, "romi").ticks] == ["0%", "1 500%"]


@pytest.mark.parametrize(("last", "step"), [((2026, 1, 31), "day"), ((2026, 5, 31), "week"), ((2026, 12, 31), "month")])
def test_a_longer_period_has_longer_steps(last: tuple[int, int, int], step: str) -> None:
    assert step_of(date(2026, 1, 1), date(*last)) == step
