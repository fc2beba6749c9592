"""Versions of the channel rules: which there are, who kept them when, and what each says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Engine, Row, select

from attribution.channels import DEFAULT_RULES, ChannelRule
from attribution.reference import channel_rule_sets
from attribution.reference_document import wrongs_in
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput, NotFound

_Rules = TypeAdapter(tuple[ChannelRule, ...])


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A version of the rules. Version 0 ships; nobody kept it, at no moment. `at` is in UTC."""

    version: int
    at: datetime | None
    author: str
    rules: tuple[ChannelRule, ...]

    def summary(self) -> dict[str, Any]:
        at = self.at.isoformat() if self.at else None
        return {"version": self.version, "at": at, "author": self.author, "rules": len(self.rules)}

    def as_dict(self) -> dict[str, Any]:
        return self.summary() | {"rules": [rule.as_dict() for rule in self.rules]}


SHIPPED_RULES = RuleSet(0, None, "", tuple(DEFAULT_RULES))


def rule_versions(engine: Engine, *, seen: Visibility = EVERYTHING) -> Sequence[RuleSet]:
    """Every version, the newest, which is in force, first. Raises `NotPermitted`: rules may name anybody."""
    seen.check_sees_everything("The channel rules", "The ROMI report has the channels that they make.")
    with engine.connect() as connection:
        rows = connection.execute(select(channel_rule_sets).order_by(channel_rule_sets.c.version.desc()))
        return [*map(_rule_set, rows), SHIPPED_RULES]


def rules_of_version(engine: Engine, version: int, *, seen: Visibility = EVERYTHING) -> RuleSet:
    """Raises `NotFound` and `NotPermitted`."""
    for each in rule_versions(engine, seen=seen):
        if each.version == version:
            return each
    raise NotFound(
        f"There is no version {version} of the channel rules.",
        where="version",
        help="`closedloop reference rules list` shows all.",
    )


def read_rules(told: object) -> tuple[ChannelRule, ...]:
    """The rules of a list of objects, or of a document that has them as `channel_rules` or `rules`.

    Raises `InvalidInput`.
    """
    if isinstance(told, dict):
        told = told.get("channel_rules", told.get("rules"))
    try:
        rules = _Rules.validate_python(told)
    except ValidationError as error:
        raise InvalidInput(
            f"The channel rules cannot be taken: {'; '.join(wrongs_in(error))}.",
            where="rules",
            help='Write a list of rules such as {"channel": "radio", "source": "^radio$"}.',
        ) from error
    if not rules:
        raise InvalidInput("There are no rules.", where="rules", help='The last one may be {"channel": "other"}.')
    return rules


def wrongs_of_rules(told: Sequence[Mapping[str, str]]) -> dict[tuple[int, str], str]:
    """What is wrong with which rule, by its place from 0 and the name of the field."""
    try:
        _Rules.validate_python(told)
    except ValidationError as error:
        return {
            (int(found["loc"][0]), str(found["loc"][-1])): found["msg"].removeprefix("Value error, ")
            for found in error.errors()
        }
    return {}


def _rule_set(row: Row[Any]) -> RuleSet:
    return RuleSet(row.version, row.created_at, row.author, tuple(ChannelRule(**rule) for rule in row.rules))
