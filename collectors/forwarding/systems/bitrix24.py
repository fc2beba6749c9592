"""Bitrix24: a lead by `crm.lead.add`, with `ORIGINATOR_ID` and `ORIGIN_ID` as the mark by which it is found again.

The portal does not refuse a second lead of the same mark: after a lost answer it is looked for first.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from collectors.forwarding.lead import CARD, MARK, NUMBER, VISIT, HandedLead
from collectors.forwarding.system import CrmSystem, Session
from collectors.vendors.base import Ask
from collectors.vendors.bitrix24_api import BitrixApi
from collectors.vendors.bitrix24_cards import ORIGINATOR
from infra.errors import VendorRefused

_FIELDS = {
    MARK: "Closed Loop: lead", VISIT: "Closed Loop: visitor", NUMBER: "Visit number", CARD: "Visit card",
}  # fmt: skip
_SOURCES = {"form": "WEB", "call": "CALL", "chat": "OPENLINE", "email": "EMAIL"}
_REGISTER = {"REGISTER_SONET_EVENT": "Y"}


class Bitrix24System(CrmSystem):
    slug = "bitrix24"
    title = "Bitrix24"
    vendor = "bitrix24"
    asks = (
        Ask("assigned_by_id", "Id of the user whom leads are given to; empty: the webhook's own", required=False),
        Ask("status_id", "Status of a new lead", default="NEW"),
    )
    guide = (
        "The connected source's incoming webhook needs the right CRM (crm). Fields of the card (visit number, visit\n"
        "card) are made at the first lead, where its user is an administrator; else make these of type string:\n"
        "UF_CRM_CLOSEDLOOP_LEAD, UF_CRM_CLOSEDLOOP_VISIT, UF_CRM_CLOSEDLOOP_NUMBER, UF_CRM_CLOSEDLOOP_CARD."
    )

    @contextmanager
    def open(self, session: Session) -> Iterator["_Portal"]:
        with BitrixApi(session.pull) as api:
            yield _Portal(api, session.account)


class _Portal:
    def __init__(self, api: BitrixApi, account: Mapping[str, str]) -> None:
        self._api = api
        self._account = account
        self._has_fields = False

    def find(self, lead: HandedLead, begun_at: datetime) -> str | None:
        asked = {
            "filter": {"=ORIGINATOR_ID": ORIGINATOR, "=ORIGIN_ID": lead.id}, "select": ["ID"],
            "order": {"ID": "ASC"}, "start": -1,
        }  # fmt: skip
        rows = self._api.call("crm.lead.list", asked) or []
        return str(rows[0]["ID"]) if rows else None

    def add(self, lead: HandedLead) -> str:
        self._make_fields()
        ours = {MARK: lead.id, VISIT: lead.visitor_id, NUMBER: lead.number, CARD: lead.card_url}
        fields: dict[str, Any] = {
            "TITLE": lead.title, "NAME": lead.name, "ORIGINATOR_ID": ORIGINATOR, "ORIGIN_ID": lead.id,
            "SOURCE_ID": _SOURCES.get(lead.kind, "OTHER"), "COMMENTS": lead.note.replace("\n", "<br>\n"),
            **{name.upper(): value for name, value in {**self._account, **lead.utm}.items()},
            **{f"UF_CRM_{name.upper()}": value for name, value in ours.items()},
        }  # fmt: skip
        for name, value in (("PHONE", lead.phone), ("EMAIL", lead.email)):
            fields[name] = [{"VALUE": value, "VALUE_TYPE": "WORK"}] if value else None
        told = {"fields": {name: value for name, value in fields.items() if value}, "params": _REGISTER}
        return str(self._api.call("crm.lead.add", told, once=True))

    def _make_fields(self) -> None:
        """The fields of ours that the card lacks; without the right to make them it goes without, but for the mark."""
        if self._has_fields:
            return
        known = self._api.call("crm.lead.fields", {}) or {}
        for name, title in _FIELDS.items():
            if f"UF_CRM_{name.upper()}" not in known:
                labels = {"EDIT_FORM_LABEL": title, "LIST_COLUMN_LABEL": title}
                field = {"FIELD_NAME": name.upper(), "USER_TYPE_ID": "string", "XML_ID": name.upper(), **labels}
                try:
                    self._api.call("crm.lead.userfield.add", {"fields": field})
                except VendorRefused:
                    break
        self._has_fields = True


BITRIX24 = Bitrix24System()
