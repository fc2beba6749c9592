"""When something happened, by the server's clock: what a client's clock said, corrected by how wrong it goes.

    happened = received − (sent − said)

The three are of one event: when it came in (the server's clock), when the client sent it, and when the client says that
it happened (both the client's clock). Nothing happens after it came in, and the client's order is kept.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_MILLISECONDS_FROM = 1e11
"""Numbers from here on are milliseconds: as seconds they would lie in the year 5138."""


def read_time(value: object) -> datetime:
    """A client's time in UTC; one that names no zone is UTC, as the libraries themselves take it.

    Raises `ValueError` for what is no time.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("a time is text such as 2026-01-31T09:00:00Z")
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        return datetime.fromtimestamp(value / 1000 if abs(value) >= _MILLISECONDS_FROM else value, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"the time is out of reach: {error}") from error


def corrected(said: datetime, sent: datetime | None, received: datetime) -> datetime:
    """When it happened by the server's clock; where `sent` is not known the client's clock is believed."""
    if sent is None:
        return min(said, received)
    try:
        return received - max(sent - said, timedelta(0))
    except OverflowError:
        return said


def happened(message: Mapping[str, Any], received: datetime) -> Any:
    """When a message's event happened: a moment in UTC, or what stands in its place, where that is no time."""
    said = message.get("originalTimestamp") or message.get("timestamp")
    if not said:
        return received
    try:
        return corrected(read_time(said), _sent(message), received)
    except ValueError:
        return said


def _sent(message: Mapping[str, Any]) -> datetime | None:
    try:
        return read_time(message.get("sentAt"))
    except ValueError:
        return None
