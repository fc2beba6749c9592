"""What people tell of contractor work: checked before any of it is kept."""

import re
from calendar import monthrange
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

from infra.currency import known_currency

_MOST = 10**12
_FORMAT = re.compile(r"[^\x00-\x1f]{1,60}")

Name = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(max_length=200)]
Markdown = Annotated[str, Field(max_length=20_000)]
Comment = Annotated[str, Field(max_length=4000)]
Money = Annotated[Decimal, Field(ge=0, le=_MOST, decimal_places=2, allow_inf_nan=False)]
CurrencyOrNone = Annotated[str, Field(max_length=3), AfterValidator(lambda code: known_currency(code) if code else "")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
MonthText = Annotated[str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$")]
LooseId = Annotated[int, Field(ge=1, le=2**31 - 1)]


class TaskKind(StrEnum):
    BANNER = "banner"
    VIDEO = "video"
    TEXT = "text"
    LANDING_PAGE = "landing_page"
    AUDIO = "audio"
    REPORT = "report"
    OTHER = "other"


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class BriefTold(Told):
    """What is to be made, of which dealers, or of all of a brand. `text` is Markdown; `budget` is without VAT.

    A version is agreed to by the marketer of one of the dealers, and then, where it `needs_brand`, by the brand's
    manager.
    """

    title: Name
    text: Markdown = ""
    dealers: Annotated[tuple[Name, ...], Field(max_length=500)] = ()
    brand: Word = ""
    channel: Word = ""
    campaign: Word = ""
    contractor: Word = ""
    month: MonthText
    budget: Money | None = None
    currency: CurrencyOrNone = ""
    media_item: LooseId | None = None
    deadline: Day | None = None
    needs_brand: StrictBool = True
    is_closed: StrictBool = False

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if not self.dealers and not self.brand:
            raise ValueError("names no dealer and no brand: name one of them at least")
        if len(set(self.dealers)) < len(self.dealers):
            raise ValueError("names a dealer twice")
        if self.budget and not self.contractor:
            raise ValueError("has a budget and no contractor: say whose it is")
        return self


def _format(text: str) -> str:
    if not _FORMAT.fullmatch(text):
        raise ValueError(f"{text!r} is no format: write one such as 240×400")
    return text


class TaskTold(Told):
    """`formats` are those wanted, such as 240×400. `assignee` is the e-mail of a user who sees the task.

    Without a `contractor` it is the brief's, unless `is_own`: then the holding does it itself.
    """

    title: Name
    text: Markdown = ""
    kind: TaskKind = TaskKind.BANNER
    contractor: Word = ""
    is_own: StrictBool = False
    assignee: Word = ""
    due: Day | None = None
    formats: Annotated[tuple[Annotated[str, AfterValidator(_format)], ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        if self.is_own and self.contractor:
            raise ValueError("names a contractor, and says that the holding does it itself")
        return self


class ActLineTold(Told):
    """`net` is without VAT, `vat` what stands beside; 0 where there is none. A task brings its brief along."""

    what: Name
    brief: LooseId | None = None
    task: LooseId | None = None
    media_item: LooseId | None = None
    purchase_order: LooseId | None = None
    net: Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=2, allow_inf_nan=False)]
    vat: Money = Decimal(0)

    @model_validator(mode="after")
    def _vat_is_part(self) -> Self:
        if self.vat > self.net:
            raise ValueError("has more VAT than amount: write the amount without VAT in `net`")
        return self


class ActTold(Told):
    """An act of work done in one month, and the number of the `invoice` that belongs to it, where there is one."""

    number: Name
    invoice: Word = ""
    day: Day
    contractor: Name
    first_day: Day
    last_day: Day
    currency: CurrencyOrNone = ""
    comment: Comment = ""
    lines: Annotated[tuple[ActLineTold, ...], Field(min_length=1, max_length=200)]

    @model_validator(mode="after")
    def _of_one_month(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError("ends before it begins: correct `last_day`")
        if (self.first_day.year, self.first_day.month) != (self.last_day.year, self.last_day.month):
            raise ValueError("is of two months: write an act for each")
        return self

    @property
    def month(self) -> str:
        return month_of(self.first_day)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def days_of(month: str) -> tuple[date, date]:
    """The first and the last."""
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])
