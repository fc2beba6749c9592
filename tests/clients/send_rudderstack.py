"""Sends through rudder-sdk-python."""

import json
import sys
from typing import Any

from rudderstack.analytics.client import Client

FIELDS = {
    "userId": "user_id", "anonymousId": "anonymous_id", "previousId": "previous_id", "groupId": "group_id",
    "messageId": "message_id",
}  # fmt: skip


def main() -> None:
    told = json.load(sys.stdin)
    failures: list[str] = []

    def note(error: Any, _items: Any) -> None:
        failures.append(str(error))

    client = Client(told["writeKey"], host=told["host"], upload_size=told["flushAt"], on_error=note)
    for kind, message in told["calls"]:
        getattr(client, kind)(**{FIELDS.get(name, name): value for name, value in message.items()})
    client.shutdown()
    print(json.dumps(failures))  # noqa: T201  # the test reads it


main()
