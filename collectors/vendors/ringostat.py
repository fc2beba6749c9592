"""Ringostat: calls by webhook and by its export.

The webhook's keys are of the user's choice, and are read by the preset `ringostat`, which has the names of the export.
Ringostat does not repeat a webhook that failed: the export is asked every hour. A call was missed where nobody talked:
`billsec` is 0. `visitor_id` is the client id of Google Analytics. Times are local, of the source's zone.
Source: shared format notes on the official help; the export's fields are agreed by clients.
"""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.deliveries import Delivery
from collectors.preset import Preset, preset
from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.call_fields import check_country, country_ask, in_country, key, seconds, text
from collectors.vendors.reconciling import HISTORY, Days, ReconciledVendor, pages_of_days
from collectors.vendors.webhook import payloads, preset_of
from infra.errors import NotAllowed, VendorRefused

_FIELDS = (
    "uniqueid", "calldate", "caller", "caller_number", "dst", "n_alias", "pool_name", "disposition", "duration",
    "waittime", "billsec", "call_type", "connected_with", "employee_fio", "employee_number", "department",
    "category_mark", "proper_flag", "repeated_flag", "utm_source", "utm_medium", "utm_campaign", "utm_content",
    "utm_term", "client_id", "landing", "refferrer", "has_recording", "recording", "scheme_name",
    "additional_number",
)  # fmt: skip
_COUNTRY = "UA"
_OUTGOING = "out"
_DIRECTIONS = frozenset({"in", "callback", _OUTGOING, ""})


class Ringostat(ReconciledVendor):
    slug = "ringostat"
    title = "Ringostat"
    level = Level.AGREED
    asks = (
        Ask("auth_key", "Key of the API (Auth-key)", secret=True),
        Ask("webhook_key", "Value of the header Auth-Key that the webhook is to send", secret=True, required=False),
        Ask("preset", "Preset of the webhook's names", default="ringostat", may_be_file=True),
        country_ask(_COUNTRY),
        HISTORY,
    )
    guide = (
        "The key: Settings → Integration → API. Connect with the --timezone of the project.\n"
        "The webhook: Integration → Webhooks → event «after an incoming call», POST, form or JSON, to {address}\n"
        "Give its parameters the names of the export (uniqueid, calldate, caller, dst, disposition, billsec …), the\n"
        "date as YYYY-MM-DD hh:mm:ss, and the header Auth-Key if you named one here."
    )

    def examine(self, source: Source) -> None:
        super().examine(source)
        check_country(source)
        preset_of(source)

    def check(self, source: Source, delivery: Delivery) -> None:
        wanted = source.secrets.get("webhook_key", "")
        if wanted and not hmac.compare_digest(wanted.encode(), delivery.headers.get("auth-key", "").encode()):
            raise NotAllowed("The header Auth-Key is missing or wrong.", where="Auth-Key", help="Check both sides.")

    def is_test(self, source: Source, delivery: Delivery) -> bool:
        return not any(payloads(delivery))

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        chosen = preset_of(source)
        for payload in payloads(delivery):
            yield from _calls(source, chosen, payload)

    def pull(self, pull: Pull) -> Iterator[Page]:
        headers = {"Auth-key": pull.source.secrets["auth_key"]}
        with pull.open_api("https://api.ringostat.net", headers=headers, per_second=1, timeout=120) as api:
            yield from pages_of_days(pull, lambda days: _day(api, pull.source, days), at_once=3)


def _day(api: Api, source: Source, days: Days) -> Iterator[list[Told]]:
    answer = api.ask("GET", "/calls/list", params={
        "export_type": "json", "fields": ",".join(_FIELDS),
        "from": f"{days.start:%Y-%m-%d %H:%M:%S}", "to": f"{days.end:%Y-%m-%d %H:%M:%S}",
    })  # fmt: skip
    rows = answer.json()
    if not isinstance(rows, list):
        raise VendorRefused(
            "Ringostat answers something other than calls.", status=200, help="Check the key and its rights."
        )
    names = preset(Ringostat.slug)  # the export has names of its own, whatever the webhook's are
    yield [told for row in rows for told in _calls(source, names, row)]


def _calls(source: Source, names: Preset, row: Mapping[str, Any]) -> Iterator[Told]:
    """Nothing for a call that is under way, or within the exchange."""
    call = names.read(row)
    direction = text(call.get("properties", {}).get("direction")).lower()
    if direction not in _DIRECTIONS or not ("status" in call or "talk_s" in call):
        return
    if "talk_s" in call:
        call["status"] = "answered" if seconds(call["talk_s"]) else "missed"
    call["id"] = key(source, "call", call.get("id"))
    call |= {side: in_country(source, call[side], _COUNTRY) for side in ("caller", "called") if side in call}
    yield Told(names.family, call | ({"direction": "out"} if direction == _OUTGOING else {}))


VENDOR = Ringostat()
