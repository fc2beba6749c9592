"""A CRM that leads are forwarded to, and which of them are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from infra.errors import InvalidInput

KINDS = ("form", "call", "chat", "email", "messenger", "offline")


class Calls(StrEnum):
    """Which calls to tracking numbers are forwarded as leads."""

    NONE = "none"
    MISSED = "missed"
    ANSWERED = "answered"
    ALL = "all"


def _listed(value: object) -> object:
    """A list may come as its words with commas between."""
    return tuple(each.strip() for each in value.split(",") if each.strip()) if isinstance(value, str) else value


def _kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"there is no kind of lead {value!r}; the kinds are {', '.join(KINDS)}")
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Kinds = Annotated[tuple[Annotated[str, BeforeValidator(_kind)], ...], BeforeValidator(_listed)]


class Options(BaseModel):
    """`source` is the id of the connected source that is the CRM. Empty lists of dealers and sources are all of them.

    Leads that were made before `since` are not forwarded. A person who asks one dealer again within `repeat_minutes` is
    not forwarded again. The link to the visit's card is good for `card_days`. `account` holds what else the CRM asks
    for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: datetime
    source: str = ""
    kinds: Kinds = ("form", "call", "chat", "email", "messenger")
    calls: Calls = Calls.NONE
    dealers: Words = ()
    sources: Words = ()
    junk: bool = False
    answers: bool = True
    repeat_minutes: Annotated[int, Field(ge=0, le=10_080)] = 30
    card_days: Annotated[int, Field(ge=1, le=400)] = 90
    account: dict[str, str] = Field(default_factory=dict)


def read_options(told: Mapping[str, Any]) -> Options:
    """Raises `InvalidInput`, naming the setting."""
    try:
        return Options.model_validate(dict(told))
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "settings"
        message = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"{where}: {message}.", where=where, help="Correct it: `closedloop forward connect … --set name=value`."
        ) from error


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    system: str
    options: Options
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
