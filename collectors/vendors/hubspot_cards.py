"""Records of HubSpot's CRM v3: `id`, `properties` (all of them texts), `createdAt`, `updatedAt`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.sources.source import Source, Told
from collectors.vendors.card_fields import CardFields
from collectors.vendors.contacts import CrmContact
from collectors.vendors.crm_deals import CrmDeal
from collectors.vendors.stages import Stages

_OUTCOMES = {"closedwon": "sale", "closedlost": "lost"}
_KEPT = ("hs_analytics_source", "hs_analytics_source_data_1", "hs_analytics_source_data_2", "dealtype")


def outcome(status: str) -> str:
    return _OUTCOMES.get(status, "lead")


def deal_of(source: Source, raw: Mapping[str, Any], contact: CrmContact | None) -> Iterator[Told]:
    stages, told = Stages.of(source), raw["properties"]
    key, status = str(raw["id"]), str(told.get("dealstage") or "")
    changed_at = datetime.fromisoformat(told.get("hs_lastmodifieddate") or raw["updatedAt"])
    meaning = stages.meaning(f"{told.get('pipeline')}:{status}", status, otherwise=_ended(told, status))
    deal = CrmDeal(
        id=key,
        status=status,
        meaning=meaning,
        changed_at=changed_at,
        created_at=datetime.fromisoformat(told.get("createdate") or raw["createdAt"]),
        reached_at=_closed_at(told, changed_at) if meaning.stage in ("sale", "lost") else None,
        card=CardFields(told.items()),
        contact=contact,
        lead=source.key("lead", key),
        title=str(told.get("dealname") or ""),
        amount=str(told.get("amount") or ""),
        currency=str(told.get("deal_currency_code") or ""),
        manager=str(told.get("hubspot_owner_id") or ""),
        kind=stages.kind(told.get("pipeline")),
        lost_reason=str(told.get("closed_lost_reason") or ""),
        properties={"pipeline": told.get("pipeline"), **{name: told.get(name) for name in _KEPT}},
    )
    yield from deal.events(source)
    yield from deal.lead_row(source, "form" if deal.card.marks() or deal.card.traces() else "offline")


def contact_of(raw: Mapping[str, Any]) -> CrmContact:
    told = raw["properties"]
    return CrmContact(
        id=str(raw["id"]),
        changed_at=datetime.fromisoformat(told.get("lastmodifieddate") or raw["updatedAt"]),
        name=" ".join(str(told[part]) for part in ("firstname", "lastname") if told.get(part)),
        phones=tuple(str(told[name]) for name in ("phone", "mobilephone") if told.get(name)),
        emails=tuple(str(told[name]) for name in ("email",) if told.get(name)),
    )


def _ended(told: Mapping[str, Any], status: str) -> str:
    """Own pipelines have stages of other names, which HubSpot itself calls won or closed."""
    if told.get("hs_is_closed_won") == "true":
        return "sale"
    return "lost" if told.get("hs_is_closed") == "true" and status not in _OUTCOMES else outcome(status)


def _closed_at(told: Mapping[str, Any], changed_at: datetime) -> datetime | None:
    """When it was closed, unless that was only planned, for later."""
    closed_at = datetime.fromisoformat(told["closedate"]) if told.get("closedate") else None
    return closed_at if closed_at and closed_at <= changed_at else None
