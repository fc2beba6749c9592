"""Reading what the pages of contractors are asked."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

from api.dealers_questions import one_of, usual_step
from api.overview_questions import DEFAULT_MEASURE
from api.periods import LongPeriod, as_days, read_long_period
from api.questions import read_choice, read_model
from attribution.contractors import POOLED, ContractorQuestion
from attribution.models import Model
from attribution.overview import BETTER, Step

RANKED = "romi"


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of both pages, as they are given. `ranked` is one of the measures that are pooled."""

    period: str = ""
    first: str = ""
    last: str = ""
    model: str = "last_non_direct"
    ranked: str = ""


@dataclass(frozen=True, slots=True)
class ContractorsQuestion:
    """`named` is None for own days."""

    report: ContractorQuestion
    named: LongPeriod | None
    ranked: str

    def months(self) -> ContractorQuestion:
        """The history of the same period."""
        return ContractorQuestion(self.report.period, ("contractor", "month"), self.report.model)

    def parameters(self, named: LongPeriod | None = None) -> dict[str, str]:
        chosen = named or self.named
        when = {"period": chosen.value} if chosen else as_days(self.report.period)
        return when | {"ranked": self.ranked, "model": self.report.model.value}

    def address(self, named: LongPeriod | None = None, **changed: str) -> str:
        return f"/contractors?{urlencode(self.parameters(named) | changed)}"

    def contractor_address(self, contractor: str) -> str:
        return f"{path_of_contractor(contractor)}?{urlencode(self.parameters())}"

    def export(self, form: str, *, by: str = "contractor") -> str:
        asked = {"by": by, "model": self.report.model.value, **as_days(self.report.period), "format": form}
        return f"/api/reports/contractors?{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class ContractorPage:
    """Of one contractor. `measure` and `step` are of its line."""

    contractor: str
    all: ContractorsQuestion
    measure: str
    step: Step

    def address(self, named: LongPeriod | None = None, **changed: str) -> str:
        kept = {} if named else {"step": self.step.value}
        asked = self.all.parameters(named) | {"measure": self.measure} | kept | changed
        return f"{path_of_contractor(self.contractor)}?{urlencode(asked)}"


def path_of_contractor(contractor: str) -> str:
    """Ids may hold any character."""
    return f"/contractors/{quote(contractor, safe='')}"


def read_contractors_question(asked: Asked, today: date) -> ContractorsQuestion:
    """Without a period, the last twelve months, so that there is a history. Raises `InvalidInput`."""
    has_days = asked.period or asked.first or asked.last
    named, period = read_long_period(
        asked.period if has_days else LongPeriod.LAST_12_MONTHS.value, asked.first, asked.last, today
    )
    model: Model = read_model(asked.model)
    ranked = one_of(asked.ranked or RANKED, POOLED, "ranked")
    return ContractorsQuestion(ContractorQuestion(period, model=model), named, ranked)


def read_contractor_page(contractor: str, asked: Asked, measure: str, step: str, today: date) -> ContractorPage:
    """Raises `InvalidInput`, naming the parameter."""
    question = read_contractors_question(asked, today)
    period = question.report.period
    return ContractorPage(
        contractor,
        question,
        one_of(measure or DEFAULT_MEASURE, tuple(BETTER), "measure"),
        read_choice(Step, step, "step") if step else usual_step(period.first_day, period.last_day),
    )
