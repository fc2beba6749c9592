"""Noise of a small world, found and left out as a run does it."""

from datetime import UTC, datetime
from typing import Any

from attribution.noise.finding import find_noise
from attribution.noise.rule_sets import change_noise_rules, noise_rule_sets
from attribution.noise.rules import Action, NoiseRule, Reason
from attribution.runs import Run, next_number
from tests.attribution.world import Events, World


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
    number = next_number(warehouse)
    find_noise(warehouse, world.services.database, number, number)
    return world.attribute(full=True)


def noise_of(world: World, events: Events) -> set[tuple[str, str]]:
    """Reason and id of all that is noise, judged at once."""
    world.tell(events)
    return _found(world, 1, base=1)


def noise_piece_by_piece(world: World, pieces: list[Events]) -> set[tuple[str, str]]:
    """The same, where each run goes on from the one before and sees a piece more."""
    for run, events in enumerate(pieces, 1):
        world.tell(events)
        changed = [
            [run, family, each["id"], _event(world, family, each["id"])] for family in events for each in events[family]
        ]
        world.services.warehouse.insert_rows("changed_events", ["run", "family", "id", "event"], changed)
        told = _found(world, run, base=1)
    return told


def left_out_anew(world: World, run: int) -> set[str]:
    """Ids of the events that a run sees changed."""
    sql = "select id from changed_events where run = {run:UInt32}"
    return {row["id"] for row in world.rows(sql, run=run)}


def _found(world: World, run: int, base: int) -> set[tuple[str, str]]:
    warehouse = world.services.warehouse
    warehouse.insert_rows("run_bases", ["run", "base"], [[run, base]])
    find_noise(warehouse, world.services.database, run, base)
    told = world.rows("select reason, id from noise_of_run(run = {run:UInt32})", run=run)
    return {(row["reason"], row["id"]) for row in told}


def _event(world: World, family: str, key: str) -> int:
    return int(
        world.rows("select sipHash64(concat({family:String}, ':', {key:String})) as event", family=family, key=key)[0][
            "event"
        ]
    )


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
