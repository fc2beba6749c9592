"""Runs of attribution: which there are, what the newest has seen, and which tables they fill.

A full run derives everything from the events and is the base of the runs that follow, which derive anew only what
concerns the persons whom new events name. Reports read the newest finished run, so they change in one step, and a run
that dies half-way leaves nothing that anybody reads.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Engine

from attribution.reference import newest_reference
from infra.errors import NotReady
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "runs")

KINDS = ("lead", "qualified", "visit", "sale", "service_visit")
READ_TABLES = (
    "dealers", "daily_costs", "cost_names", "spend_origins", "missing_rates", "noise_rules", "fee_months", "fee_bases",
    "removal_effects",
)  # fmt: skip
RUN_TABLES = (
    *READ_TABLES, "contractor_campaigns", "contractor_fees", "tracking_numbers", "channel_rules", "untied_keys",
    "currency_rates", "same_campaigns", "spend_campaigns", "changed_fee_months", "told_events", "changed_events",
    "turned_events", "noise_groups", "changed_keys", "changed_sessions", "more_sessions", "seen_touches",
    "concerned_persons", "concerned_keys", "moved_keys", "often_named", "tie_edges", "tie_roots", "key_roots",
    "fresh_candidates", "near_touches", "asked_sessions", "concerned_events", "named_codes", "placed_touches",
    "named_origins", "deal_states",
)  # fmt: skip
BASE_TABLES = (
    "replaced_events", "replaced_persons", "replaced_touches", "replaced_journeys", "event_keys", "key_events",
    "shared_keys", "person_keys", "origins", "person_touches", "conversions", "credits", "opportunities",
    "daily_sessions", "noise",
)  # fmt: skip
_WITHOUT_RUN = frozenset({"origins"})


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, which stands on the full run `base`. Times are in UTC.

    `seen` marks what was there: by family, and of `reference` and `settings`. `looked_at_ms` is when it looked, in ms
    since 1970 by the warehouse's clock.
    """

    number: int
    base: int
    started_at: datetime
    finished_at: datetime
    looked_at_ms: int
    rule_version: int
    seen: dict[str, str]


def newest_run(warehouse: Warehouse) -> Run:
    """Raises `NotReady` where nothing was attributed yet."""
    rows = warehouse.rows(_SQL["newest_run"])
    if not rows:
        raise NotReady("Nothing has been attributed yet.", help="Send events, then run `closedloop attribute`.")
    row = rows[0]
    times = (row["started_at"], row["finished_at"], row["looked_at_ms"])
    return Run(row["run"], row["base"], *times, row["rule_version"], row["seen"])


def is_kept(warehouse: Warehouse, number: int) -> bool:
    """Whether what reports read of that run is still there: the newest has it, and the one before."""
    return bool(warehouse.value(_SQL["is_kept"], {"run": number}))


def next_number(warehouse: Warehouse) -> int:
    return warehouse.value(_SQL["next_run"]) or 1


def loaded_events(warehouse: Warehouse) -> dict[str, int]:
    """Events in the warehouse by family: exact, so that it takes a second for every ten millions or so."""
    return {row["family"]: row["events"] for row in warehouse.rows(_SQL["count_loaded"])}


def loaded_marks(warehouse: Warehouse) -> dict[str, str]:
    """A mark for each family that has events, which changes whenever an event comes."""
    return {row["family"]: row["mark"] for row in warehouse.rows(_SQL["loaded_marks"])}


def present_marks(warehouse: Warehouse, engine: Engine, settings: Settings) -> dict[str, str]:
    """What a run that begins now sees."""
    told = {"reference": str(newest_reference(engine)), "settings": _digest(settings_of_runs(settings))}
    return loaded_marks(warehouse) | told


def is_fresh(warehouse: Warehouse, engine: Engine, settings: Settings) -> bool:
    """Whether the newest run has seen all that is in the warehouse, and the reference data and settings in force."""
    try:
        return newest_run(warehouse).seen == present_marks(warehouse, engine, settings)
    except NotReady:
        return False


def settings_of_runs(settings: Settings) -> dict[str, object]:
    """What runs are computed by, as their statements name it."""
    return {
        "timezone": settings.timezone,
        "currency": settings.currency,
        "kinds": list(KINDS),
        "lookback_days": [settings.lookback_days_by_kind.get(kind, settings.lookback_days) for kind in KINDS],
        "lead_window_days": settings.lead_window_days,
        "opportunity_days": settings.lookback_days,
        "shared_key_limit": settings.shared_key_limit,
        "half_life_days": settings.half_life_days,
        "first": settings.custom_first,
        "middle": settings.custom_middle,
        "last": settings.custom_last,
        "net_of_vat": settings.net_of_vat,
        "vat_percent": settings.vat_percent,
    }


def forget_unfinished(warehouse: Warehouse, base: int) -> None:
    """Take away what runs on this base wrote that died half-way."""
    for row in warehouse.rows(_SQL["unfinished_runs"], {"base": base}):
        for table in BASE_TABLES:
            if table not in _WITHOUT_RUN:
                warehouse.command(_SQL["forget_unfinished"], {"table": table, "base": base, "run": row["run"]})
        warehouse.command(_SQL["forget_base"], {"run": row["run"]})


def forget_old_runs(warehouse: Warehouse, number: int) -> None:
    """What reports read stays for one run more: a report that has begun ends with the run that it began with.

    So does what the next run carries over.
    """
    scratch = [table for table in RUN_TABLES if table not in READ_TABLES]
    _drop_others(warehouse, scratch, [str(number)])
    _drop_others(warehouse, READ_TABLES, [row["run"] for row in warehouse.rows(_SQL["runs_read"])])
    _drop_others(warehouse, BASE_TABLES, [row["base"] for row in warehouse.rows(_SQL["bases_read"])])


def _drop_others(warehouse: Warehouse, tables: Sequence[str], kept: Sequence[str]) -> None:
    for row in warehouse.rows(_SQL["old_partitions"], {"tables": list(tables), "kept": list(kept)}):
        warehouse.command(_SQL["drop_partition"], {"table": row["table"], "partition": row["partition_id"]})


def _digest(told: dict[str, object]) -> str:
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
