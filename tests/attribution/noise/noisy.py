"""Noise of a small world, found and left out as a run does it."""

from datetime import UTC, datetime
from typing import Any

from attribution.noise.finding import find_noise
from attribution.noise.rule_sets import change_noise_rules, noise_rule_sets
from attribution.noise.rules import Action, NoiseRule, Reason
from attribution.runs import newest_run
from tests.attribution.world import Events, World


def clear_noise(world: World) -> None:
    world.clear()
    with world.services.database.begin() as connection:
        connection.execute(noise_rule_sets.delete())


def rule(world: World, reason: Reason, action: Action, most: int = 0, seconds: int = 0) -> None:
    changed = [NoiseRule(reason, action, most, seconds)]
    change_noise_rules(world.services.database, changed, author="world", clock=world.services.clock)


def noise_of(world: World, events: Events) -> set[tuple[str, str]]:
    """Reason and id of all that is noise, judged at once."""
    world.tell(events)
    warehouse = world.services.warehouse
    warehouse.insert_rows("run_bases", ["run", "base"], [[1, 1]])
    find_noise(warehouse, world.services.database, {"run": 1, "base": 1, "previous": 0, "since": 0})
    return _found(world, 1)


def noise_of_newest(world: World) -> set[tuple[str, str]]:
    """The same, as the newest run knows it."""
    return _found(world, newest_run(world.services.warehouse).number)


def tell_anew(world: World, events: Events) -> None:
    """Later versions of events, or others, a second later."""
    world.wait()
    world.services.__dict__.pop("intake", None)  # it remembers what it has seen
    world.tell(events)


def _found(world: World, run: int) -> set[tuple[str, str]]:
    told = world.rows("select reason, id from noise_of_run(run = {run:UInt32})", run=run)
    return {(row["reason"], row["id"]) for row in told}


def at(seconds: float) -> str:
    """So many seconds after the start of a day in spring."""
    return datetime.fromtimestamp(1_775_000_000 + seconds, tz=UTC).isoformat()


def click(key: str, seconds: float, visitor: str = "v", **fields: Any) -> dict[str, Any]:
    mark = {"source": "yandex", "medium": "cpc", "campaign": "c"}
    return {"id": key, "visitor_id": visitor, "occurred_at": at(seconds)} | mark | fields


def ring(key: str, seconds: float, caller: str, **fields: Any) -> dict[str, Any]:
    return {"id": key, "started_at": at(seconds), "caller": caller, "called": "+74950000001"} | fields


def ask(key: str, seconds: float, **fields: Any) -> dict[str, Any]:
    return {"id": key, "created_at": at(seconds), "kind": "form"} | fields
