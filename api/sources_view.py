"""How each source fares, for the command line, the API and the page alike."""

from datetime import datetime
from typing import Any

from api.bootstrap import Services
from collectors.sources.flow import Flow, source_flows
from collectors.sources.source import Source, SourceState
from collectors.vendors.register import vendor
from collectors.vendors.webhook import preset_of
from infra.errors import ClosedLoopError


def source_rows(services: Services) -> list[dict[str, Any]]:
    """A row a source, in order of ids. Moments are in UTC, `lag_s` is how many seconds ago its newest event came."""
    services.site_tally.flush()
    states = services.progress.states()
    drops = services.site_tally.drops()
    flows = source_flows(services.database, services.clock)
    now = services.clock.now()
    return [
        _row(source, states[source.id], now) | {"dropped": drops.get(source.id, {}), **_flow(flows.get(source.id))}
        for source in services.sources.all()
        if source.id in states
    ]


def address_of(services: Services, source: Source) -> str:
    """Where the source's vendor sends its webhook to."""
    return f"{services.environment.address}/hooks/{source.vendor}/{source.token}"


def health(state: SourceState) -> str:
    """`failing` with an error that still stands, `waiting` until anything came, else `ok`."""
    if state.error:
        return "failing"
    return "ok" if state.last_event_at else "waiting"


def _row(source: Source, state: SourceState, now: datetime) -> dict[str, Any]:
    known = vendor(source.vendor)
    return {
        "id": source.id,
        "vendor": source.vendor,
        "title": known.title,
        "level": _level(source),
        "dealer": source.dealer,
        "timezone": source.timezone.key,
        "webhook": known.has_webhook,
        "pulled": bool(known.every),
        "health": health(state),
        "last_delivery_at": state.last_delivery_at,
        "last_event_at": state.last_event_at,
        "last_pull_at": state.last_pull_at,
        "next_pull_at": state.next_pull_at if known.every else None,
        "lag_s": round((now - state.last_event_at).total_seconds()) if state.last_event_at else None,
        "accepted": state.accepted,
        "rejected": state.rejected,
        "failures": state.failures,
        "error": state.error,
        "error_at": state.error_at,
    }


def _flow(flow: Flow | None) -> dict[str, Any]:
    """Events per hour of the last day, what is usual, and how many came in each of its hours, the oldest first."""
    if flow is None:
        return {"per_hour": 0.0, "usual_per_hour": None, "hours": [0] * 24}
    usual = None if flow.usual is None else round(flow.usual, 4)
    return {"per_hour": round(flow.per_hour, 4), "usual_per_hour": usual, "hours": list(flow.hours)}


def _level(source: Source) -> str:
    try:
        return preset_of(source).level if "preset" in source.settings else vendor(source.vendor).level
    except ClosedLoopError:
        return vendor(source.vendor).level
