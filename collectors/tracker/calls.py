"""Calls to leased numbers: each gets the visit that the number was shown to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from collectors.events import to_json
from collectors.tracker.leases import Holding, NumberLeases


def with_visits(calls: Mapping[str, bytes], leases: NumberLeases) -> Mapping[str, bytes]:
    """Canonical calls by id, with the visit of the one that the number was leased to, where they name none.

    One that names no dealer is of the site's. What employees dial is left as it is.

    Raises `DatabaseUnavailable`.
    """
    if not leases.are_any():
        return calls
    found = {key: orjson.loads(line) for key, line in calls.items()}
    asked = {key: call for key, call in found.items() if _is_asked(call)}
    holders = leases.holders([_called(call) for call in asked.values()])
    tied = {
        key: to_json(asked[key] | _visit(asked[key], holder))
        for key, holder in zip(asked, holders, strict=True)
        if holder
    }
    return {**calls, **tied}


def _is_asked(call: dict[str, Any]) -> bool:
    return call.get("direction") != "out" and not (call.get("visitor_id") or call.get("session_id"))


def _visit(call: dict[str, Any], holder: Holding) -> dict[str, str]:
    visit = {"visitor_id": holder.visitor_id, "session_id": holder.session_id}
    return visit | ({"dealer": holder.dealer} if holder.dealer and not call.get("dealer") else {})


def _called(call: dict[str, Any]) -> tuple[str, datetime]:
    return call["called"], datetime.fromisoformat(call["started_at"])
