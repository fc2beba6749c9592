"""Versions of the noise rules in the operational database. Version 0 are those that ship; a change is a new version."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import JSON, Column, Connection, Engine, Integer, String, Table, insert, select

from attribution.noise.rules import DEFAULT_RULES, NoiseRule, Reason, limits_of
from infra.audit import note_change
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import InvalidInput

CHANGE = "noise rules"
_RULES = TypeAdapter(tuple[NoiseRule, ...])

noise_rule_sets = Table(
    "noise_rule_sets",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("created_at", UtcMoment, nullable=False),
    Column("author", String(200), nullable=False),
    Column("rules", JSON, nullable=False),
)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A rule for every reason, in the order of `Reason`. `created_at` is None for the rules that ship."""

    version: int
    rules: tuple[NoiseRule, ...]
    created_at: datetime | None = None
    author: str = ""


def current_noise_rules(engine: Engine) -> RuleSet:
    with engine.connect() as connection:
        return _current(connection)


def noise_rule_versions(engine: Engine) -> Sequence[RuleSet]:
    """All versions that were saved, the newest first."""
    with engine.connect() as connection:
        found = connection.execute(select(noise_rule_sets).order_by(noise_rule_sets.c.version.desc())).all()
    return [
        RuleSet(row.version, _completed(_RULES.validate_python(row.rules)), row.created_at, row.author) for row in found
    ]


def read_noise_rules(document: object) -> tuple[NoiseRule, ...]:
    """Rules from plain values, as many as are to change. Raises `InvalidInput`."""
    try:
        return _RULES.validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidInput(
            f"These are no noise rules: {first['msg']}.",
            where=".".join(str(part) for part in first["loc"]),
            help=f"A rule has a reason ({', '.join(Reason)}), an action (off, flag, exclude), most and seconds.",
        ) from None


def change_noise_rules(engine: Engine, changed: Iterable[NoiseRule], *, author: str, clock: Clock) -> RuleSet:
    """Put these rules in the place of those of their reasons, as a new version where anything differs.

    They hold from the next run on. Raises `InvalidInput` for a limit that is missing, or that the reason does not have.
    """
    new = {rule.reason: _checked(rule) for rule in changed}
    with engine.begin() as connection:
        before = _current(connection)
        rules = tuple(new.get(rule.reason, rule) for rule in before.rules)
        if rules == before.rules:
            return before
        told = [rule.as_dict() for rule in rules]
        row = {"version": before.version + 1, "created_at": clock.now(), "author": author, "rules": told}
        connection.execute(insert(noise_rule_sets), row)
        old = json.dumps([rule.as_dict() for rule in before.rules])
        note_change(connection, clock, who=author, what=CHANGE, before=old, after=json.dumps(told))
        return _current(connection)


def _current(connection: Connection) -> RuleSet:
    newest = select(noise_rule_sets).order_by(noise_rule_sets.c.version.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    if row is None:
        return RuleSet(0, DEFAULT_RULES)
    return RuleSet(row.version, _completed(_RULES.validate_python(row.rules)), row.created_at, row.author)


def _completed(kept: Iterable[NoiseRule]) -> tuple[NoiseRule, ...]:
    """With the shipped rule of each reason that came after they were saved."""
    known = {rule.reason: rule for rule in kept}
    return tuple(known.get(rule.reason, rule) for rule in DEFAULT_RULES)


def _checked(rule: NoiseRule) -> NoiseRule:
    limits = limits_of(rule.reason)
    for name, asked, given in (("most", limits.most, rule.most), ("seconds", limits.seconds, rule.seconds)):
        if asked != (given > 0):
            said = "needs" if asked else "has no"
            raise InvalidInput(
                f"The rule {rule.reason} {said} `{name}`.", where=name, help="See docs/how-to/keep-noise-out.md."
            )
    return rule
