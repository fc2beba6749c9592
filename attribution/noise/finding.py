"""Finding the noise of a run, before its touches and conversions are found."""

from typing import Any

from sqlalchemy import Engine

from attribution.noise.rule_sets import RuleSet, current_noise_rules
from attribution.noise.rules import Action, NoiseRule, Reason
from collectors.tracker.agents import BOT_PATTERNS
from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.client import Parameters

_SQL = Statements("attribution", "noise")
_RULES = {
    statement.name: statement.text
    for family in ("touches", "calls", "leads")
    for statement in Statements("attribution", f"noise_of_{family}")
}
_NEAR_ONE_ANOTHER = (Reason.RAPID_CLICKS, Reason.DUPLICATE_CLICK, Reason.SHARED_CLICK_ID, Reason.CROWDED_ADDRESS)
_COLUMNS = ["run", "version", "reason", "action", "most", "seconds"]


def find_noise(warehouse: Warehouse, engine: Engine, asked: Parameters) -> RuleSet:
    """Write the noise of a run, by the rules in force. Call it once the run's `changed_events` are known.

    `asked` are `run`, its `base`, the `previous` run that it goes on from, and `since` when events came that it has not
    seen. A full run (`since` 0) judges all events. One that goes on judges anew the groups that changed events belong
    to or belonged to; known events that are left out from now on, or count again, are noted as changed.
    """
    found = current_noise_rules(engine)
    run, goes_on = asked["run"], asked["since"] != 0
    told = [[run, found.version, rule.reason.value, rule.action.value, rule.most, rule.seconds] for rule in found.rules]
    warehouse.insert_rows("noise_rules", _COLUMNS, told)
    since = _groups_since(warehouse, asked) if goes_on else dict.fromkeys(Reason, 0)
    limits = {
        rule.reason: _limits(rule, since[rule.reason])
        for rule in found.rules
        if rule.action is not Action.OFF and rule.reason in since
    }
    read_since = [limits[reason]["read_since"] for reason in _NEAR_ONE_ANOTHER if reason in limits]
    if goes_on and read_since:
        warehouse.command(_SQL["see_near_touches"], {**asked, "read_since": min(read_since)})
    touches = {"versions": "near", "newest": "near"} if goes_on else {"versions": "every_version", "newest": "newest"}
    for reason, limit in limits.items():
        warehouse.command(_RULES[reason.value], {**asked, **touches, **limit})
    if goes_on and since:
        for name in ("note_undone", "note_turned", "note_changed"):
            warehouse.command(_SQL[name], asked)
    return found


def _groups_since(warehouse: Warehouse, asked: Parameters) -> dict[Reason, int]:
    """Of each rule that has groups to judge anew, when the first of their changed events happened, in ms since 1970."""
    warehouse.command(_SQL["note_groups"], asked)
    return {Reason(row["reason"]): row["since"] for row in warehouse.rows(_SQL["groups_since"], asked)}


def _limits(rule: NoiseRule, since: int) -> dict[str, Any]:
    """With the times from which events are judged, and read: a change tells on what is near, which hangs on what is."""
    milliseconds = rule.seconds * 1000
    limits: dict[str, Any] = {
        "excluded": rule.action is Action.EXCLUDE,
        "most": rule.most,
        "milliseconds": milliseconds,
        "judge_since": max(0, since - milliseconds),
        "read_since": max(0, since - 2 * milliseconds),
    }
    return limits | ({"bots": BOT_PATTERNS} if rule.reason is Reason.BOT else {})
