"""What people tell of funds: checked before any of it is kept."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.currency import known_currency
from infra.errors import InvalidInput
from planning.funds.quarters import Quarter, read_quarter

LEAST_SHARE, WHOLE = 50, 100
USUAL_CLAIM_DAYS = 90
_MOST = 10**12


def _quarter(text: str) -> str:
    try:
        return str(read_quarter(text))
    except InvalidInput as error:
        raise ValueError(f"{error.message} {error.help}") from error


Name = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=4000)]
QuarterText = Annotated[str, Field(max_length=20), AfterValidator(_quarter)]
Money = Annotated[Decimal, Field(ge=0, le=_MOST, decimal_places=2)]
CurrencyOrNone = Annotated[str, Field(max_length=3), AfterValidator(lambda code: known_currency(code) if code else "")]
Share = Annotated[int, Field(ge=LEAST_SHARE, le=WHOLE)]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Rule(Told):
    """What is earned in a quarter: `percent` of the dealer's purchases, or `amount` at the quarter's beginning.

    It is of one dealer, of dealers of one brand, or of all; of one quarter, or of each. Of rules that fit, the one that
    names the dealer holds, else the one that names the brand; of those, the one that names the quarter.
    """

    dealer: Word = ""
    brand: Word = ""
    quarter: Annotated[str, Field(max_length=20), AfterValidator(lambda text: _quarter(text) if text else "")] = ""
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] | None = None
    amount: Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2)] | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.percent is None) == (self.amount is None):
            raise ValueError("says either `percent` of purchases, or `amount`")
        if self.dealer and self.brand:
            raise ValueError("is of a dealer, or of a brand, not of both")
        return self

    def fits(self, dealer: str, brand: str, quarter: Quarter) -> bool:
        return self.dealer in ("", dealer) and self.brand in ("", brand) and self.quarter in ("", str(quarter))

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        return bool(self.dealer), bool(self.brand), bool(self.quarter)


class ProgrammeTold(Told):
    """A programme, from quarter to quarter, both included.

    `share` is the most, in percent, that it pays of an activity's cost. Unspent money is carried over for
    `carry_quarters` after the one it was earned in; null is without end, 0 is that it expires with its quarter. Costs
    are those without VAT unless `pays_vat`.
    """

    name: Name
    payer: Name
    currency: CurrencyOrNone = ""
    first_quarter: QuarterText
    last_quarter: QuarterText
    share: Share = LEAST_SHARE
    claim_days: Annotated[int, Field(ge=1, le=730)] = USUAL_CLAIM_DAYS
    carry_quarters: Annotated[int, Field(ge=0, le=20)] | None = None
    pays_vat: bool = False
    is_closed: bool = False
    rules: Annotated[tuple[Rule, ...], Field(min_length=1, max_length=2000)]

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        if self.last_quarter < self.first_quarter:
            raise ValueError("ends before it begins: correct `last_quarter`")
        if len(self.quarters) > 40:
            raise ValueError("lasts more than ten years: correct `last_quarter`")
        known = [(rule.dealer, rule.brand, rule.quarter) for rule in self.rules]
        if len(set(known)) < len(known):
            raise ValueError("has two rules for the same dealers and quarter: leave one of them")
        return self

    @property
    def quarters(self) -> list[Quarter]:
        return list(read_quarter(self.first_quarter).until(read_quarter(self.last_quarter)))


class PurchaseTold(Told):
    """What a dealer bought in a quarter, of which rules take their percent. A later amount replaces an earlier one."""

    dealer: Name
    quarter: QuarterText
    amount: Money
    currency: CurrencyOrNone = ""


class ActivityTold(Told):
    """What a dealer wants to be paid a `share` (percent) of. Days are the account's, both included."""

    title: Name
    description: Text = ""
    channel: Name
    contractor: Word = ""
    first_day: Day
    last_day: Day
    cost: Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2)]
    currency: CurrencyOrNone = ""
    share: Share = LEAST_SHARE

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("ends before it begins: correct `last_day`")
        return self


class Invoice(Told):
    """`net` is without VAT, `vat` what stands beside; 0 where there is none."""

    number: Name
    day: Day
    net: Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2)]
    vat: Money
    currency: CurrencyOrNone = ""


class ClaimTold(Told):
    invoices: Annotated[tuple[Invoice, ...], Field(min_length=1, max_length=50)]
    comment: Text = ""


def wrongs_in(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each field that is wrong, and why."""
    for found in error.errors():
        yield ".".join(map(str, found["loc"])), found["msg"].removeprefix("Value error, ")
