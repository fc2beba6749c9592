"""By what a report can be grouped and filtered: built-in dimensions, and those that users define.

An own dimension names its value by rules over built-in ones, of which the first that matches holds, or it is a property
of the lead or the deal behind a conversion.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, model_validator

from attribution.patterns import check_pattern

DIMENSIONS = (
    "day", "week", "month", "weekday", "hour", "channel", "source", "medium", "campaign", "content", "term", "dealer",
    "brand", "city", "contractor", "manager", "product", "kind", "region", "device", "repeat", "part",
)  # fmt: skip
OF_DEALERS = ("dealer", "brand", "city")
PROPERTY = "properties."
NONE, NO_TOUCH, OTHER = "(none)", "(no touch)", "other"
_PROPERTY = re.compile(r"properties\.[^\s,:|.]{1,100}")

Word = Annotated[str, Field(min_length=1, max_length=200)]


def _wanted(told: object) -> str | tuple[str, ...]:
    if isinstance(told, str) and told:
        return check_pattern(told)
    if isinstance(told, list | tuple) and told and all(isinstance(each, str) and each for each in told):
        return tuple(told)
    raise ValueError("a condition is a pattern, or a list of values")


def _told(wanted: str | tuple[str, ...]) -> str | list[str]:
    return wanted if isinstance(wanted, str) else list(wanted)


Wanted = Annotated[str | tuple[str, ...], PlainValidator(_wanted), PlainSerializer(_told)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ValueRule(_Part):
    """Where all of `when` hold, the dimension's value is `value`.

    A text is a regular expression (RE2) over the lower-cased value of a dimension; a list holds the values that it may
    have, just as reports write them.
    """

    value: Word
    when: Mapping[str, Wanted] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.when:
            if name not in DIMENSIONS and not is_property(name):
                raise ValueError(f"there is no dimension {name!r}: choose one of {', '.join(DIMENSIONS)}, properties.…")
        return self


class OwnDimension(_Part):
    """What users write: `rules`, or the name of a `property`; `otherwise` is the value where no rule matches."""

    property: Annotated[str, Field(max_length=100, pattern=r"^[^\s,:|.]*$")] = ""
    rules: Annotated[tuple[ValueRule, ...], Field(max_length=500)] = ()
    otherwise: Word = OTHER

    @model_validator(mode="after")
    def _either(self) -> Self:
        if bool(self.property) == bool(self.rules):
            raise ValueError("a dimension has either `rules` or a `property`")
        return self

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True, slots=True)
class Dimension:
    """`name` as questions have it; `version` is 0 where it is built in. `inputs` are what its value is found from."""

    name: str
    own: OwnDimension | None = None
    version: int = 0

    @property
    def inputs(self) -> tuple[str, ...]:
        if self.own is None:
            return (self.name,)
        if self.own.property:
            return (f"{PROPERTY}{self.own.property}",)
        return tuple(dict.fromkeys(name for rule in self.own.rules for name in rule.when))

    @property
    def rules(self) -> tuple[ValueRule, ...]:
        return self.own.rules if self.own else ()

    @property
    def otherwise(self) -> str:
        return self.own.otherwise if self.own else NONE


BUILT_IN: Mapping[str, Dimension] = {name: Dimension(name) for name in DIMENSIONS}


def is_property(name: str) -> bool:
    return _PROPERTY.fullmatch(name) is not None


def properties_in(inputs: tuple[str, ...]) -> Iterator[str]:
    """The names of the properties among inputs, in order."""
    return (name.removeprefix(PROPERTY) for name in inputs if name.startswith(PROPERTY))
