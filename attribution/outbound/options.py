"""The settings of a destination, checked when it is connected."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from attribution.runs import KINDS
from infra.errors import InvalidInput


class Value(StrEnum):
    """What a conversion is said to be worth."""

    REVENUE = "revenue"
    MARGIN = "margin"
    NONE = "none"


class Consent(StrEnum):
    """Whose conversions go out: of those who were told to have consented, or of all who were not told to have refused,
    where the account has their consent on record elsewhere."""

    TOLD = "told"
    ASSUMED = "assumed"


def _unpacked(value: object) -> object:
    """A mapping may come as its JSON text."""
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        raise ValueError('this is no JSON: write {"sale": "deal_won"}') from None


Names = Annotated[dict[str, Annotated[str, Field(min_length=1, max_length=100)]], BeforeValidator(_unpacked)]


class Options(BaseModel):
    """`conversions` names, by kind of conversion, the ad system's goal, conversion action or event.

    `since` is the first day, in the account's time zone, whose conversions are handed over. `account` holds what else
    the system asks for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    conversions: Names = Field(min_length=1)
    since: date
    value: Value = Value.REVENUE
    consent: Consent = Consent.TOLD
    account: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for kind in self.conversions:
            if kind not in KINDS:
                raise ValueError(f"there is no kind of conversion {kind!r}; the kinds are {', '.join(KINDS)}")
        if len(set(self.conversions.values())) < len(self.conversions):
            raise ValueError("two kinds of conversion have one name: the ad system could not tell them apart")
        return self


def read_options(told: Mapping[str, Any]) -> Options:
    """Raises `InvalidInput`, naming the setting."""
    try:
        return Options.model_validate(dict(told))
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "conversions"
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"{where}: {message}.", where=where, help='Write, for one, conversions={"sale": "deal_won"}.'
        ) from error
