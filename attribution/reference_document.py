"""Reference data as people write them: one JSON document, checked before any of it is kept."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from attribution.channels import ChannelRule, Pattern
from attribution.promo_codes import folded
from collectors.values import e164, normal_email
from infra.currency import known_currency
from infra.errors import InvalidInput

Name = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(max_length=200)]
Money = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


_INNER_NUMBER = re.compile(r"\d{1,6}")


def _phone(number: str, info: ValidationInfo) -> str:
    """In E.164, as calls keep the number that was called; an inner number of the exchange stays as it is."""
    if _INNER_NUMBER.fullmatch(number):
        return number
    country = (info.context or {}).get("country", "")
    if (known := e164(number, country)) is None:
        raise ValueError(f"{number!r} is no phone number: write it as +74951234567")
    return known


def _address(text: str) -> str:
    if (known := normal_email(text)) is None:
        raise ValueError(f"{text!r} is no e-mail address")
    return known


def _code(text: str) -> str:
    if not folded(text):
        raise ValueError(f"{text!r} holds neither a letter nor a digit")
    return text


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Dated(_Part):
    """Days are inclusive, in the account's time zone; without one, there is no end on that side."""

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first and self.last and self.last < self.first:
            raise ValueError(f"ends on {self.last}, before it begins")
        return self


class Dealer(_Part):
    """`weight` is the dealer's part of cost that names no dealer, where a report shares that by own weights.

    `opened` is its first day and `closed` its last one: plans have nothing outside them.
    """

    id: Name
    name: Word = ""
    brand: Word = ""
    city: Word = ""
    group: Word = ""
    holding: Word = ""
    opened: date | None = None
    closed: date | None = None
    weight: float = Field(1.0, ge=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _opened_before_it_closed(self) -> Self:
        if self.opened and self.closed and self.closed < self.opened:
            raise ValueError(f"closed on {self.closed}, before it opened")
        return self


class Campaign(_Part):
    """What a contractor runs: touches and spend with these marks; an empty one asks nothing.

    Of several that fit, the one that names most holds; of those, one that names the campaign.
    """

    source: Word = ""
    medium: Word = ""
    campaign: Word = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.source or self.medium or self.campaign):
            raise ValueError("names no source, medium or campaign")
        return self

    def __str__(self) -> str:
        return " / ".join(mark or "any" for mark in (self.source, self.medium, self.campaign))


CurrencyOrNone = Annotated[str, AfterValidator(lambda code: known_currency(code) if code else "")]
Percent = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class Step(_Part):
    """From a month's spend of `above` on, `percent` is taken."""

    above: Money = Decimal(0)
    percent: Percent


class Fee(Dated):
    """`percent` of spend, or `steps` of it, `fixed_month` and `per_lead`; `minimum` and `maximum` bound a month.

    Amounts are in `currency`, the account's unless said. A step's percent is of the month's whole spend, or, with
    `steps_of` `part`, of the part of it that lies within the step.
    """

    percent: Percent = 0.0
    steps: tuple[Step, ...] = ()
    steps_of: Literal["whole", "part"] = "whole"
    fixed_month: Money = Decimal(0)
    per_lead: Money = Decimal(0)
    minimum: Money = Decimal(0)
    maximum: Money | None = None
    currency: CurrencyOrNone = ""

    @model_validator(mode="after")
    def _of_one_mind(self) -> Self:
        if self.percent and self.steps:
            raise ValueError("has both a percent and steps: write the percent as the first step")
        bounds = [step.above for step in self.steps]
        if bounds != sorted(set(bounds)):
            raise ValueError("has steps that do not rise: list each `above` once, the smallest first")
        if self.maximum is not None and self.maximum < self.minimum:
            raise ValueError(f"has a maximum of {self.maximum}, below its minimum of {self.minimum}")
        return self


class Contractor(_Part):
    """`claimed_budget` and `claimed_romi` are what the contractor says itself of the days that are claimed.

    ROMI is a fraction: 1.5 is 150 %.
    """

    id: Name
    name: Word = ""
    campaigns: tuple[Campaign, ...] = ()
    fees: tuple[Fee, ...] = ()
    claimed_budget: Money | None = None
    claimed_romi: float | None = Field(None, ge=-1, allow_inf_nan=False)
    claimed_from: date | None = None
    claimed_to: date | None = None

    @model_validator(mode="after")
    def _claims_for_days(self) -> Self:
        if (self.claimed_budget is not None or self.claimed_romi is not None) and not (
            self.claimed_from and self.claimed_to
        ):
            raise ValueError("claims something, but not for which days: name claimed_from and claimed_to")
        if self.claimed_from and self.claimed_to and self.claimed_to < self.claimed_from:
            raise ValueError(f"claims for days that end on {self.claimed_to}, before they begin")
        return self


class SelfReportedRule(_Part):
    """An answer to «how did you hear of us» that fits the pattern names this channel; the first that fits holds."""

    answer: Annotated[Pattern, Field(min_length=1, max_length=1000)]
    channel: Name


class _Binding(Dated):
    """Something that stands for a dealer or a source on these days."""

    dealer: Word = ""
    source: Word = ""
    medium: Word = ""
    campaign: Word = ""
    contractor: Word = ""


class TrackingNumber(_Binding):
    """A telephone number that customers call."""

    number: Annotated[str, AfterValidator(_phone)]


class TrackingAddress(_Binding):
    """An e-mail address that customers write to."""

    address: Annotated[str, AfterValidator(_address)]


class PromoCode(_Binding):
    """A code that customers name. Case, spaces, dashes and Cyrillic letters that look Latin make no difference."""

    code: Annotated[Name, AfterValidator(_code)]


class TargetCalls(_Part):
    """What a target call is: for a dealer, or for all that have no rule of their own.

    It was answered, was talked in for `talk_s` seconds at least, has one of `tags` where some are named, and none of
    `without_tags`. Where the sender says itself whether a call is one, that holds, unless `believe_sender` is false.
    """

    dealer: Word = ""
    talk_s: int = Field(30, ge=0, le=86_400)
    tags: tuple[Name, ...] = ()
    without_tags: tuple[Name, ...] = ()
    believe_sender: bool = True


class OfflineMedium(_Part):
    """Advertising that brings no visit of its own: spend whose source or medium is one of `marks`, or `medium` itself.

    Its effect fades: after `half_life_days` it is half as strong.
    """

    medium: Name
    marks: tuple[Name, ...] = ()
    half_life_days: float = Field(7.0, gt=0, le=365, allow_inf_nan=False)

    @property
    def all_marks(self) -> list[str]:
        """In lower case, as spend is compared with them."""
        return [mark.lower() for mark in (self.medium, *self.marks)]


DEFAULT_OFFLINE_MEDIA = (
    OfflineMedium(medium="tv", marks=("тв", "телевидение"), half_life_days=7),
    OfflineMedium(medium="radio", marks=("радио",), half_life_days=4),
    OfflineMedium(medium="outdoor", marks=("ooh", "billboard", "наружная реклама", "наружка"), half_life_days=14),
    OfflineMedium(medium="print", marks=("press", "пресса", "печать"), half_life_days=7),
)


class ReferenceDocument(_Part):
    """All reference data.

    Without `channel_rules` or `offline_media` those in force stay, without `self_reported` those that ship hold.
    """

    dealers: tuple[Dealer, ...] = ()
    contractors: tuple[Contractor, ...] = ()
    tracking_numbers: tuple[TrackingNumber, ...] = ()
    tracking_addresses: tuple[TrackingAddress, ...] = ()
    promo_codes: tuple[PromoCode, ...] = ()
    target_calls: tuple[TargetCalls, ...] = ()
    channel_rules: tuple[ChannelRule, ...] | None = None
    self_reported: tuple[SelfReportedRule, ...] = ()
    offline_media: tuple[OfflineMedium, ...] | None = None

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = {
            "dealer": [part.id for part in self.dealers],
            "contractor": [part.id for part in self.contractors],
            "the rule of target calls of": [part.dealer for part in self.target_calls],
        }
        for title, names in ids.items():
            name, times = Counter(names).most_common(1)[0] if names else ("", 0)
            if times > 1:
                raise ValueError(f"{title} {name!r} is listed {times} times")
        marks = Counter(mark for medium in self.offline_media or () for mark in medium.all_marks)
        if double := [mark for mark, times in marks.items() if times > 1]:
            raise ValueError(f"more than one offline medium is marked {double[0]!r}")
        owner_of: dict[Campaign, str] = {}
        for owner in self.contractors:
            for campaign in owner.campaigns:
                if owner_of.setdefault(campaign, owner.id) != owner.id:
                    raise ValueError(f"contractors {owner_of[campaign]!r} and {owner.id!r} run the same: {campaign}")
        return self

    def as_dict(self) -> dict[str, Any]:
        """As JSON takes it, without what says nothing."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def read_document(text: bytes, country: str) -> ReferenceDocument:
    """The document in JSON text. Phones without a country code are read as those of `country` (ISO 3166).

    Raises `InvalidInput`, whose sentence names everything that is wrong with it.
    """
    try:
        return ReferenceDocument.model_validate_json(text, context={"country": country})
    except ValidationError as error:
        raise InvalidInput(
            "The reference data cannot be taken, so nothing was changed: " + "; ".join(wrongs_in(error)) + ".",
            where="reference",
            help="`closedloop reference show` prints the data in force, in the form that `set` takes.",
        ) from error


def wrongs_in(error: ValidationError) -> Iterator[str]:
    """What is wrong, a part of a sentence each, and where."""
    for found in error.errors()[:_MOST_TOLD]:
        place = ".".join(str(part) for part in found["loc"])
        message = found["msg"].removeprefix("Value error, ")
        yield f"{place}: {message}" if place else message
    if error.error_count() > _MOST_TOLD:
        yield f"and {error.error_count() - _MOST_TOLD} more"


_MOST_TOLD = 10
