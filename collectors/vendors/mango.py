"""Mango Office: signed events of calls, and their statistics (VPBX API 1.9).

`sign` is SHA-256 over key, JSON and salt, over the JSON as it came. A call is told by its summary alone; the events
before it only say that it goes on, so that their order (`seq`) does not matter. A call was answered where somebody
talked: `entry_result` is not to be trusted. Mango does not say that it repeats events, so the statistics are asked
every hour; they bring the ids of recordings too.
Source: shared format notes on the official VPBX API document.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.call_fields import sides
from collectors.vendors.mango_statistics import REPORT_DAYS, SPACING, Statistics, ahead, signature
from collectors.vendors.reconciling import HISTORY, ReconciledVendor, pages_of_days
from infra.errors import NotAllowed, UnreadableBody

_INCOMING, _OUTGOING = 1, 2


class Mango(ReconciledVendor):
    slug = "mango"
    title = "Mango Office"
    level = Level.DOCUMENTED
    asks = (
        Ask("api_key", "Unique code of the exchange (vpbx_api_key)", secret=True),
        Ask("api_salt", "Key for signatures (vpbx_api_salt)", secret=True),
        Ask("offset_hours", "Hours that its times are ahead of true Unix time", default="0"),
        HISTORY,
    )
    guide = (
        "In the cabinet: Integrations → API connector → address of the external system: {address}\n"
        "Mango adds /events/summary and the like to it. It speaks TLS 1.2 only: keep 1.2 switched on."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        form = dict(delivery.form())
        wanted = signature(source, form.get("json", ""))
        if not hmac.compare_digest(wanted, form.get("sign", "")):
            raise NotAllowed("The signature of the delivery is wrong.", where="sign", help="Check key and salt.")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        if delivery.path != "events/summary":
            return
        try:
            summary = orjson.loads(dict(delivery.form()).get("json", ""))
        except orjson.JSONDecodeError as error:
            raise UnreadableBody(f"The field json is no JSON: {error}.", where="json") from error
        if summary.get("call_direction") in (_INCOMING, _OUTGOING):
            yield Told("calls", _call(source, summary))

    def pull(self, pull: Pull) -> Iterator[Page]:
        with pull.open_api("https://app.mango-office.ru/vpbx", per_second=1 / SPACING) as api:
            yield from pages_of_days(pull, Statistics(api, pull.source).tell, at_once=REPORT_DAYS)


def _call(source: Source, summary: dict[str, Any]) -> dict[str, Any]:
    created, talked, ended = (int(summary.get(name) or 0) for name in ("create_time", "talk_time", "end_time"))
    outgoing = summary.get("call_direction") == _OUTGOING
    customer, employee = (summary.get(side) or {} for side in (("to", "from") if outgoing else ("from", "to")))
    return {
        "id": source.key("call", summary["entry_id"]),
        "started_at": datetime.fromtimestamp(created, UTC) - ahead(source),
        **sides(_number(customer), str(summary.get("line_number") or _number(employee)), outgoing=outgoing),
        "status": "answered" if talked else "missed",
        "duration_s": max(0, ended - created),
        "talk_s": ended - talked if talked else 0,
        "waiting_s": (talked or ended) - created,
        "operator": str(employee.get("extension") or ""),
        "properties": {name: summary[name] for name in ("disconnect_reason", "sip_call_id") if name in summary},
    }


def _number(side: dict[str, Any]) -> str:
    return str(side.get("number") or "")


VENDOR = Mango()
