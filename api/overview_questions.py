"""Reading which period the overview is of, and what its line shows."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from api.chart import step_of
from api.questions import read_choice, read_day
from attribution.answer import Period
from attribution.overview import BETTER, Step
from infra.errors import InvalidInput

DEFAULT_MEASURE = "revenue"


class NamedPeriod(StrEnum):
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    LAST_30_DAYS = "last_30_days"
    LAST_7_DAYS = "last_7_days"

    @property
    def label(self) -> str:
        return "this month so far" if self is NamedPeriod.THIS_MONTH else self.value.replace("_", " ")

    def days(self, today: date) -> Period:
        """All but last month end today."""
        this_month = today.replace(day=1)
        last_of_before = this_month - timedelta(days=1)
        return {
            NamedPeriod.THIS_MONTH: Period(this_month, today),
            NamedPeriod.LAST_MONTH: Period(last_of_before.replace(day=1), last_of_before),
            NamedPeriod.LAST_30_DAYS: Period(today - timedelta(days=29), today),
            NamedPeriod.LAST_7_DAYS: Period(today - timedelta(days=6), today),
        }[self]


@dataclass(frozen=True, slots=True)
class OverviewQuestion:
    """`named` is None where the period is of own dates."""

    period: Period
    named: NamedPeriod | None
    measure: str
    step: Step

    def as_dict(self) -> dict[str, str | None]:
        return {
            "period": self.named and self.named.value,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
            "measure": self.measure,
            "step": self.step.value,
        }


def read_overview_question(
    period: str, first: str, last: str, measure: str, step: str, today: date
) -> OverviewQuestion:
    """Without a period or days, the last 30 days. Raises `InvalidInput`, naming the parameter."""
    if period and (first or last):
        raise InvalidInput("A period and days are asked for at once.", where="period", help="Give one of them.")
    named = None if first or last else read_choice(NamedPeriod, period or NamedPeriod.LAST_30_DAYS, "period")
    days = named.days(today) if named else _own_days(first, last, today)
    if measure and measure not in BETTER:
        raise InvalidInput(
            f"The overview has no measure {measure!r}.", where="measure", help=f"Choose one of {', '.join(BETTER)}."
        )
    chosen = read_choice(Step, step, "step") if step else _usual_step(days)
    return OverviewQuestion(days, named, measure or DEFAULT_MEASURE, chosen)


def _own_days(first: str, last: str, today: date) -> Period:
    """Up to today, or from the first of the last day's month, where one of them is missing."""
    last_day = read_day(last, "to") if last else today
    return Period(read_day(first, "from") if first else last_day.replace(day=1), last_day)


def _usual_step(days: Period) -> Step:
    return Step.DAY if step_of(days.first_day, days.last_day) == "day" else Step.WEEK
