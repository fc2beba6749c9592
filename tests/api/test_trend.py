"""Lines over time: within their drawing, in proportion, and broken where there is no value."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.trend import HEIGHT, SPARK_HEIGHT, SPARK_WIDTH, WIDTH, draw_spark, draw_trend
from attribution.answer import Period
from attribution.measures import MEASURES
from attribution.overview import Compared, Overview, Step, period_before
from attribution.runs import Run
from tests.attribution.world import NOW

VALUES = st.lists(st.none() | st.floats(-1e9, 1e12, allow_nan=False), min_size=1, max_size=60)


def seen(slug: str, line: list[float | None], before: list[float | None]) -> Overview:
    measure = next(each for each in MEASURES if each.slug == slug)
    period = Period(date(2026, 6, 1), date(2026, 6, 1) + timedelta(days=len(line) - 1))
    earlier = period_before(period)
    days, days_before = ([each.first_day + timedelta(days=n) for n in range(len(line))] for each in (period, earlier))
    figure = Compared(measure, None, None, line, before)
    return Overview(Run(1, 1, NOW, NOW, 0, 0, {}), period, earlier, Step.DAY, days, days_before, [figure], {})


@given(VALUES)
def test_every_point_lies_within_the_drawing(values: list[float | None]) -> None:
    points = [point for line in draw_spark(values) for point in line]
    assert all(0 <= x <= SPARK_WIDTH and 0 <= y <= SPARK_HEIGHT for x, y in points)
    assert len(set(points)) <= len([value for value in values if value is not None])


def test_lines_are_in_proportion_and_break_where_there_is_no_value() -> None:
    trend = draw_trend(seen("leads", [0, 5, None, 10], [None, None, 2.5, None]), "leads")
    assert trend.lines == [[(125, HEIGHT), (375, HEIGHT / 2)], [(875, 0), (875, 0)]]
    assert trend.lines_before == [[(625, HEIGHT * 0.75), (625, HEIGHT * 0.75)]]
    assert trend.ticks == ["10", "5", "0"]
    assert trend.zero == HEIGHT


def test_below_nothing_the_zero_line_lies_between() -> None:
    trend = draw_trend(seen("romi", [-1, 1], [None, None]), "romi")
    assert trend.ticks == ["100%", "0%", "-100%"]
    assert trend.zero == HEIGHT / 2


@pytest.mark.parametrize("days", [1, 7, 30, 200])
def test_days_have_labels_where_there_is_room(days: int) -> None:
    trend = draw_trend(seen("cost", [1.0] * days, [2.0] * days), "cost")
    labels = [each for each in trend.moments if each.label]
    assert 1 <= len(labels) <= 8
    assert labels[0].label == "01 Jun"
    assert [each.minor for each in labels] == [place % 2 == 1 for place in range(len(labels))]
    assert trend.moments[0].value == "1"
    assert trend.moments[0].before == "2"
    assert trend.lines[0][-1][0] <= WIDTH
