"""Sends through segment-analytics-python."""

import json
import sys
from typing import Any

from segment.analytics.client import Client

FIELDS = {
    "userId": "user_id", "anonymousId": "anonymous_id", "previousId": "previous_id", "groupId": "group_id",
    "messageId": "message_id",
}  # fmt: skip


def main() -> None:
    told = json.load(sys.stdin)
    failures: list[str] = []

    def note(error: Any, _items: Any) -> None:
        failures.append(str(error))

    gzip = bool(told.get("gzip"))
    client = Client(told["writeKey"], host=told["host"], upload_size=told["flushAt"], gzip=gzip, on_error=note)
    for kind, message in told["calls"]:
        getattr(client, kind)(**{FIELDS.get(name, name): value for name, value in message.items()})
    client.shutdown()
    print(json.dumps(failures))  # noqa: T201  # the test reads it


main()
