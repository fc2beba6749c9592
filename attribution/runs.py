"""A run of attribution: everything derived, computed anew from the events in the warehouse.

All rows of a run carry its number. Reports read the newest finished run, so they change in one step, and a run that
dies half-way leaves nothing that anybody reads.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from attribution.reference import copy_reference, newest_reference
from infra.clock import Clock
from infra.errors import NotReady, WarehouseError
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.client import Parameters

_RUNS = Statements("attribution", "runs")
_IDENTITY = Statements("attribution", "identity")
_TOUCHES = Statements("attribution", "touches")
_CONVERSIONS = Statements("attribution", "conversions")
_CREDIT = Statements("attribution", "credit")
_MATCHING = Statements("attribution", "matching")
_COSTS = Statements("attribution", "costs")
_FEES = Statements("attribution", "fees")

KINDS = ("lead", "qualified", "visit", "sale", "service_visit")
READ_TABLES = (
    "dealers", "origins", "conversions", "credits", "daily_sessions", "daily_costs", "cost_names", "spend_origins",
    "missing_rates",
)  # fmt: skip
RUN_TABLES = (
    *READ_TABLES, "contractor_campaigns", "contractor_fees", "tracking_numbers", "channel_rules", "currency_rates",
    "same_campaigns", "spend_campaigns", "fee_months", "fee_bases", "untied_keys", "ties",
    "tie_edges", "tie_roots", "key_roots", "person_keys", "person_touches",
)  # fmt: skip
_MOST_ROUNDS = 40

OnStep = Callable[[str, int, int], None]
"""Called before each step with what it does, its place from 0, and the number of steps."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run. Times are in UTC; `seen` marks what was there: by family, and `reference`."""

    number: int
    started_at: datetime
    finished_at: datetime
    rule_version: int
    seen: dict[str, str]


def newest_run(warehouse: Warehouse) -> Run:
    """Raises `NotReady` where nothing was attributed yet."""
    rows = warehouse.rows(_RUNS["newest_run"])
    if not rows:
        raise NotReady("Nothing has been attributed yet.", help="Send events, then run `closedloop attribute`.")
    row = rows[0]
    return Run(row["run"], row["started_at"], row["finished_at"], row["rule_version"], row["seen"])


def loaded_events(warehouse: Warehouse) -> dict[str, int]:
    """Events in the warehouse by family: exact, so that it takes a second for every ten millions or so."""
    return {row["family"]: row["events"] for row in warehouse.rows(_RUNS["count_loaded"])}


def loaded_marks(warehouse: Warehouse) -> dict[str, str]:
    """A mark for each family that has events, which changes whenever an event comes."""
    return {row["family"]: row["mark"] for row in warehouse.rows(_RUNS["loaded_marks"])}


def is_fresh(warehouse: Warehouse, engine: Engine) -> bool:
    """Whether the newest run has seen all that is in the warehouse, and the reference data in force."""
    try:
        return newest_run(warehouse).seen == _marks(warehouse, engine)
    except NotReady:
        return False


def attribute(
    warehouse: Warehouse, engine: Engine, clock: Clock, settings: Settings, on_step: OnStep = lambda *_: None
) -> Run:
    """Compute a new run and make it the one that reports read."""
    started_at = clock.now()
    run = warehouse.value(_RUNS["next_run"]) or 1
    seen = _marks(warehouse, engine)
    rule_version = copy_reference(engine, warehouse, run)
    parameters = _parameters(run, settings)
    steps: list[tuple[str, Callable[[Warehouse, Parameters], None]]] = [
        ("Tying persons", _tie_persons),
        ("Naming channels", _run_statement(_TOUCHES["find_origins"])),
        ("Ordering touches", _run_statement(_TOUCHES["assign_touches"])),
        ("Counting site visits", _run_statement(_TOUCHES["count_sessions"])),
        ("Finding conversions", _run_statement(_CONVERSIONS["find_conversions"])),
        ("Allocating credit", _run_statement(_CREDIT["allocate_credit"])),
        (
            "Matching spend with touches",
            _run_statements(_MATCHING, "name_costs", "match_campaigns", "match_spend", "name_spend"),
        ),
        ("Spreading costs", _run_statement(_COSTS["spread_spend"])),
        ("Adding message costs", _run_statement(_COSTS["add_message_costs"])),
        ("Adding fees", _run_statements(_FEES, "hold_fees", "base_fees", "add_fees")),
        ("Looking for missing rates", _run_statement(_COSTS["note_missing_rates"])),
    ]
    for place, (title, step) in enumerate(steps):
        on_step(title, place, len(steps))
        step(warehouse, parameters)
    row = [run, started_at, clock.now(), rule_version, seen]
    warehouse.insert_rows("attribution_runs", ["run", "started_at", "finished_at", "rule_version", "seen"], [row])
    _forget_old_runs(warehouse, run)
    return newest_run(warehouse)


def _marks(warehouse: Warehouse, engine: Engine) -> dict[str, str]:
    return loaded_marks(warehouse) | {"reference": str(newest_reference(engine))}


def _parameters(run: int, settings: Settings) -> dict[str, object]:
    return {
        "run": run,
        "timezone": settings.timezone,
        "currency": settings.currency,
        "kinds": list(KINDS),
        "lookback_days": [settings.lookback_days_by_kind.get(kind, settings.lookback_days) for kind in KINDS],
        "lead_window_days": settings.lead_window_days,
        "shared_key_limit": settings.shared_key_limit,
        "half_life_days": settings.half_life_days,
        "first": settings.custom_first,
        "middle": settings.custom_middle,
        "last": settings.custom_last,
        "net_of_vat": settings.net_of_vat,
        "vat_percent": settings.vat_percent,
    }


def _run_statement(statement: str) -> Callable[[Warehouse, Parameters], None]:
    return lambda warehouse, parameters: warehouse.command(statement, parameters)


def _run_statements(statements: Statements, *names: str) -> Callable[[Warehouse, Parameters], None]:
    """Several of one file, in this order."""

    def run(warehouse: Warehouse, parameters: Parameters) -> None:
        for name in names:
            warehouse.command(statements[name], parameters)

    return run


def _tie_persons(warehouse: Warehouse, parameters: Parameters) -> None:
    """Connected components: each round hangs every key to a smaller neighbour, and ties what they hang to."""
    warehouse.command(_IDENTITY["find_ties"], parameters)
    warehouse.command(_IDENTITY["first_edges"], parameters)
    for number in range(_MOST_ROUNDS):
        now = {**parameters, "round": number}
        if not warehouse.value(_IDENTITY["count_edges"], now):
            warehouse.command(_IDENTITY["name_persons"], now)
            return
        for name in ("hook", "follow", "contract"):
            warehouse.command(_IDENTITY[name], now)
    raise WarehouseError(f"Persons were not tied after {_MOST_ROUNDS} rounds.")


def _forget_old_runs(warehouse: Warehouse, run: int) -> None:
    """What reports read stays for one run more: a report that has begun ends with the run that it began with."""
    runs_read = [row["run"] for row in warehouse.rows(_RUNS["runs_read"])]
    for table in RUN_TABLES:
        kept = runs_read if table in READ_TABLES else [str(run)]
        for row in warehouse.rows(_RUNS["old_partitions"], {"table": table, "runs": kept}):
            warehouse.command(_RUNS["drop_partition"], {"table": table, "partition": row["partition_id"]})
