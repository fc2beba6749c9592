"""Finding the noise of a run, before its touches and conversions are found."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from attribution.noise.rule_sets import RuleSet, current_noise_rules
from attribution.noise.rules import Action, NoiseRule, reach
from collectors.tracker.agents import BOT_PATTERNS
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "noise")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def find_noise(warehouse: Warehouse, engine: Engine, run: int, since: datetime = _BEGINNING) -> RuleSet:
    """Write the noise among events at or after `since` (UTC) under the number of a run, by the rules in force.

    Events that came after a moment T change the noise of none before T less `reach` of the rules.
    """
    found = current_noise_rules(engine)
    columns = ["run", "version", "reason", "action", "most", "seconds"]
    told = [[run, found.version, rule.reason.value, rule.action.value, rule.most, rule.seconds] for rule in found.rules]
    warehouse.insert_rows("noise_rules", columns, told)
    read_since = max(_BEGINNING, since - reach(found.rules))
    for rule in found.rules:
        if rule.action is not Action.OFF:
            warehouse.command(_SQL[rule.reason.value], _parameters(rule, run, since, read_since))
    return found


def _parameters(rule: NoiseRule, run: int, since: datetime, read_since: datetime) -> dict[str, object]:
    return {
        "run": run,
        "excluded": rule.action is Action.EXCLUDE,
        "most": rule.most,
        "milliseconds": rule.seconds * 1000,
        "since": _milliseconds(since),
        "read_since": _milliseconds(read_since),
        "bots": BOT_PATTERNS,
    }


def _milliseconds(moment: datetime) -> int:
    return (moment - _BEGINNING) // timedelta(milliseconds=1)
