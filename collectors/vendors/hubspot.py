"""HubSpot: signed events that name deals and contacts, which are fetched; and search, for what events leave out.

The signature (v3) covers the public address: `CLOSEDLOOP_PUBLIC_URL` behind a proxy. Events come in any order and
more than once: what they tell has the ids of the record and its moment. Stages `closedwon` and `closedlost` decide
unless `stages` says otherwise. A deal makes the canonical lead itself; marks are read from properties named as UTM
marks are.
Source: shared format notes, and the public documentation of CRM v3.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from collectors.deliveries import Delivery
from collectors.sources.source import Found, Source, Told, Wanted
from collectors.vendors.base import Ask, Level, Page, Pull, WebhookVendor
from collectors.vendors.card_fields import FIELD_ASKS, filled
from collectors.vendors.card_reading import Card, told_of
from collectors.vendors.change_walk import by_change
from collectors.vendors.crm_deals import deleted_deal
from collectors.vendors.hubspot_api import HubSpotApi
from collectors.vendors.hubspot_cards import contact_of, deal_of, outcome
from collectors.vendors.stages import Stages, stage_asks
from infra.errors import NotAllowed, UnreadableBody

_OLDEST = timedelta(minutes=5)
_OVERLAP_MS = 600_000
_AT_ONCE = 100
_DECODED = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_TYPES = {"0-1": "contact", "0-3": "deal"}


class HubSpot(WebhookVendor):
    slug = "hubspot"
    title = "HubSpot"
    level = Level.AGREED
    every = timedelta(minutes=10)
    asks = (
        Ask("access_token", "Access token of the private app", secret=True),
        Ask("client_secret", "Client secret of the app, which signs its webhooks", secret=True),
        *stage_asks("appointmentscheduled", "default"),
        *FIELD_ASKS,
    )
    guide = (
        "In HubSpot: Settings → Integrations → Private apps → Create: scopes crm.objects.deals.read and\n"
        "crm.objects.contacts.read. Its Webhooks: target {address},\n"
        "events deal creation, deletion and change of dealstage and amount, contact change of phone and email.\n"
        "Behind a proxy set CLOSEDLOOP_PUBLIC_URL."
    )

    def examine(self, source: Source) -> None:
        Stages.of(source)

    def check(self, source: Source, delivery: Delivery) -> None:
        stamp = delivery.headers.get("x-hubspot-request-timestamp", "")
        if not stamp.isdecimal() or abs(delivery.received_at - _moment(int(stamp))) > _OLDEST:
            raise NotAllowed("The delivery is too old.", where="X-HubSpot-Request-Timestamp", help="Check the clock.")
        wanted = signature(source.secrets["client_secret"], delivery, stamp)
        if not hmac.compare_digest(wanted.encode(), delivery.headers.get("x-hubspot-signature-v3", "").encode()):
            raise NotAllowed(
                "The signature of the delivery is wrong.",
                where="X-HubSpot-Signature-v3",
                help="Check the client secret, and CLOSEDLOOP_PUBLIC_URL behind a proxy.",
            )

    def read(self, source: Source, delivery: Delivery) -> Iterator[Found]:
        told = delivery.json()
        for event in told if isinstance(told, list) else [told]:
            if not isinstance(event, dict):
                raise UnreadableBody("An event is no object.", where="body")
            yield from _event(source, event)

    def pull(self, pull: Pull) -> Iterator[Page]:
        with HubSpotApi(pull) as api:
            cursor = dict(pull.cursor)
            yield from _wanted(pull, api, cursor)
            for page in by_change(api.changed_deals, max(0, cursor.get("deals", 0) - _OVERLAP_MS)):
                cursor["deals"] = max(page.last, cursor.get("deals", 0))
                yield Page(_told_of_deals(pull, api, page.rows), dict(cursor))
            for page in by_change(api.changed_contacts, max(0, cursor.get("contacts", 0) - _OVERLAP_MS)):
                cursor["contacts"] = max(page.last, cursor.get("contacts", 0))
                yield Page(_told_of_contacts(pull, page.rows), dict(cursor))


def signature(secret: str, delivery: Delivery, stamp: str) -> str:
    """Base64 of HMAC-SHA256 over method, address (some characters decoded), body and timestamp."""
    address = _DECODED.sub(lambda found: unquote(found[0]), delivery.address)
    signed = f"{delivery.method}{address}".encode() + delivery.body + stamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _event(source: Source, event: Mapping[str, Any]) -> Iterator[Found]:
    about, _, what = str(event.get("subscriptionType", "")).partition(".")
    kind = _TYPES.get(str(event.get("objectTypeId")), about)
    if kind not in _TYPES.values():
        return
    key, at = str(event["objectId"]), _moment(int(event["occurredAt"]))
    if what == "deletion" and kind == "deal":
        yield deleted_deal(source, key, at)
    elif what != "deletion":
        if kind == "deal" and event.get("propertyName") == "dealstage" and event.get("propertyValue"):
            yield _stage(source, key, str(event["propertyValue"]), at)
        yield Wanted(kind, key)


def _stage(source: Source, deal: str, status: str, at: datetime) -> Told:
    """A stage that was reached; it may have been left by the time the deal is fetched."""
    meaning = Stages.of(source).meaning(status, otherwise=outcome(status))
    return Told("deals", {
        "id": source.key("deal", deal, status, int(at.timestamp()), "event"), "deal_id": source.key("deal", deal),
        "occurred_at": at, "stage": meaning.stage, "lead_id": source.key("lead", deal),
        "properties": filled({"status": status}),
    })  # fmt: skip


def _wanted(pull: Pull, api: HubSpotApi, cursor: Mapping[str, Any]) -> Iterator[Page]:
    for kind in _TYPES.values():
        wanted = [each for each in pull.wanted if each.kind == kind]
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            rows = api.records(kind, [each.key for each in part])
            found = _told_of_deals(pull, api, rows) if kind == "deal" else _told_of_contacts(pull, rows)
            yield Page(found, dict(cursor), part)


def _told_of_deals(pull: Pull, api: HubSpotApi, rows: Sequence[Card]) -> list[Told]:
    contacts = api.contacts_of(rows)

    def read(raw: Card) -> Iterator[Told]:
        contact = contacts.get(str(raw["id"]))
        if contact:
            yield from contact.profiles(pull.source)
        yield from deal_of(pull.source, raw, contact)

    return told_of("deals", rows, read)


def _told_of_contacts(pull: Pull, rows: Sequence[Card]) -> list[Told]:
    return told_of("profiles", rows, lambda raw: contact_of(raw).profiles(pull.source))


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


VENDOR = HubSpot()
