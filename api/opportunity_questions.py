"""Reading questions about opportunities and customers, for commands and addresses alike.

Each function takes what was written, as text, and raises `InvalidInput`, naming the parameter.
"""

from datetime import date

from api.questions import read_choice, read_names, read_period
from attribution.cohorts import CohortQuestion, Start
from attribution.lost_leads import LostLeadsQuestion
from attribution.maturity import MaturityQuestion, Since
from attribution.models import Model
from attribution.opportunities import OpportunityQuestion
from infra.account import AccountSettings


def read_opportunity_question(by: str, model: str, first: str, last: str, today: date) -> OpportunityQuestion:
    return OpportunityQuestion(read_names(by), read_period(first, last, today), read_choice(Model, model, "model"))


def deadlines(
    settings: AccountSettings, unprocessed_hours: int | None, late_minutes: int | None = None
) -> tuple[int, int]:
    """The hours and the minutes that were asked for, else the account's."""
    return (
        settings.unprocessed_hours if unprocessed_hours is None else unprocessed_hours,
        settings.late_minutes if late_minutes is None else late_minutes,
    )


def read_lost_leads_question(
    by: str, model: str, first: str, last: str, limits: tuple[int, int], today: date
) -> LostLeadsQuestion:
    """`limits` are the hours and minutes that `deadlines` finds."""
    return LostLeadsQuestion(read_opportunity_question(by, model, first, last, today), *limits)


def read_cohort_question(by: str, start: str, first: str, last: str, predict: bool, today: date) -> CohortQuestion:
    period = read_period(first, last, today)
    return CohortQuestion(read_names(by), period, read_choice(Start, start, "start"), predict)


def read_maturity_question(
    by: str, since: str, kind: str, model: str, first: str, last: str, today: date
) -> MaturityQuestion:
    chosen = read_choice(Since, since, "since")
    return MaturityQuestion(read_period(first, last, today), by, chosen, kind, read_choice(Model, model, "model"))
