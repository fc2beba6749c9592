"""HubSpot: a deal and its contact. The deal's property `closedloop_lead` is unique, so that the same lead put in again
is the same deal; the contact is known by its e-mail, or by its phone.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from collectors.forwarding.lead import CARD, MARK, NUMBER, VISIT, HandedLead
from collectors.forwarding.system import CrmSystem, Session
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask
from collectors.vendors.hubspot_api import open_hubspot

_LABELS = {
    MARK: "Closed Loop: lead", VISIT: "Closed Loop: visitor", NUMBER: "Visit number", CARD: "Visit card",
}  # fmt: skip
_MISSING = 404
_GROUP = "dealinformation"


class HubSpotSystem(CrmSystem):
    slug = "hubspot"
    title = "HubSpot"
    vendor = "hubspot"
    country = "US"
    asks = (
        Ask("pipeline", "Pipeline of new deals", default="default"),
        Ask("dealstage", "Stage of new deals", default="appointmentscheduled"),
        Ask("hubspot_owner_id", "Id of the owner whom deals are given to", required=False),
    )
    guide = (
        "The connected source's private app needs these scopes too: crm.objects.deals.write,\n"
        "crm.objects.contacts.write, crm.schemas.deals.read, crm.schemas.deals.write."
    )

    @contextmanager
    def open(self, session: Session) -> Iterator["_Hub"]:
        with open_hubspot(session.pull) as api:
            yield _Hub(api, session.account)


class _Hub:
    def __init__(self, api: Api, account: Mapping[str, str]) -> None:
        self._api = api
        self._account = account
        self._properties: set[str] | None = None

    def find(self, lead: HandedLead, begun_at: datetime) -> str | None:
        """A deal that is there gets its contact, if it was lost before that."""
        self._known_properties()
        key = lead.id.replace("/", "%2F")
        answer = self._api.ask("GET", f"/crm/v3/objects/deals/{key}", params={"idProperty": MARK}, accept={_MISSING})
        if answer.status_code == _MISSING:
            return None
        deal = str(answer.json()["id"])
        self._tie(deal, self._contact(lead))
        return deal

    def add(self, lead: HandedLead) -> str:
        known = self._known_properties()
        ours = {MARK: lead.id, VISIT: lead.visitor_id, NUMBER: lead.number, CARD: lead.card_url}
        told = {"dealname": lead.title, "description": lead.note, **self._account, **ours}
        told |= {name: value for name, value in lead.utm.items() if name in known}
        contact = self._contact(lead)
        deal = self._upsert("deals", MARK, lead.id, {name: value for name, value in told.items() if value})
        self._tie(deal, contact)
        return deal

    def _contact(self, lead: HandedLead) -> str:
        told = {"email": lead.email, "phone": lead.phone, "firstname": lead.name}
        filled = {name: value for name, value in told.items() if value}
        if lead.email:
            return self._upsert("contacts", "email", lead.email, filled)
        if not lead.phone:
            return ""
        same = [{"propertyName": "phone", "operator": "EQ", "value": lead.phone}]
        asked = {"filterGroups": [{"filters": same}], "properties": ["phone"], "limit": 1}
        rows = self._post("/crm/v3/objects/contacts/search", asked)["results"]
        return str(rows[0]["id"] if rows else self._post("/crm/v3/objects/contacts", {"properties": filled})["id"])

    def _upsert(self, kind: str, by: str, value: str, properties: Mapping[str, str]) -> str:
        told = {"inputs": [{"idProperty": by, "id": value, "properties": dict(properties)}]}
        return str(self._post(f"/crm/v3/objects/{kind}/batch/upsert", told)["results"][0]["id"])

    def _tie(self, deal: str, contact: str) -> None:
        if contact:
            self._api.ask("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/contacts/{contact}")

    def _known_properties(self) -> set[str]:
        """Names of a deal's properties; ours are made where they are missing."""
        if self._properties is None:
            rows = self._api.ask("GET", "/crm/v3/properties/deals").json()["results"]
            self._properties = {str(each["name"]) for each in rows}
            for name in _LABELS.keys() - self._properties:
                told = {
                    "name": name, "label": _LABELS[name], "groupName": _GROUP, "type": "string", "fieldType": "text",
                    "hasUniqueValue": name == MARK,
                }  # fmt: skip
                self._post("/crm/v3/properties/deals", told)
        return self._properties

    def _post(self, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
        return dict(self._api.ask("POST", path, json=told, once=True).json())


HUBSPOT = HubSpotSystem()
