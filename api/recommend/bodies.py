"""What programs ask of recommendations. Amounts are numbers with two decimals, in the account's currency."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.errors import InvalidInput
from planning.media.money import minor_of
from planning.media.months import read_month
from planning.recommend.asked import USUAL_LEAST, USUAL_MOST, Bound, Goal, Lock, Part, Question, Total

Name = Annotated[str, Field(max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, le=10**13, allow_inf_nan=False)]
Count = Annotated[float, Field(strict=True, ge=0, le=10**9, allow_inf_nan=False)]
Ratio = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]
MonthName = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
_MOST = 1000


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PartBody(_Told):
    """Cells of this dealer, channel and contractor; what is left out is any. An empty dealer is the whole holding."""

    dealer: Name | None = None
    channel: Name | None = None
    contractor: Name | None = None

    def as_part(self) -> Part:
        return Part(self.dealer, self.channel, self.contractor)


class BoundBody(PartBody):
    """Of each cell in each month."""

    least: Amount | None = None
    most: Amount | None = None


class LockBody(PartBody):
    """Each cell spends that in each month; what it usually does where nothing is told."""

    spend: Amount | None = None


class TotalBody(_Told):
    """Over all months together."""

    what: Literal["dealer", "channel", "contractor"]
    name: Name
    least: Amount | None = None
    most: Amount | None = None


class RecommendationBody(_Told):
    """`amount` is a budget or a margin, a number of sales, or a marginal ROMI such as 0.5.

    `least` and `most` bound each cell, as parts of its usual spend. `stock` is by dealer how many can be sold in all
    months together, `capacity` how many leads a month can be answered, under an empty name for the whole holding.
    Unless `moves_unknown`, cells whose curves are not known keep their part. `within_stock` takes the limits of stock
    from what dealers have and expect.
    """

    goal: Goal
    amount: Annotated[Decimal, Field(gt=-1, le=10**13, allow_inf_nan=False)]
    month: MonthName
    months: Annotated[int, Field(strict=True, ge=1, le=12)] = 1
    least: Ratio = USUAL_LEAST
    most: Ratio = USUAL_MOST
    step: Annotated[Decimal, Field(gt=0, le=10**9, allow_inf_nan=False)] = Decimal(1)
    bounds: Annotated[list[BoundBody], Field(max_length=_MOST)] = []
    locks: Annotated[list[LockBody], Field(max_length=_MOST)] = []
    totals: Annotated[list[TotalBody], Field(max_length=_MOST)] = []
    stock: Annotated[dict[Name, Count], Field(max_length=_MOST)] = {}
    capacity: Annotated[dict[Name, Count], Field(max_length=_MOST)] = {}
    dealers: Annotated[list[Name], Field(max_length=_MOST)] = []
    least_gain: Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)] = 0.01
    moves_unknown: Annotated[bool, Field(strict=True)] = False
    within_stock: Annotated[bool, Field(strict=True)] = False
    currency: Annotated[str, Field(max_length=3)] = ""

    def as_question(self, currency: str) -> Question:
        """Raises `InvalidInput`."""
        if self.currency and self.currency.upper() != currency:
            raise InvalidInput(
                f"The amounts are in {self.currency}, and the account in {currency}.",
                where="currency",
                help=f"Tell them in {currency}: amounts of two currencies are not mixed.",
            )
        is_money = self.goal in (Goal.BUDGET, Goal.MARGIN)
        return Question(
            self.goal,
            float(minor_of(self.amount, "amount")) if is_money else float(self.amount),
            read_month(self.month),
            self.months,
            self.least,
            self.most,
            minor_of(self.step, "step"),
            tuple(Bound(each.as_part(), _minor(each.least), _minor(each.most)) for each in self.bounds),
            tuple(Lock(each.as_part(), _minor(each.spend)) for each in self.locks),
            tuple(Total(each.what, each.name, _minor(each.least), _minor(each.most)) for each in self.totals),
            self.stock,
            self.capacity,
            tuple(self.dealers),
            self.least_gain,
            self.moves_unknown,
        )


class ApplyBody(_Told):
    """`replaces`: in place of budgets that somebody has changed since the recommendation was made."""

    month: MonthName
    replaces: Annotated[bool, Field(strict=True)] = False


def _minor(told: Decimal | None) -> int | None:
    return None if told is None else minor_of(told, "amount")
