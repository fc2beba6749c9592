"""The process of approval as a document: for each kind of plan its stages, who acts in them, and until when.

Law: stages name only stages of their own kind that are there, and never each other in a circle. A stage without `after`
opens at submission; stages with the same `after` are open side by side.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from infra.access.rights import Right, UserRole
from infra.currency import known_currency
from infra.errors import InvalidInput
from planning.measures import PLANNED

_MOST_TEXT = 10_000
_Text = Annotated[str, Field(max_length=_MOST_TEXT)]
_Days = Annotated[int, Field(ge=0, le=365)]
_StageId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class PlanPath(StrEnum):
    """Which process a version goes through."""

    YEAR = "year"
    MONTH = "month"
    AMENDMENT = "amendment"


class Per(StrEnum):
    """Of what each there is one approval."""

    ONCE = "once"
    DEALER = "dealer"
    BRAND = "brand"
    HOLDING = "holding"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Part):
    """What is planned of a measure has to exceed the amount: of money in whole units of the plan's currency.

    `currency` may say which that is; a plan in another one is refused.
    """

    measure: str
    amount: Annotated[Decimal, Field(ge=0, le=10**13, max_digits=15, decimal_places=2, allow_inf_nan=False)]
    currency: str = ""

    @field_validator("measure")
    @classmethod
    def _is_planned(cls, slug: str) -> str:
        if slug not in PLANNED:
            raise ValueError(f"there is no planned measure {slug!r}; choose one of {', '.join(PLANNED)}")
        return slug

    @field_validator("currency")
    @classmethod
    def _is_known(cls, code: str) -> str:
        return known_currency(code) if code else ""


class Stage(_Part):
    """Whoever has `role` and sees the dealer, brand or holding agrees; or one of `people`, by e-mail.

    `only_above` skips the stage for what does not exceed it. Deadlines are days before the first day of the plan's
    first month, or days after the stage opened. `returns_at_once` ends the round as soon as somebody sends the plan
    back.
    """

    id: _StageId
    title: Annotated[str, Field(min_length=1, max_length=200)]
    role: UserRole | None = None
    people: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    per: Per = Per.ONCE
    after: tuple[str, ...] = ()
    only_above: Limit | None = None
    days_before: _Days | None = None
    days_after_opening: _Days | None = None
    returns_at_once: bool = False
    escalate_to: UserRole | None = None
    opens: tuple[Literal["media_plan"], ...] = ()
    instruction: _Text = ""
    data_sources: _Text = ""
    hand_over: _Text = ""

    @field_validator("people")
    @classmethod
    def _are_addresses(cls, people: tuple[str, ...]) -> tuple[str, ...]:
        named = tuple(dict.fromkeys(each.strip().lower() for each in people if each.strip()))
        if wrong := next((each for each in named if "@" not in each or len(each) > 200), ""):
            raise ValueError(f"{wrong!r} is no e-mail address; write name@example.com")
        return named

    @model_validator(mode="after")
    def _has_somebody_and_one_deadline(self) -> Self:
        if (self.role is None) == (not self.people):
            raise ValueError(f"stage {self.id!r} needs either a role or people")
        for role in filter(None, (self.role, self.escalate_to)):
            if Right.PLANS not in role.rights:
                raise ValueError(f"the role {role.value!r} may not work on plans; choose another for {self.id!r}")
        if self.days_before is not None and self.days_after_opening is not None:
            raise ValueError(f"stage {self.id!r} has two deadlines; keep one")
        return self


Stages = Annotated[tuple[Stage, ...], Field(min_length=1, max_length=30)]


class Reminders(_Part):
    """Days before and after a deadline on which whoever is asked gets a letter, and when the next level is told, too.

    `hour` is of the account's time zone.
    """

    before: Annotated[tuple[_Days, ...], Field(max_length=10)] = (3, 1)
    after: Annotated[tuple[_Days, ...], Field(max_length=10)] = (1, 3, 7)
    escalate_after: Annotated[int, Field(ge=1, le=365)] = 5
    hour: Annotated[int, Field(ge=0, le=23)] = 8


class Process(_Part):
    """Of each kind of plan the stages, in the order in which they are shown."""

    year: Stages
    month: Stages
    amendment: Stages
    reminders: Reminders = Reminders()

    @field_validator("year", "month", "amendment")
    @classmethod
    def _can_be_gone_through(cls, stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
        ids = [stage.id for stage in stages]
        if double := next((each for each in ids if ids.count(each) > 1), ""):
            raise ValueError(f"the stage {double!r} is told twice; give one of them another id")
        for stage in stages:
            if missing := next((each for each in stage.after if each not in ids), ""):
                raise ValueError(f"stage {stage.id!r} comes after {missing!r}, which is not there")
        try:
            stages_in_order(stages)
        except CycleError as error:
            circle = " → ".join(error.args[1])
            raise ValueError(f"these stages wait for each other: {circle}; take one `after` away") from None
        return stages

    def of(self, path: PlanPath) -> tuple[Stage, ...]:
        stages: tuple[Stage, ...] = getattr(self, path.value)
        return stages

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def read_process(told: object) -> Process:
    """Raises `InvalidInput`, which says where the first thing is that is wrong."""
    try:
        return Process.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"The process cannot be like this: {said}.", where=place, help="Correct it there; nothing was changed."
        ) from None


def stages_in_order(stages: Sequence[Stage]) -> list[list[Stage]]:
    """Level by level; those of one level are side by side. Raises `CycleError`."""
    known = {stage.id: stage for stage in stages}
    sorter = TopologicalSorter({stage.id: stage.after for stage in stages})
    sorter.prepare()
    levels: list[list[Stage]] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        sorter.done(*ready)
        levels.append([stage for stage in stages if stage.id in ready])
    return [level for level in levels if level and all(stage.id in known for stage in level)]


def opened_by(stages: Sequence[Stage]) -> Mapping[str, tuple[str, ...]]:
    """Of each stage, the ids of those that come directly after it."""
    return {stage.id: tuple(each.id for each in stages if stage.id in each.after) for stage in stages}
