"""What an experiment is: which channels were switched, where, and on which days."""

from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra.errors import InvalidInput

MOST_LETTERS = 200
Name = Annotated[str, Field(min_length=1, max_length=MOST_LETTERS)]


class Design(StrEnum):
    """`geo`: test units are switched, control units are not. `time`: all are switched, at times."""

    GEO = "geo"
    TIME = "time"


class Switched(StrEnum):
    ON = "on"
    OFF = "off"


class Unit(StrEnum):
    """By what test and control are told apart."""

    DEALER = "dealer"
    CITY = "city"
    BRAND = "brand"
    REGION = "region"


class Outcome(StrEnum):
    """By which count a channel's factor is taken."""

    LEADS = "leads"
    SALES = "sales"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Span(_Part):
    """Days, both inclusive, in the account's time zone."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it begins")
        return self


class Experiment(_Part):
    """Days from `baseline_from` on that are in no period are the baseline, but for `washout_days` after each period.

    What is sold follows the switch by `sale_lag_days`. `cost` is what the switch cost or saved, where spend does not
    name the units. A geo experiment without `control` takes all other units; one over time without `test` all units.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    channels: tuple[Name, ...] = Field(min_length=1)
    design: Design
    switched: Switched
    unit: Unit = Unit.DEALER
    test: tuple[Name, ...] = ()
    control: tuple[Name, ...] = ()
    baseline_from: date
    periods: tuple[Span, ...] = Field(min_length=1)
    washout_days: int = Field(0, ge=0, le=365)
    sale_lag_days: int = Field(0, ge=0, le=365)
    cost: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)] | None = None
    factor_by: Outcome = Outcome.LEADS

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.design is Design.GEO and not self.test:
            raise ValueError("test: a geo experiment names the units that were switched")
        if self.design is Design.TIME and self.control:
            raise ValueError("control: an experiment over time has none; a geo experiment has")
        if both := sorted(set(self.test) & set(self.control)):
            raise ValueError(f"control: {both[0]!r} is in test, too")
        spans = sorted(self.periods, key=lambda span: span.first)
        if spans[0].first <= self.baseline_from:
            raise ValueError(f"baseline_from: {self.baseline_from} is not before the first period")
        for before, after in pairwise(spans):
            if after.first <= before.last:
                raise ValueError(f"periods: that from {after.first} begins before another has ended")
        return self

    @property
    def last_day(self) -> date:
        return max(span.last for span in self.periods)

    def days(self, lag: int = 0) -> tuple[list[date], list[date]]:
        """Days that count as switched, and those of the baseline, moved by the lag."""
        switched = {day for span in self.periods for day in _days(span.first, span.last)}
        washed = {day for span in self.periods for day in _days(span.last, span.last + timedelta(self.washout_days))}
        whole = _days(self.baseline_from, self.last_day)
        moved = timedelta(days=lag)
        off = [day + moved for day in whole if day not in switched and day not in washed]
        return [day + moved for day in sorted(switched)], off

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it."""
        return self.model_dump(mode="json", by_alias=True)


def read_experiment(told: bytes) -> Experiment:
    """The experiment in JSON text. Raises `InvalidInput`, whose sentence names everything that is wrong with it."""
    try:
        return Experiment.model_validate_json(told)
    except ValidationError as error:
        wrongs = "; ".join(_wrong(each) for each in error.errors())
        raise InvalidInput(
            f"This is no experiment: {wrongs}.",
            where="experiment",
            help="docs/how-to/run-an-experiment.md shows one that is.",
        ) from error


def _wrong(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
