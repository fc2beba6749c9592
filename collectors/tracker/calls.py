"""Calls to leased numbers: each gets the visit that the number was shown to."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from collectors.items import Item
from collectors.tracker.leases import NumberLeases
from collectors.values import Moment, Reading, e164

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)


def with_visits(calls: Iterable[Item], leases: NumberLeases, reading: Reading) -> Sequence[Item]:
    """The calls, with `visitor_id` and `session_id` where their sender named neither and the number was leased then.

    A call that cannot be read is left as it is. Raises `DatabaseUnavailable`.
    """
    found = list(calls)
    asked = {
        place: key for place, call in enumerate(found) if isinstance(call, dict) and (key := _called(call, reading))
    }
    if not asked:
        return found
    for place, holder in zip(asked, leases.holders(list(asked.values())), strict=True):
        call = found[place]
        if holder and isinstance(call, dict):
            found[place] = {**call, "visitor_id": holder.visitor_id, "session_id": holder.session_id}
    return found


def _called(call: dict[str, Any], reading: Reading) -> tuple[str, datetime] | None:
    """The number that was called, and when, unless the call names its visit already."""
    if call.get("visitor_id") or call.get("session_id"):
        return None
    number = e164(str(call.get("called") or ""), reading.country)
    try:
        return (number, _MOMENT.validate_python(call.get("started_at"), context=reading)) if number else None
    except ValidationError:
        return None
