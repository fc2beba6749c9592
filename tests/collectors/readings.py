"""How tests read events: at a fixed moment, for an account in Moscow that counts in roubles."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from collectors.events import Event, family_model
from collectors.values import Reading

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")

SMALLEST: dict[str, dict[str, Any]] = {
    "touches": {"id": "t", "occurred_at": "2026-01-31T09:00:00Z", "visitor_id": "v"},
    "calls": {"id": "c", "started_at": "2026-01-31T09:00:00Z", "caller": "+79000000001", "called": "+79000000002"},
    "leads": {"id": "l", "created_at": "2026-01-31T09:00:00Z", "kind": "form"},
    "deals": {"id": "d", "deal_id": "d", "occurred_at": "2026-01-31T09:00:00Z", "stage": "sale"},
    "spend": {"date": "2026-01-31", "cost": "10"},
    "messages": {"id": "m", "occurred_at": "2026-01-31T09:00:00Z", "message_id": "m", "event": "sent"},
    "actions": {"id": "a", "occurred_at": "2026-01-31T09:00:00Z", "name": "Product Viewed"},
    "profiles": {"id": "p", "occurred_at": "2026-01-31T09:00:00Z"},
}
"""The least that each family takes."""


def reading(country: str = "RU", zone: ZoneInfo | None = MOSCOW) -> Reading:
    return Reading(NOW, zone, country)


def read(family: str, zone: ZoneInfo | None = MOSCOW, **fields: Any) -> Event:
    return family_model(family).model_validate(SMALLEST[family] | fields, context=reading(zone=zone))


def stored(family: str, zone: ZoneInfo | None = MOSCOW, **fields: Any) -> dict[str, Any]:
    return read(family, zone, **fields).canonical()


def refusal(family: str, **fields: Any) -> tuple[str, str]:
    """The field and the words of the one error that these fields bring."""
    try:
        read(family, None, **fields)
    except ValidationError as error:
        (found,) = error.errors(include_url=False)
        return ".".join(str(part) for part in found["loc"]), found["msg"]
    raise AssertionError(f"{fields} were taken")
