"""Computing a run: everything derived anew, or only what concerns the persons whom new events name.

Law: whatever came in whatever order, a run that goes on and a full one derive the same rows.
"""

from ast import literal_eval
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Engine

from attribution.noise.finding import find_noise
from attribution.reference import copy_reference
from attribution.runs import (
    Run,
    forget_old_runs,
    forget_unfinished,
    newest_run,
    next_number,
    present_marks,
    settings_of_runs,
)
from infra.clock import Clock
from infra.errors import NotReady, WarehouseError
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.client import Parameters

_CHANGES = Statements("attribution", "changes")
_IDENTITY = Statements("attribution", "identity")
_TOUCHES = Statements("attribution", "touches")
_CODES = Statements("attribution", "codes")
_CONVERSIONS = Statements("attribution", "conversions")
_CREDIT = Statements("attribution", "credit")
_OPPORTUNITIES = Statements("attribution", "opportunities")
_MATCHING = Statements("attribution", "matching")
_COSTS = Statements("attribution", "costs")
_FEES = Statements("attribution", "fees")

_NAMING_KEYS = ("ask_sessions", "name_keys", "index_keys")
_MOST_ROUNDS = 40
_FEW = 100_000
_LARGE_PART = 0.2
_DEAL_EVENTS_AT_ONCE = 2_000_000

Step = tuple[str, Callable[[], None]]
OnStep = Callable[[str, int, int], None]
"""Called before each step with what it does, its place from 0, and the number of steps."""


def attribute(
    warehouse: Warehouse,
    engine: Engine,
    clock: Clock,
    settings: Settings,
    on_step: OnStep = lambda *_: None,
    *,
    full: bool = False,
) -> Run:
    """Compute a run and make it the one that reports read. One process at a time may do this.

    It goes on from the newest run, unless a full one is asked for, there is none, or what it was told has changed.
    """
    before = None if full else _run_to_go_on_from(warehouse, engine, settings)
    run = _Attribution(warehouse, engine, clock, settings, on_step)
    return (before and run.go_on_from(before)) or run.derive_all()


def _run_to_go_on_from(warehouse: Warehouse, engine: Engine, settings: Settings) -> Run | None:
    """The newest run, unless what it was told has changed since, or most of its base is replaced."""
    try:
        newest = newest_run(warehouse)
    except NotReady:
        return None
    forget_unfinished(warehouse, newest.base)
    marks = present_marks(warehouse, engine, settings)
    size = warehouse.rows(_CHANGES["count_replaced"], {"base": newest.base})[0]
    told_the_same = all(newest.seen.get(name) == marks[name] for name in ("reference", "settings"))
    return newest if told_the_same and not _is_much(size["replaced"], size["touches"]) else None


def _is_much(part: int, whole: int) -> bool:
    """Deriving all anew is then cheaper than going on."""
    return part > max(_FEW, _LARGE_PART * whole)


class _Attribution:
    def __init__(self, warehouse: Warehouse, engine: Engine, clock: Clock, settings: Settings, on_step: OnStep) -> None:
        self._warehouse = warehouse
        self._engine = engine
        self._clock = clock
        self._settings = settings
        self._on_step = on_step

    def derive_all(self) -> Run:
        self._begin(before=None)
        self._do(
            [
                ("Finding noise", self._find_noise),
                ("Naming keys", self._run(*(_IDENTITY[name] for name in _NAMING_KEYS))),
                ("Tying persons", self._tie_persons),
                self._naming_channels(),
                *self._steps_of_events(),
                *self._steps_of_costs(),
            ]
        )
        return self._finish()

    def go_on_from(self, before: Run) -> Run | None:
        """None where so much has changed that deriving all is cheaper."""
        self._begin(before)
        for name in ("note_told", "note_sessions", "see_touches", "note_changes"):
            self._command(_CHANGES[name])
        self._find_noise()
        changes = self._warehouse.value(_CHANGES["count_changes"], self._parameters)
        touches = self._warehouse.rows(_CHANGES["count_replaced"], self._parameters)[0]["touches"]
        if _is_much(changes, touches):
            return None
        self._do([*(self._steps_of_changes() if changes else [self._naming_channels()]), *self._steps_of_costs()])
        return self._finish()

    def _begin(self, before: Run | None) -> None:
        self._started_at = self._clock.now()
        self._number = next_number(self._warehouse)
        self._base = before.base if before else self._number
        self._looked_at_ms = self._warehouse.value(_CHANGES["looking_at"])
        self._seen = present_marks(self._warehouse, self._engine, self._settings)
        self._parameters: dict[str, Any] = {
            **settings_of_runs(self._settings),
            "run": self._number,
            "base": self._base,
            "previous": before.number if before else 0,
            "since": self._since(before) if before else 0,
            "candidates": "fresh" if before else "every",
        }
        self._warehouse.insert_rows("run_bases", ["run", "base"], [[self._number, self._base]])
        self._rule_version = copy_reference(self._engine, self._warehouse, self._number)

    def _since(self, before: Run) -> int:
        """When the first event came that may not have been seen: none that is visible late is missed."""
        lag = self._settings.late_visible_s * 1000
        return min(before.looked_at_ms - lag, self._first_unseen(before.seen) or before.looked_at_ms)

    def _first_unseen(self, seen: Mapping[str, str]) -> int | None:
        places = [
            (family, partition, offset)
            for family, mark in seen.items()
            if mark.startswith("[")
            for partition, offset in literal_eval(mark)
        ]
        names = ("families", "partitions", "offsets")
        columns = zip(*places, strict=True) if places else ([], [], [])
        asked = {name: list(column) for name, column in zip(names, columns, strict=True)}
        unseen: int | None = self._warehouse.value(_CHANGES["first_unseen"], asked)
        return unseen

    def _finish(self) -> Run:
        row = {
            "run": self._number,
            "base": self._base,
            "started_at": self._started_at,
            "finished_at": self._clock.now(),
            "looked_at": self._looked_at_ms,
            "rule_version": self._rule_version,
            "seen": self._seen,
        }
        self._warehouse.insert_rows("attribution_runs", list(row), [list(row.values())])
        forget_old_runs(self._warehouse, self._number)
        return newest_run(self._warehouse)

    def _naming_channels(self) -> Step:
        return "Naming channels", self._name_channels

    def _steps_of_events(self) -> list[Step]:
        return [
            ("Placing touches", self._run(_TOUCHES["place_touches"])),
            ("Ordering touches", self._run(_TOUCHES["count_touches"])),
            ("Counting site visits", self._run(_TOUCHES["count_sessions"])),
            ("Finding conversions", self._find_conversions),
            ("Allocating credit", self._run(_CREDIT["allocate_credit"])),
            ("Finding opportunities", self._find_opportunities),
        ]

    def _steps_of_changes(self) -> list[Step]:
        """Their statements are small, so that two at once are quicker."""
        placing = self._run(*(_TOUCHES[name] for name in ("place_touches", "count_touches", "count_sessions")))
        crediting = self._run(_CREDIT["replace_journeys"], _CREDIT["allocate_credit"])
        return [
            ("Finding who is concerned", self._find_concerned),
            ("Tying persons and naming channels", self._together(self._tie_concerned, self._name_channels)),
            ("Placing touches and finding conversions", self._together(placing, self._find_conversions)),
            ("Allocating credit and finding opportunities", self._together(crediting, self._find_opportunities)),
        ]

    def _steps_of_costs(self) -> list[Step]:
        return [
            ("Matching spend with touches", self._together(self._spread_spend, self._run(_COSTS["add_message_costs"]))),
            ("Adding fees", self._together(self._add_fees, self._run(_COSTS["note_missing_rates"]))),
        ]

    def _spread_spend(self) -> None:
        self._command(_MATCHING["name_costs"])
        if self._warehouse.value(_MATCHING["was_any_spent"]):
            for name in ("match_campaigns", "match_spend", "name_spend"):
                self._command(_MATCHING[name])
            self._command(_COSTS["spread_spend"])

    def _add_fees(self) -> None:
        if self._warehouse.value(_FEES["are_any_agreed"], self._parameters):
            for name in ("hold_fees", "base_fees", "note_fee_months", "carry_fees", "add_fees"):
                self._command(_FEES[name])

    def _name_channels(self) -> None:
        if self._warehouse.value(_CODES["are_any_bound"], self._parameters):
            self._command(_CODES["bind_codes"])
        if self._parameters["since"]:
            self._command(_TOUCHES["keep_candidates"])
        for name in ("name_origins", "find_origins"):
            self._command(_TOUCHES[name])

    def _find_conversions(self) -> None:
        events = self._warehouse.value(_CONVERSIONS["count_deal_events"])
        parts = 1 if self._parameters["since"] else events // _DEAL_EVENTS_AT_ONCE + 1
        for part in range(parts):
            self._command(_CONVERSIONS["sum_deals"], {**self._parameters, "parts": parts, "part": part})
        self._command(_CONVERSIONS["find_conversions"])

    def _find_opportunities(self) -> None:
        self._command(_OPPORTUNITIES["find_opportunities"])

    def _find_noise(self) -> None:
        find_noise(self._warehouse, self._engine, self._parameters)

    def _find_concerned(self) -> None:
        for name in ("note_more_sessions", "add_sessions"):
            self._command(_CHANGES[name])
        if self._warehouse.value(_CHANGES["are_more"], self._parameters):
            self._command(_CHANGES["see_more"])
        self._command(_CHANGES["replace_events"])
        for name in _NAMING_KEYS:
            self._command(_IDENTITY[name])
        self._command(_CHANGES["note_changed_keys"])
        self._find_shared()
        for name in ("note_new_sharing", "note_concerned_persons", "note_concerned"):
            self._command(_CHANGES[name])
        for name in ("note_concerned_deals", "note_concerned_requests"):
            self._command(_CHANGES[name])

    def _tie_concerned(self) -> None:
        self._name_persons()
        for name in ("replace_persons", "note_moved", "see_moved", "replace_touches"):
            self._command(_CHANGES[name])

    def _tie_persons(self) -> None:
        self._find_shared()
        self._name_persons()

    def _find_shared(self) -> None:
        self._command(_IDENTITY["note_often_named"])
        if self._warehouse.value(_IDENTITY["may_any_be_shared"], self._parameters):
            self._command(_IDENTITY["find_shared"])

    def _name_persons(self) -> None:
        """Connected components: each round hangs every key to a smaller neighbour, and ties what they hang to."""
        self._command(_IDENTITY["first_edges"])
        for number in range(_MOST_ROUNDS):
            now = {**self._parameters, "round": number}
            if not self._warehouse.value(_IDENTITY["count_edges"], now):
                self._warehouse.command(_IDENTITY["name_persons"], now)
                return
            for name in ("hook", "follow", "contract"):
                self._warehouse.command(_IDENTITY[name], now)
        raise WarehouseError(f"Persons were not tied after {_MOST_ROUNDS} rounds.")

    def _do(self, steps: list[Step]) -> None:
        for place, (title, step) in enumerate(steps):
            self._on_step(title, place, len(steps))
            step()

    def _run(self, *statements: str) -> Callable[[], None]:
        def run() -> None:
            for statement in statements:
                self._command(statement)

        return run

    def _together(self, *works: Callable[[], None]) -> Callable[[], None]:
        return lambda: self._warehouse.together(*works)

    def _command(self, statement: str, parameters: Parameters | None = None) -> None:
        self._warehouse.command(statement, parameters or self._parameters)
