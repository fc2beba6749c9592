"""Noise of a small world, found and left out as a run does it."""

from datetime import datetime
from typing import Any

from attribution.noise.finding import find_noise
from attribution.noise.rule_sets import change_noise_rules, noise_rule_sets
from attribution.noise.rules import Action, NoiseRule, Reason
from attribution.runs import Run
from infra.sql import Statements
from tests.attribution.world import Events, World

_RUNS = Statements("attribution", "runs")
BEGINNING = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def clear_noise(world: World) -> None:
    world.clear()
    for table in ("noise", "noise_rules"):
        world.services.warehouse.command("truncate table {table:Identifier}", {"table": table})
    with world.services.database.begin() as connection:
        connection.execute(noise_rule_sets.delete())


def rule(world: World, reason: Reason, action: Action, most: int = 0, seconds: int = 0) -> None:
    changed = [NoiseRule(reason, action, most, seconds)]
    change_noise_rules(world.services.database, changed, author="world", clock=world.services.clock)


def attribute_quietly(world: World) -> Run:
    """A run whose noise was found before."""
    warehouse = world.services.warehouse
    find_noise(warehouse, world.services.database, warehouse.value(_RUNS["next_run"]) or 1)
    return world.attribute()


def found(world: World, since: datetime = BEGINNING) -> set[tuple[str, str]]:
    """Reason and id of all that is noise among the events at or after a moment."""
    warehouse = world.services.warehouse
    for table in ("noise", "noise_rules"):
        warehouse.command("truncate table {table:Identifier}", {"table": table})
    find_noise(warehouse, world.services.database, 1, since)
    return {(row["reason"], row["id"]) for row in world.rows("select reason, id from noise_of_run(run = 1)")}


def noise_of(world: World, events: Events) -> set[tuple[str, str]]:
    world.tell(events)
    return found(world)


def at(seconds: float) -> str:
    """So many seconds after the start of a day in spring."""
    return datetime.fromtimestamp(1_775_000_000 + seconds, tz=BEGINNING.tzinfo).isoformat()


def click(key: str, seconds: float, visitor: str = "v", **fields: Any) -> dict[str, Any]:
    mark = {"source": "yandex", "medium": "cpc", "campaign": "c"}
    return {"id": key, "visitor_id": visitor, "occurred_at": at(seconds)} | mark | fields


def ring(key: str, seconds: float, caller: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "started_at": at(seconds), "caller": caller, "called": "+74950000001"} | fields


def ask(key: str, seconds: float, **fields: Any) -> dict[str, Any]:
    return {"id": key, "created_at": at(seconds), "kind": "form"} | fields
