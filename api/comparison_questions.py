"""Reading questions of comparisons as people write them, on the command line and in addresses alike.

Each raises `InvalidInput`, naming the parameter.
"""

from datetime import date

from api.questions import read_choice, read_names, read_period
from attribution.contractors import ContractorQuestion
from attribution.dealers import Comparison, Peers
from attribution.experiments.design import Design, Unit
from attribution.experiments.power import Planned
from attribution.models import Model
from attribution.self_reported import Reported, SelfReportedQuestion
from attribution.sharing import DealerShare


def read_comparison(
    measures: str, peers: str, model: str, share: str, first: str, last: str, today: date
) -> Comparison:
    return Comparison(
        read_period(first, last, today),
        read_names(measures),
        read_choice(Peers, peers, "peers"),
        read_choice(Model, model, "model"),
        read_choice(DealerShare, share, "share"),
    )


def read_contractors(by: str, model: str, first: str, last: str, today: date) -> ContractorQuestion:
    return ContractorQuestion(read_period(first, last, today), read_names(by), read_choice(Model, model, "model"))


def read_self_reported(of: str, model: str, first: str, last: str, today: date) -> SelfReportedQuestion:
    period = read_period(first, last, today)
    return SelfReportedQuestion(period, read_choice(Reported, of, "of"), read_choice(Model, model, "model"))


def read_planned(design: str, unit: str, test: str, control: str, weeks: int, baseline_weeks: int) -> Planned:
    return Planned(
        read_choice(Design, design, "design"),
        read_choice(Unit, unit, "unit"),
        read_names(test),
        read_names(control),
        weeks,
        baseline_weeks,
    )
