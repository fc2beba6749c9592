"""Deliveries: what a vendor's webhook brought, kept whole in the event log until, and after, it is understood."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from infra.errors import UnreadableBody

TOPIC = "deliveries"
MOST_BYTES = 1024**2
_SECRET_HEADERS = frozenset({"authorization", "auth-key", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request. `address` is the public address it was sent to, `path` what stands behind the source's own address,
    `query` the raw query; names of headers are in lower case; `received_at` is in UTC."""

    source: str
    method: str
    address: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    received_at: datetime

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def form(self) -> list[tuple[str, str]]:
        """The pairs of a form body, or of the query where there is no body; blank values are kept."""
        text = self.body.decode("utf-8", "replace") if self.body.strip() else self.query
        return parse_qsl(text, keep_blank_values=True)

    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    def json(self) -> Any:
        """Raises `UnreadableBody`."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise UnreadableBody(f"The body is no JSON: {error}.", where="body") from error

    def to_line(self) -> bytes:
        """As the log keeps it, without what would let its reader in elsewhere."""
        kept = {name: value for name, value in self.headers.items() if name not in _SECRET_HEADERS}
        return orjson.dumps({
            "source": self.source, "method": self.method, "address": self.address, "path": self.path,
            "query": self.query, "headers": kept, "body": base64.b64encode(self.body).decode(),
            "received_at": self.received_at,
        })  # fmt: skip

    @classmethod
    def from_line(cls, line: bytes) -> "Delivery":
        told = orjson.loads(line)
        return cls(
            source=told["source"], method=told["method"], address=told["address"], path=told["path"],
            query=told["query"], headers=told["headers"], body=base64.b64decode(told["body"]),
            received_at=datetime.fromisoformat(told["received_at"]),
        )  # fmt: skip
