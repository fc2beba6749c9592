"""CRM v3 of HubSpot: search by the moment of change, reading by ids, and which contacts a deal has.

Search gives at most 10,000 rows of one question, so that each page asks from where the last one ended.
"""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from collectors.vendors.asking import Api
from collectors.vendors.base import Pull
from collectors.vendors.card_fields import NUMBER_FIELDS, OUR_FIELDS, PROMO_FIELDS, VISITOR_FIELDS
from collectors.vendors.card_reading import Card, readable
from collectors.vendors.change_walk import Slice
from collectors.vendors.contacts import CrmContact
from collectors.vendors.hubspot_cards import contact_of

_PER_SECOND = 4.0
_LIMIT = 100
_DEAL = (
    "dealname", "dealstage", "pipeline", "amount", "deal_currency_code", "closedate", "createdate",
    "hs_lastmodifieddate", "hubspot_owner_id", "hs_is_closed", "hs_is_closed_won", "closed_lost_reason", "dealtype",
    "hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2", "utm_source", "utm_medium",
    "utm_campaign", "utm_content", "utm_term", "gclid", "yclid", "fbclid", *OUR_FIELDS,
    *(name for name in (*NUMBER_FIELDS, *PROMO_FIELDS) if name.isascii() and name not in OUR_FIELDS),
)  # fmt: skip
_CONTACT = ("firstname", "lastname", "phone", "mobilephone", "email", "lastmodifieddate")
_CHANGE = {"deal": "hs_lastmodifieddate", "contact": "lastmodifieddate"}


def open_hubspot(pull: Pull) -> Api:
    """The API with the source's token."""
    token = pull.source.secrets["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    return pull.open_api("https://api.hubapi.com", headers=headers, per_second=_PER_SECOND)


class HubSpotApi:
    def __init__(self, pull: Pull) -> None:
        self._api = open_hubspot(pull)
        own = (pull.source.settings.get(name, "") for name in ("dealer_field", "product_field", "visitor_field"))
        self._properties = {
            "deal": sorted({*_DEAL, *VISITOR_FIELDS, *filter(None, own)}),
            "contact": list(_CONTACT),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, error, trace)

    def changed_deals(self, since: int, page: str) -> Slice:
        return self._changed("deal", since, page)

    def changed_contacts(self, since: int, page: str) -> Slice:
        return self._changed("contact", since, page)

    def records(self, kind: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        """Those that are still there, at most 100. Of the missing ones the answer (207) speaks beside."""
        if not keys:
            return []
        asked = {"properties": self._properties[kind], "inputs": [{"id": key} for key in keys]}
        return list(self._post(f"/crm/v3/objects/{kind}s/batch/read", asked)["results"])

    def contacts_of(self, deals: Sequence[Card]) -> dict[str, CrmContact]:
        """The first contact of each deal, by the deal's id."""
        if not deals:
            return {}
        asked = {"inputs": [{"id": str(raw["id"])} for raw in deals]}
        told = self._post("/crm/v4/associations/deals/contacts/batch/read", asked)["results"]
        chosen = {str(each["from"]["id"]): str(each["to"][0]["toObjectId"]) for each in told if each.get("to")}
        rows = self.records("contact", sorted({*chosen.values()}))
        known = {contact.id: contact for contact in readable(rows, contact_of)}
        return {deal: known[key] for deal, key in chosen.items() if key in known}

    def _changed(self, kind: str, since: int, page: str) -> Slice:
        change = _CHANGE[kind]
        asked: dict[str, Any] = {
            "filterGroups": [{"filters": [{"propertyName": change, "operator": "GTE", "value": str(since)}]}],
            "sorts": [{"propertyName": change, "direction": "ASCENDING"}],
            "properties": self._properties[kind],
            "limit": _LIMIT,
        }
        told = self._post(f"/crm/v3/objects/{kind}s/search", asked | ({"after": page} if page else {}))
        rows = list(told["results"])
        changes = [datetime.fromisoformat(raw["properties"].get(change) or raw["updatedAt"]) for raw in rows]
        last = max((int(at.timestamp() * 1000) for at in changes), default=since)
        return Slice(rows, last, str(((told.get("paging") or {}).get("next") or {}).get("after") or ""))

    def _post(self, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        return dict(self._api.ask("POST", path, json=asked).json())
