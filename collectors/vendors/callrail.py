"""CallRail: calls and forms by signed webhook, and calls by its API (v3).

`Signature` is HMAC-SHA1 over the raw body. A call that is changed in CallRail is sent again under its `resource_id`:
the later version replaces the earlier, and the hourly list of calls is the last word. A webhook of a call that has not
ended (pre-call) has no `answered` yet and makes no call; of text messages nothing is made. `session_id` is CallRail's
session.
Source: shared format notes on the official documentation; fields of forms are unverified.
"""

import base64
import hmac
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask, Level, Page, Pull
from collectors.vendors.call_fields import key, marks, said, session, sides, text
from collectors.vendors.reconciling import HISTORY, Days, ReconciledVendor, pages_of_days
from infra.errors import NotAllowed, UnreadableBody

_INBOUND, _OUTBOUND = "inbound", "outbound"
_FORM = "FRM"
_PAGE = 250
_PROPERTIES = frozenset({
    "business_phone_number", "customer_city", "customer_country", "customer_state", "voicemail", "source_name",
    "source", "first_call", "prior_calls", "lead_status", "value", "gclid", "fbclid", "msclkid", "landing_page_url",
    "referrer_domain", "company_id", "tracker_id",
})  # fmt: skip
_ASKED_FOR = (
    "source", "source_name", "keywords", "medium", "campaign", "landing_page_url", "referrer_domain", "utm_source",
    "utm_medium", "utm_campaign", "utm_content", "utm_term", "gclid", "fbclid", "msclkid", "first_call", "prior_calls",
    "lead_status", "value", "tags", "company_id", "tracker_id", "session_uuid",
)  # fmt: skip


class CallRail(ReconciledVendor):
    slug = "callrail"
    title = "CallRail"
    level = Level.DOCUMENTED
    asks = (
        Ask("signing_key", "Signing key of the webhooks integration", secret=True),
        Ask("api_key", "API key (v3)", secret=True),
        Ask("account", "Id of the account, such as ACC…"),
        HISTORY,
    )
    guide = (
        "Settings → Integrations → Webhooks: post-call, call modified and form submission to {address}\n"
        "The signing key stands on the same page. The API key: Settings → Integrations → API keys. Connect with\n"
        "the --timezone of the company."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        wanted = signature(source.secrets["signing_key"], delivery.body)
        if not hmac.compare_digest(wanted.encode(), delivery.headers.get("signature", "").encode()):
            raise NotAllowed("The signature of the delivery is missing or wrong.", where="Signature",
                             help="Check the signing key.")  # fmt: skip

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = delivery.json()
        if not isinstance(told, dict):
            raise UnreadableBody("The body is no object.", where="body")
        if _id(told).startswith(_FORM):
            yield Told("leads", _lead(source, told))
        elif _is_call(told):
            yield Told("calls", _call(source, told))

    def pull(self, pull: Pull) -> Iterator[Page]:
        headers = {"Authorization": f'Token token="{pull.source.secrets["api_key"]}"'}
        with pull.open_api("https://api.callrail.com", headers=headers, per_second=1) as api:
            yield from pages_of_days(pull, lambda days: _tell(api, pull.source, days), at_once=7)


def signature(key: str, body: bytes) -> str:
    return base64.b64encode(hmac.digest(key.encode(), body, "sha1")).decode()


def _tell(api: Api, source: Source, days: Days) -> Iterator[list[Told]]:
    number, last = 1, 1
    while number <= last:
        answer = api.ask("GET", f"/v3/a/{source.settings['account']}/calls.json", params={
            "start_date": days.first.isoformat(), "end_date": days.last.isoformat(), "fields": ",".join(_ASKED_FOR),
            "sort": "start_time", "order": "asc", "per_page": _PAGE, "page": number,
        }).json()  # fmt: skip
        yield [Told("calls", _call(source, row)) for row in answer["calls"] if _is_call(row)]
        number, last = number + 1, int(answer.get("total_pages") or 1)


def _is_call(told: Mapping[str, Any]) -> bool:
    return told.get("direction", _INBOUND) in (_INBOUND, _OUTBOUND) and told.get("answered") is not None


def _id(told: Mapping[str, Any]) -> str:
    return text(told.get("resource_id")) or text(told.get("id"))


def _call(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    answered = told.get("answered") and not told.get("voicemail")
    return {
        "id": key(source, "call", _id(told)),
        "started_at": told.get("start_time"),
        **sides(
            text(told.get("customer_phone_number")),
            text(told.get("tracking_phone_number") or told.get("business_phone_number")),
            outgoing=told.get("direction") == _OUTBOUND,
        ),
        "status": "answered" if answered else "missed",
        "duration_s": told.get("duration"),
        "session_id": session("callrail", told.get("session_uuid")),
        "recording_url": text(told.get("recording")),
        "tags": [text(tag.get("name") if isinstance(tag, dict) else tag) for tag in told.get("tags") or ()],
        "properties": said(told, _PROPERTIES),
        **_origin(told),
    }


def _lead(source: Source, told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": key(source, "lead", _id(told)),
        "created_at": told.get("submitted_at"),
        "kind": "form",
        "name": text(told.get("customer_name")),
        "phone": text(told.get("customer_phone_number")),
        "email": text(told.get("customer_email")),
        "session_id": session("callrail", told.get("session_uuid")),
        "properties": said(told, _PROPERTIES | {"form_url", "form_name", "form_data"}),
        **_origin(told),
    }


def _origin(told: Mapping[str, Any]) -> dict[str, str]:
    """UTM marks; where there are none, what CallRail says of the source."""
    usual = {"source": told.get("source") or told.get("source_name"), "medium": told.get("medium"),
             "campaign": told.get("campaign"), "term": told.get("keywords")}  # fmt: skip
    return {name: text(value) for name, value in usual.items() if text(value)} | marks(told)


VENDOR = CallRail()
