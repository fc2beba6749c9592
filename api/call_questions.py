"""Questions about calls and pools of numbers, as parameters write them. Empty days mean the last 30 up to today."""

from datetime import date, timedelta

from api.pool_sizing import PoolQuestion
from api.questions import read_choice, read_day, read_names
from attribution.answer import Period
from attribution.calls import CallsQuestion, Whose
from collectors.tracker.pool import read_accuracies

_DAYS = 30


def read_calls_question(by: str, first: str, last: str, window: int, whose: str, today: date) -> CallsQuestion:
    """Raises `InvalidInput`, naming the parameter."""
    return CallsQuestion(
        by=read_names(by),
        period=_period(first, last, today),
        window_days=window,
        whose=read_choice(Whose, whose, "whose"),
    )


def read_pool_question(
    accuracy: str, site: str, first: str, last: str, visits: float | None, duration: float, delay: float, today: date
) -> PoolQuestion:
    """Raises `InvalidInput`, naming the parameter."""
    return PoolQuestion(read_accuracies(accuracy), _period(first, last, today), site, visits, duration, delay)


def _period(first: str, last: str, today: date) -> Period:
    last_day = read_day(last, "to") if last else today
    return Period(read_day(first, "from") if first else last_day - timedelta(days=_DAYS - 1), last_day)
