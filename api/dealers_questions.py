"""Reading what the pages of dealers are asked."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote, urlencode

from api.overview_questions import DEFAULT_MEASURE
from api.periods import LongPeriod, as_days, read_long_period
from api.questions import read_choice, read_model
from attribution.dealers import COMPARABLE, CONVERSION_RATES, COSTS_PER, Comparison, Peers
from attribution.overview import BETTER, Step
from attribution.sharing import DealerShare
from infra.errors import InvalidInput

RANKED, ACROSS, UPWARDS = "cr_lead_sale", "cpl", "cr_lead_sale"
ACROSS_CHOICES = (*COSTS_PER, "romi")
UPWARDS_CHOICES = tuple(CONVERSION_RATES)


class Figures(StrEnum):
    """Which figures the table and the scatter show."""

    RAW = "raw"
    LIKE_FOR_LIKE = "like_for_like"


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of both pages, as they are given."""

    period: str = ""
    first: str = ""
    last: str = ""
    peers: str = Peers.HOLDING.value
    model: str = "last_non_direct"
    share: str = "leads"


@dataclass(frozen=True, slots=True)
class DealersQuestion:
    """`measure` is ranked; the scatter sets `across` against `upwards`. `named` is None for own days."""

    comparison: Comparison
    named: LongPeriod | None
    measure: str
    across: str
    upwards: str
    figures: Figures

    def address(self, named: LongPeriod | None = None, **changed: str) -> str:
        """The page with other parameters."""
        chosen = {
            "measure": self.measure, "x": self.across, "y": self.upwards, "figures": self.figures.value,
            **_parameters(self.comparison),
        }  # fmt: skip
        return f"/dealers?{urlencode(_when(self.comparison, named or self.named) | chosen | changed)}"

    def export(self, form: str) -> str:
        return f"/api/reports/dealers?{urlencode(_exported(self.comparison, form))}"

    def dealer_address(self, dealer: str) -> str:
        asked = _when(self.comparison, self.named) | _parameters(self.comparison)
        return f"{path_of_dealer(dealer)}{'?' * bool(asked)}{urlencode(asked)}"


@dataclass(frozen=True, slots=True)
class DealerQuestion:
    """Of one dealer. `measure` and `step` are of its line."""

    dealer: str
    comparison: Comparison
    named: LongPeriod | None
    measure: str
    step: Step

    def address(self, named: LongPeriod | None = None, **changed: str) -> str:
        chosen = {"measure": self.measure, **_parameters(self.comparison)}
        kept = {} if named else {"step": self.step.value}
        asked = _when(self.comparison, named or self.named) | chosen | kept | changed
        return f"{path_of_dealer(self.dealer)}?{urlencode(asked)}"

    def comparison_address(self) -> str:
        """The page of all dealers, of the same period."""
        asked = _when(self.comparison, self.named) | _parameters(self.comparison)
        return f"/dealers?{urlencode(asked)}"


def path_of_dealer(dealer: str) -> str:
    """Names may hold any character."""
    return f"/dealers/{quote(dealer, safe='')}"


def read_dealers_question(
    asked: Asked, measure: str, across: str, upwards: str, figures: str, today: date
) -> DealersQuestion:
    """Raises `InvalidInput`, naming the parameter."""
    named, comparison = _read(asked, today)
    return DealersQuestion(
        comparison,
        named,
        one_of(measure or RANKED, COMPARABLE, "measure"),
        one_of(across or ACROSS, ACROSS_CHOICES, "x"),
        one_of(upwards or UPWARDS, UPWARDS_CHOICES, "y"),
        read_choice(Figures, figures, "figures"),
    )


def read_dealer_question(dealer: str, asked: Asked, measure: str, step: str, today: date) -> DealerQuestion:
    """Raises `InvalidInput`, naming the parameter."""
    named, comparison = _read(asked, today)
    days = comparison.period
    return DealerQuestion(
        dealer,
        comparison,
        named,
        one_of(measure or DEFAULT_MEASURE, tuple(BETTER), "measure"),
        read_choice(Step, step, "step") if step else usual_step(days.first_day, days.last_day),
    )


def usual_step(first_day: date, last_day: date) -> Step:
    """A day where a month or less is looked at."""
    return Step.DAY if (last_day - first_day).days <= 31 else Step.WEEK


def _read(asked: Asked, today: date) -> tuple[LongPeriod | None, Comparison]:
    named, period = read_long_period(asked.period, asked.first, asked.last, today)
    comparison = Comparison(
        period,
        COMPARABLE,
        read_choice(Peers, asked.peers, "peers"),
        read_model(asked.model),
        read_choice(DealerShare, asked.share, "share"),
    )
    return named, comparison


def one_of(chosen: str, known: tuple[str, ...], where: str) -> str:
    """Raises `InvalidInput`, naming the parameter and what can be chosen."""
    if chosen not in known:
        raise InvalidInput(
            f"There is no {where} {chosen!r} here.", where=where, help=f"Choose one of {', '.join(known)}."
        )
    return chosen


def _when(comparison: Comparison, named: LongPeriod | None) -> dict[str, str]:
    if named is LongPeriod.LAST_90_DAYS:
        return {}
    return {"period": named.value} if named else as_days(comparison.period)


def _parameters(comparison: Comparison) -> dict[str, str]:
    """What is not as pages take it by themselves."""
    asked, usual = comparison, Asked()
    told = {"peers": asked.peers.value, "model": asked.model.value, "share": asked.share.value}
    return {name: value for name, value in told.items() if value != getattr(usual, name)}


def _exported(comparison: Comparison, form: str) -> dict[str, str]:
    return {
        "measures": ",".join(comparison.measures),
        **_parameters(comparison),
        **as_days(comparison.period),
        "format": form,
    }
