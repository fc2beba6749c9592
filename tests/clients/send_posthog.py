"""Sends through posthog, whose calls have names of their own."""

import json
import logging
import sys
from typing import Any

from posthog import Posthog


def send(client: Posthog, kind: str, message: dict[str, Any]) -> None:
    who = message.get("userId") or message.get("anonymousId")
    properties = {"$session_id": message.get("sessionId"), **message.get("properties", {})}
    if kind == "identify":
        client.set(distinct_id=who, properties=message["traits"])
    elif kind == "alias":
        client.alias(message["previousId"], who)
    elif kind == "group":
        client.group_identify("company", message["groupId"], message["traits"], distinct_id=who)
    else:
        name = {"page": "$pageview", "screen": "$screen"}.get(kind) or message["event"]
        renamed = {"url": "$current_url", "referrer": "$referrer"}
        properties = {renamed.get(key, key): value for key, value in properties.items()}
        client.capture(name, distinct_id=who, properties=properties)


def main() -> None:
    told = json.load(sys.stdin)
    failures: list[str] = []

    def note(error: Any, _items: Any) -> None:
        failures.append(str(error))

    class Complaints(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            failures.append(record.getMessage())

    logging.getLogger("posthog").addHandler(Complaints(logging.WARNING))
    gzip = bool(told.get("gzip"))
    client = Posthog(told["writeKey"], host=told["host"], flush_at=told["flushAt"], gzip=gzip, on_error=note)
    for kind, message in told["calls"]:
        send(client, kind, message)
    if told.get("flags") and client.get_all_flags("u-1") != {}:
        failures.append("there are flags")
    client.flush(timeout_seconds=60)
    client.shutdown()
    print(json.dumps(failures))  # noqa: T201  # the test reads it


main()
