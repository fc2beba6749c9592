"""Finding the noise of a run, before its touches and conversions are found."""

from datetime import timedelta

from sqlalchemy import Engine

from attribution.noise.rule_sets import RuleSet, current_noise_rules
from attribution.noise.rules import Action, NoiseRule, Reason, family_of, reach
from collectors.tracker.agents import BOT_PATTERNS
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "noise")
_FROM_THE_BEGINNING = dict.fromkeys(("touches", "calls", "leads"), 0)


def find_noise(warehouse: Warehouse, engine: Engine, run: int, base: int) -> RuleSet:
    """Write the noise of a run, by the rules in force. Call it once the run's `changed_events` are known.

    A full run reads all events. One that goes on reads what happened since the first of its changed events, less twice
    the rules' reach, and adds to what the runs before found: that stays found until the next full run. Known events
    that are left out from now on are noted as changed.
    """
    found = current_noise_rules(engine)
    columns = ["run", "version", "reason", "action", "most", "seconds"]
    told = [[run, found.version, rule.reason.value, rule.action.value, rule.most, rule.seconds] for rule in found.rules]
    warehouse.insert_rows("noise_rules", columns, told)
    since = _FROM_THE_BEGINNING if run == base else _first_changed(warehouse, run)
    around = reach(found.rules) // timedelta(milliseconds=1)
    for rule in found.rules:
        family = family_of(rule.reason)
        if rule.action is not Action.OFF and family in since:
            changed = max(0, since[family] - around)
            asked = {"run": run, "base": base, "since": changed, "read_since": max(0, changed - around)}
            warehouse.command(_SQL[rule.reason.value], asked | _limits(rule))
    if run != base:
        warehouse.command(_SQL["note_left_out"], {"run": run, "base": base})
    return found


def _first_changed(warehouse: Warehouse, run: int) -> dict[str, int]:
    """By family, in ms since 1970. A form is held against its visit, which may come in after it."""
    since = {row["family"]: row["since"] for row in warehouse.rows(_SQL["first_changed"], {"run": run})}
    told = [since[family] for family in ("touches", "leads") if family in since]
    return since | ({"leads": min(told)} if told else {})


def _limits(rule: NoiseRule) -> dict[str, object]:
    limits = {
        "excluded": rule.action is Action.EXCLUDE,
        "most": rule.most,
        "milliseconds": rule.seconds * 1000,
    }
    return limits | ({"bots": BOT_PATTERNS} if rule.reason is Reason.BOT else {})
