"""Requests of Segment's HTTP API: one message, or a batch of them, with what the whole request says merged into each.

Segment's limits hold, and RudderStack's for its clients, which name the channel that they send through.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.protocols.fields import members, text
from infra.errors import BodyTooLarge, NotFound, UnreadableBody

_BATCH = "batch"
_CALLS = {
    "identify": "identify", "i": "identify", "track": "track", "t": "track", "page": "page", "p": "page",
    "screen": "screen", "s": "screen", "group": "group", "g": "group", "alias": "alias", "a": "alias",
    _BATCH: _BATCH, "b": _BATCH, "import": _BATCH,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    body_bytes: int
    event_bytes: int
    events: int


SEGMENT = Limits(body_bytes=500 * 1024, event_bytes=32 * 1024, events=2500)
RUDDERSTACK = Limits(body_bytes=(8 << 20) + (64 << 10), event_bytes=4 << 20, events=100_000)
"""Its clients stop filling a batch once it holds 4 MiB, so that one may hold an event more than that."""

MOST_BYTES = RUDDERSTACK.body_bytes


def check_call(call: str) -> None:
    """Raises `NotFound` for an address that Segment's API does not have."""
    if call not in _CALLS:
        raise NotFound(f"There is no call {call!r}.", where="address", help=f"There are {', '.join(_CALLS)}.")


def messages_of(call: str, payload: Mapping[str, Any], size: int) -> tuple[list[Any], Limits]:
    """The messages of a request to `/v1/{call}` whose body has `size` bytes, and the limits that hold for them.

    Raises `UnreadableBody` for a batch that is none, `BodyTooLarge` for one over its limits.
    """
    kind = _CALLS[call]
    told = payload.get(_BATCH) if kind == _BATCH else [{**payload, "type": kind}]
    if not isinstance(told, list):
        raise UnreadableBody("The batch is missing.", where=_BATCH, help='Send {"batch": [...]}.')
    limits = RUDDERSTACK if any("channel" in members(each) for each in told[:1]) else SEGMENT
    _check_size(size, len(told), limits if kind == _BATCH else _single(limits))
    return ([_merged(each, payload) for each in told] if kind == _BATCH else told), limits


def _single(limits: Limits) -> Limits:
    return Limits(limits.event_bytes, limits.event_bytes, 1)


def _check_size(size: int, events: int, limits: Limits) -> None:
    if size > limits.body_bytes:
        raise BodyTooLarge(
            f"The body is {size >> 10} KiB long; at most {limits.body_bytes >> 10} KiB are taken here.",
            where="body",
            help="Send it in several requests.",
        )
    if events > limits.events:
        raise BodyTooLarge(
            f"The batch holds {events} events; at most {limits.events} are taken.",
            where=_BATCH,
            help="Send it in several requests.",
        )


def _merged(message: Any, payload: Mapping[str, Any]) -> Any:
    """A message with the request's context where it has none of its own, and the time at which all were sent."""
    if not isinstance(message, dict):
        return message
    shared, own = members(payload.get("context")), members(message.get("context"))
    context = {**shared, **own}
    for name in shared.keys() & own.keys():
        if isinstance(shared[name], dict) and isinstance(own[name], dict):
            context[name] = {**shared[name], **own[name]}
    found = {name: value for name, value in message.items() if name != "writeKey"}
    if context:
        found["context"] = context
    if sent := text(payload.get("sentAt")):
        found["sentAt"] = sent
    return found
