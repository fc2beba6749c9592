"""What a holding allows: how far a forecast may be off before it is a warning, and which money moves without approval.

The rules of reallocation are read from the top; the first that fits says who approves.
"""

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Engine, func, insert, select

from infra.audit import note_change
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.media.money import MINOR
from planning.media.tables import media_rules


class Scope(StrEnum):
    WITHIN = "within"
    """Between items of one dealer."""
    ACROSS = "across"
    """Between dealers."""
    ANY = "any"


class Approver(StrEnum):
    NOBODY = "nobody"
    DIRECTOR = "director"
    """Whoever may change the rules of the holding."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ReallocationRule(_Part):
    """`up_to_percent` is of what the item had when its plan was approved, for all that leaves it without approval.

    `up_to_amount` is of all that the reallocation moves, in units of the currency. None is no limit.
    """

    scope: Scope = Scope.ANY
    up_to_percent: Annotated[float | None, Field(ge=0, le=100, allow_inf_nan=False)] = None
    up_to_amount: Annotated[Decimal | None, Field(ge=0, max_digits=15, decimal_places=2)] = None
    approver: Approver

    def fits(self, *, is_across: bool, amount: int, percents: Sequence[float]) -> bool:
        """`amount` is in minor units; `percents` say of each item that gives how much has left it with this."""
        if self.scope is not Scope.ANY and is_across != (self.scope is Scope.ACROSS):
            return False
        if self.up_to_amount is not None and amount > self.up_to_amount * MINOR:
            return False
        return self.up_to_percent is None or all(percent <= self.up_to_percent for percent in percents)

    def __str__(self) -> str:
        limits = [
            f"up to {self.up_to_percent:g} % of an item" if self.up_to_percent is not None else "",
            f"up to {self.up_to_amount:,}" if self.up_to_amount is not None else "",
        ]
        where = {
            Scope.WITHIN: "within a dealer",
            Scope.ACROSS: "across dealers",
            Scope.ANY: "within a dealer or across",
        }[self.scope]
        who = "without approval" if self.approver is Approver.NOBODY else "by the director"
        return f"{' '.join([where, *filter(None, limits)])}: {who}"


class MediaRules(_Part):
    """Percents by which the forecast of a month may lie above and below the budget."""

    over_percent: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 10.0
    under_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 10.0
    reallocation: Annotated[tuple[ReallocationRule, ...], Field(max_length=20)] = (
        ReallocationRule(scope=Scope.WITHIN, up_to_percent=20, approver=Approver.NOBODY),
        ReallocationRule(scope=Scope.ANY, approver=Approver.DIRECTOR),
    )

    def rule_for(self, *, is_across: bool, amount: int, percents: Sequence[float]) -> ReallocationRule:
        """Where none fits, the director approves."""
        fitting = (
            each for each in self.reallocation if each.fits(is_across=is_across, amount=amount, percents=percents)
        )
        return next(fitting, ReallocationRule(approver=Approver.DIRECTOR))

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


def read_rules(told: dict[str, Any]) -> MediaRules:
    """Raises `InvalidInput`, which names the field."""
    try:
        return MediaRules.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidInput(
            f"{place}: {first['msg']}. Nothing was changed.",
            where=place,
            help="Percents are from 0 to 100; a rule has a scope, limits, and who approves.",
        ) from None


def rules_in_force(connection: Connection) -> tuple[MediaRules, int]:
    """Those that were told last, else those that ship; and their number, which is 0 for these."""
    row = connection.execute(select(media_rules).order_by(media_rules.c.id.desc()).limit(1)).one_or_none()
    return (MediaRules.model_validate(row.told), row.id) if row else (MediaRules(), 0)


def known_rules(engine: Engine) -> tuple[MediaRules, int]:
    with engine.connect() as connection:
        return rules_in_force(connection)


def put_rules(engine: Engine, told: MediaRules, clock: Clock, *, based_on: int, author: str) -> int:
    """Their number. Raises `Conflict` where others are in force than those that were built on."""
    with engine.begin() as connection:
        before, number = rules_in_force(connection)
        if number != based_on:
            author_before = connection.scalar(select(media_rules.c.author).where(media_rules.c.id == number))
            raise Conflict(
                f"{author_before or 'Somebody'} has changed these rules meanwhile.",
                where="based_on",
                help="Load the page again, and change what is in force now.",
            )
        key = (connection.scalar(select(func.max(media_rules.c.id))) or 0) + 1
        row = {"id": key, "at": clock.now(), "author": author, "told": told.as_dict()}
        connection.execute(insert(media_rules), row)
        note_change(connection, clock, who=author, what="media plan rules", before=_text(before), after=_text(told))
        return key


def _text(rules: MediaRules) -> str:
    return orjson.dumps(rules.as_dict()).decode()
