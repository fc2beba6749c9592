"""Mango Office: signed events of calls (VPBX API 1.9).

`sign` is SHA-256 over key, JSON and salt, over the JSON as it came. A call is told by its summary; the events before it
only say that it goes on. A call was answered where somebody talked: `entry_result` is not to be trusted.
Source: shared format notes on the official VPBX API document.
"""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, WebhookVendor
from infra.errors import NotAllowed, UnreadableBody

_INCOMING = 1


class Mango(WebhookVendor):
    slug = "mango"
    title = "Mango Office"
    level = Level.DOCUMENTED
    asks = (
        Ask("api_key", "Unique code of the exchange (vpbx_api_key)", secret=True),
        Ask("api_salt", "Key for signatures (vpbx_api_salt)", secret=True),
        Ask("offset_hours", "Hours that its times are ahead of true Unix time", default="0"),
    )
    guide = (
        "In the cabinet: Integrations → API connector → address of the external system: {address}\n"
        "Mango adds /events/summary and the like to it. It speaks TLS 1.2 only: keep 1.2 switched on."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        form = dict(delivery.form())
        signed = source.secrets["api_key"] + form.get("json", "") + source.secrets["api_salt"]
        wanted = hashlib.sha256(signed.encode()).hexdigest()
        if not hmac.compare_digest(wanted, form.get("sign", "")):
            raise NotAllowed("The signature of the delivery is wrong.", where="sign", help="Check key and salt.")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        if delivery.path != "events/summary":
            return
        try:
            summary = orjson.loads(dict(delivery.form()).get("json", ""))
        except orjson.JSONDecodeError as error:
            raise UnreadableBody(f"The field json is no JSON: {error}.", where="json") from error
        if summary.get("call_direction") == _INCOMING:
            yield Told("calls", _call(source, summary))


def _call(source: Source, summary: dict[str, Any]) -> dict[str, Any]:
    created, talked, ended = (int(summary.get(name) or 0) for name in ("create_time", "talk_time", "end_time"))
    ahead = timedelta(hours=float(source.settings.get("offset_hours") or 0))
    return {
        "id": source.key("call", summary["entry_id"]),
        "started_at": datetime.fromtimestamp(created, UTC) - ahead,
        "caller": _number(summary.get("from", {})),
        "called": str(summary.get("line_number") or _number(summary.get("to", {}))),
        "status": "answered" if talked else "missed",
        "duration_s": max(0, ended - created),
        "talk_s": ended - talked if talked else 0,
        "waiting_s": (talked or ended) - created,
        "operator": str(summary.get("to", {}).get("extension") or ""),
        "properties": {name: summary[name] for name in ("disconnect_reason", "sip_call_id") if name in summary},
    }


def _number(side: dict[str, Any]) -> str:
    return str(side.get("number") or "")


VENDOR = Mango()
