"""PostHog events as messages of Segment's form.

`distinct_id` names a user, unless the event says that it knows no person, or the id is the device's own: then it is an
anonymous one.
"""

from collections.abc import Mapping
from typing import Any

from collectors.protocols.fields import first, members, named

_KINDS = {
    "$pageview": "page", "$screen": "screen", "$identify": "identify", "$set": "identify", "$set_once": "identify",
    "$create_alias": "alias", "$groupidentify": "group",
}  # fmt: skip
_TOLD_ELSEWHERE = frozenset({"token", "api_key", "$set", "$set_once"})


def as_segment(event: Mapping[str, Any], sent_at: Any = None) -> dict[str, Any]:
    """One event of a batch that was sent at `sent_at`, by the client's clock."""
    properties = members(event.get("properties"))
    name = first(event, "event")
    said = {**event, **properties}
    message = {
        "type": _KINDS.get(name, "track"),
        "event": name,
        "messageId": first(event, "uuid", "message_id") or first(properties, "$insert_id"),
        "timestamp": event.get("timestamp"),
        "sentAt": None if said.get("$ignore_sent_at") else sent_at,
        "sessionId": first(said, "$session_id", "session_id"),
        "properties": {key: value for key, value in properties.items() if key not in _TOLD_ELSEWHERE},
        "traits": {**_traits(properties), **_traits(event)},
        "context": named(userAgent=first(properties, "$raw_user_agent", "$user_agent"), ip=first(properties, "$ip")),
        **_who(event, properties),
    }
    if name == "$groupidentify":
        message["groupId"] = first(properties, "$group_key")
        message["traits"] = members(properties.get("$group_set"))
    if name == "$screen":
        message["name"] = first(properties, "$screen_name")
    return message


def _who(event: Mapping[str, Any], properties: Mapping[str, Any]) -> dict[str, str]:
    name = first(event, "event")
    known_as = first([event, properties], "distinct_id", "$distinct_id")
    if name == "$create_alias":
        return {"previousId": first(properties, "distinct_id") or known_as, "userId": first(properties, "alias")}
    device = first(properties, "$anon_distinct_id", "$device_id")
    nobody = properties.get("$process_person_profile") is False or known_as == device
    user = first(properties, "$user_id") or ("" if nobody else known_as)
    return {"userId": user, "anonymousId": device or ("" if user else known_as)}


def _traits(holder: Mapping[str, Any]) -> dict[str, Any]:
    return {**members(holder.get("$set_once")), **members(holder.get("$set"))}
