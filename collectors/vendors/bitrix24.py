"""Bitrix24: events that name a deal, lead or contact only, which is fetched; and lists, for what events leave out.

Stages that a deal went through come from its history. A lost event is not sent again, so lists of what changed are
the last word. The outcome of a stage is its semantics (S, F), not its code, unless `stages` says otherwise; stages
are named by their code (`C1:NEW`), those of leads with `lead:` before it. A deal that came from no lead makes the
canonical lead itself. Company and contact `0` are none.
Source: shared format notes on the official documentation.
"""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.brackets import nested
from collectors.deliveries import Delivery
from collectors.sources.source import Found, Source, Told, Wanted
from collectors.vendors.base import Ask, Level, Page, Pull, WebhookVendor
from collectors.vendors.bitrix24_api import BitrixApi
from collectors.vendors.bitrix24_cards import contact_of, deal_of, lead_of, reference
from collectors.vendors.card_fields import FIELD_ASKS
from collectors.vendors.card_reading import Card, readable, told_of
from collectors.vendors.crm_deals import deleted_deal
from collectors.vendors.stages import Stages, stage_asks
from infra.errors import NotAllowed

_OVERLAP = timedelta(minutes=10)
_KINDS = {"ONCRMDEAL": "deal", "ONCRMLEAD": "lead", "ONCRMCONTACT": "contact"}
_LISTS = {"deals": "deal", "leads": "lead", "contacts": "contact"}
_AT_ONCE = 50


class Bitrix24(WebhookVendor):
    slug = "bitrix24"
    title = "Bitrix24"
    level = Level.DOCUMENTED
    every = timedelta(minutes=10)
    asks = (
        Ask("address", "Address of the incoming webhook: https://…/rest/1/…/", secret=True),
        Ask("application_token", "Token of the outgoing webhook (application token)", secret=True),
        Ask("member_id", "Member id of the portal, to be checked as well", required=False),
        *stage_asks("C1:UC_VISIT", "1"),
        *FIELD_ASKS,
    )
    guide = (
        "In the portal: Developer resources → Other → Incoming webhook, with the right CRM (crm): copy its address.\n"
        "Then Other → Outgoing webhook: handler {address}, events ONCRMDEALADD, ONCRMDEALUPDATE, ONCRMDEALDELETE,\n"
        "ONCRMLEADADD, ONCRMLEADUPDATE, ONCRMCONTACTADD, ONCRMCONTACTUPDATE; copy its application token."
    )

    def examine(self, source: Source) -> None:
        Stages.of(source)

    def check(self, source: Source, delivery: Delivery) -> None:
        auth = nested(delivery.form()).get("auth")
        told = auth if isinstance(auth, dict) else {}
        _same(source.secrets["application_token"], told.get("application_token"), "application_token")
        if source.settings.get("member_id"):
            _same(source.settings["member_id"], told.get("member_id"), "member_id")

    def read(self, source: Source, delivery: Delivery) -> Iterator[Found]:
        told = nested(delivery.form())
        event = str(told.get("event", "")).upper()
        kind = next((kind for name, kind in _KINDS.items() if event.startswith(name)), "")
        key = reference(((told.get("data") or {}).get("FIELDS") or {}).get("ID"))
        if not kind or not key:
            return
        if not event.endswith("DELETE"):
            yield Wanted(kind, key)
        elif kind == "deal":
            yield deleted_deal(source, key, _queued_at(told) or delivery.received_at)

    def pull(self, pull: Pull) -> Iterator[Page]:
        with BitrixApi(pull) as api:
            cursor = dict(pull.cursor)
            for kind in _LISTS.values():
                wanted = [each for each in pull.wanted if each.kind == kind]
                for start in range(0, len(wanted), _AT_ONCE):
                    part = wanted[start : start + _AT_ONCE]
                    rows = api.records(kind, [each.key for each in part])
                    yield Page(_told(pull, api, kind, rows), dict(cursor), part)
            for name, kind in _LISTS.items():
                yield from _changed(pull, api, cursor, name, kind)


def _changed(pull: Pull, api: BitrixApi, cursor: dict[str, Any], name: str, kind: str) -> Iterator[Page]:
    """What changed since the last walk began. Ids do not move, so nothing is skipped while others change it."""
    walk = {"since": "", "after": "0", "began": pull.now.isoformat(), **cursor.get(name, {})}
    while True:
        rows = api.changed(kind, walk["since"], walk["after"])
        if len(rows) < api.PAGE:
            began = datetime.fromisoformat(walk["began"])
            cursor[name] = {"since": (began - _OVERLAP).isoformat()}
        else:
            walk = walk | {"after": str(rows[-1]["ID"])}
            cursor[name] = walk
        yield Page(_told(pull, api, kind, rows), dict(cursor))
        if len(rows) < api.PAGE:
            return


def _told(pull: Pull, api: BitrixApi, kind: str, rows: Sequence[Card]) -> list[Told]:
    source = pull.source
    if kind == "contact":
        return told_of("profiles", rows, lambda raw: contact_of(raw, pull.now).profiles(source))
    if kind == "lead":
        return told_of("leads", rows, lambda raw: lead_of(source, raw))
    known = readable(api.contacts_of(rows), lambda raw: contact_of(raw, pull.now))
    contacts = {contact.id: contact for contact in known}
    passed = api.passed(rows)

    def read(raw: Card) -> Iterator[Told]:
        contact = contacts.get(reference(raw.get("CONTACT_ID")))
        if contact:
            yield from contact.profiles(source)
        yield from deal_of(source, raw, contact, passed.get(str(raw["ID"]), []))

    return told_of("deals", rows, read)


def _same(wanted: str, told: object, where: str) -> None:
    if not hmac.compare_digest(wanted.encode(), str(told or "").encode()):
        raise NotAllowed(
            f"The {where} of the delivery is wrong.", where=where, help="Copy it from the outgoing webhook again."
        )


def _queued_at(told: Mapping[str, Any]) -> datetime | None:
    seconds = str(told.get("ts", ""))
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() else None


VENDOR = Bitrix24()
