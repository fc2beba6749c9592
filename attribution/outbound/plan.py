"""Deciding what becomes of each conversion: handed over, corrected, or left out, and why.

A decision depends on the conversion, on what the ledger says of it, and on the destination alone. What was left out is
decided anew by each run; what the system has or may have is left as it is, unless its value has changed since.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from attribution.outbound.export import Destination, Export
from attribution.outbound.ledger import Handover, Key, Plan
from attribution.outbound.options import Consent
from attribution.outbound.system import AdSystem, State

TOO_OLD = "too old"
NOT_TIED = "no click id or contact"
DENIED = "consent denied"
NOT_TOLD = "no consent told"
ABROAD = "data stay in the country"
GONE = "no longer a conversion"
CHANGED = "the value has changed since"
CANCELLED = "cancelled since"

_OPEN = frozenset({State.PLANNED, State.SKIPPED})
_DONE = frozenset({State.ACCEPTED, State.PARTLY, State.OUTDATED})
_Decided = tuple[State, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all conversions of one destination. `kept_in` is the country that data may not leave, if any."""

    destination: Destination
    system: AdSystem
    now: datetime
    kept_in: str = ""


def make_plans(policy: Policy, exports: Iterable[Export], known: Mapping[Key, Handover]) -> list[Plan]:
    """What has to be written into the ledger."""
    plans = []
    for export in exports:
        row = known.get(export.key)
        decided = _decide(policy, export, row)
        if decided and not _says_so(row, export, decided):
            state, reason = decided
            plans.append(Plan(export.kind, export.id, export.at, state, reason, export.value))
    return plans


def _decide(policy: Policy, export: Export, row: Handover | None) -> _Decided | None:
    if row is None or (row.state in _OPEN and row.sent_at is None):
        return _decide_first(policy, export, row)
    if row.state in _DONE or row.state in _OPEN:
        return _decide_again(policy, export, row)
    return None


def _decide_first(policy: Policy, export: Export, row: Handover | None) -> _Decided | None:
    if row and row.begun_at:
        return _decide_repetition(policy, export)
    if export.gone:
        return State.SKIPPED, GONE
    reason = _obstacle(policy, export)
    return (State.SKIPPED, reason) if reason else (State.PLANNED, "")


def _decide_repetition(policy: Policy, export: Export) -> _Decided | None:
    """The system may have it already."""
    reason = CANCELLED if export.gone and not policy.system.takes_updates else _obstacle(policy, export)
    return (State.UNCERTAIN, reason) if reason else None


def _decide_again(policy: Policy, export: Export, row: Handover) -> _Decided | None:
    if row.begun_at:
        return _decide_repetition(policy, export)
    if export.value == row.value_sent or (export.value is None and row.value_sent is not None):
        return (State.ACCEPTED, "") if row.state in (State.OUTDATED, State.PLANNED) else None
    if not policy.system.takes_updates:
        return State.OUTDATED, CANCELLED if export.gone else CHANGED
    reason = _obstacle(policy, export)
    return (State.OUTDATED, reason) if reason else (State.PLANNED, CANCELLED if export.gone else CHANGED)


def _obstacle(policy: Policy, export: Export) -> str:
    """Why a conversion may not or cannot be handed over; empty where nothing stands against it."""
    if policy.kept_in and policy.kept_in != policy.system.country:
        return ABROAD
    if export.ad_user_data == "denied":
        return DENIED
    if policy.destination.options.consent is Consent.TOLD and export.ad_user_data != "granted":
        return NOT_TOLD
    if policy.now - export.at > policy.system.oldest:
        return TOO_OLD
    return "" if policy.system.lane(export, policy.destination) is not None else NOT_TIED


def _says_so(row: Handover | None, export: Export, decided: _Decided) -> bool:
    """Whether the ledger says so already."""
    return row is not None and (row.state, row.reason, row.value, row.at) == (*decided, export.value, export.at)
