"""Cards of Bitrix24: deals, leads and contacts. Every value is a text; moments name the user's offset."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from collectors.sources.source import Source, Told
from collectors.vendors.card_fields import CardFields, filled
from collectors.vendors.contacts import CrmContact
from collectors.vendors.crm_deals import CrmDeal
from collectors.vendors.stages import Meaning, Stages

ORIGINATOR = "CLOSEDLOOP"
"""What a lead that was forwarded from here names as the system that it comes from."""
_OUTCOMES = {"S": "sale", "F": "lost"}
_KINDS = {
    "CALL": "call", "CALLBACK": "call", "EMAIL": "email", "WEB": "form", "WEBFORM": "form", "STORE": "form",
    "OPENLINE": "chat",
}  # fmt: skip
_KEPT = ("SOURCE_ID", "SOURCE_DESCRIPTION", "ORIGINATOR_ID", "ORIGIN_ID", "TYPE_ID")


def reference(value: Any) -> str:
    """The id of another card; empty where it is none."""
    key = str(value or "").strip()
    return "" if key == "0" else key


def deal_of(
    source: Source, raw: Mapping[str, Any], contact: CrmContact | None, passed: Sequence[Mapping[str, Any]]
) -> Iterator[Told]:
    """`passed` are the deal's entries in the history of stages. Those that mean nothing here are left out."""
    stages = Stages.of(source)
    key, stage = str(raw["ID"]), str(raw.get("STAGE_ID") or "")
    lead = reference(raw.get("LEAD_ID"))
    deal = CrmDeal(
        id=key,
        status=stage,
        meaning=_meaning(stages, raw),
        changed_at=datetime.fromisoformat(raw["DATE_MODIFY"]),
        created_at=_moment(raw.get("DATE_CREATE")),
        reached_at=_moment(raw.get("MOVED_TIME")),
        card=_card(raw),
        contact=contact,
        lead=source.key("lead", lead) if lead else source.key("deal-lead", key),
        title=str(raw.get("TITLE") or ""),
        amount=str(raw.get("OPPORTUNITY") or ""),
        currency=str(raw.get("CURRENCY_ID") or ""),
        manager=reference(raw.get("ASSIGNED_BY_ID")),
        kind=stages.kind(raw.get("CATEGORY_ID")),
        properties=_properties(raw) | {"pipeline": raw.get("CATEGORY_ID")},
    )
    yield from deal.events(source)
    for entry in passed:
        meaning = _meaning(stages, entry)
        if meaning.stage != "lead":
            then = replace(deal, status=str(entry["STAGE_ID"]), meaning=meaning)
            yield then.stage(source, datetime.fromisoformat(entry["CREATED_TIME"]))
    if not lead:
        yield from deal.lead_row(source, _kind(raw, deal.card))


def lead_of(source: Source, raw: Mapping[str, Any]) -> Iterator[Told]:
    """The row of a lead."""
    created_at = datetime.fromisoformat(raw["DATE_CREATE"])
    card, person = _card(raw), contact_of(raw, created_at)
    told = {
        "id": source.key("lead", raw["ID"]), "created_at": created_at,
        "kind": _kind(raw, card), "name": person.name, "phone": person.phone,
        "email": person.email, "visitor_id": card.visitor(source), **card.marks(),
        "dealer": card.named_by(source, "dealer_field"), "product": card.named_by(source, "product_field"),
        "status": _lead_status(source, raw), "manager": reference(raw.get("ASSIGNED_BY_ID")),
        "properties": filled({"title": raw.get("TITLE"), **_properties(raw), **card.traces(), **_ours(raw, card)}),
    }  # fmt: skip
    yield Told("leads", filled(told))


def contact_of(raw: Mapping[str, Any], seen_at: datetime) -> CrmContact:
    """`seen_at` counts where the card does not say when it changed."""
    name = " ".join(str(raw[part]) for part in ("NAME", "LAST_NAME") if raw.get(part))
    changed_at = _moment(raw.get("DATE_MODIFY")) or _moment(raw.get("DATE_CREATE")) or seen_at
    return CrmContact(str(raw["ID"]), changed_at, name, _values(raw.get("PHONE")), _values(raw.get("EMAIL")))


def _meaning(stages: Stages, raw: Mapping[str, Any]) -> Meaning:
    outcome = _OUTCOMES.get(str(raw.get("STAGE_SEMANTIC_ID") or ""), "lead")
    return stages.meaning(raw.get("STAGE_ID"), otherwise=outcome)


def _lead_status(source: Source, raw: Mapping[str, Any]) -> str:
    status = raw.get("STATUS_ID")
    meaning = Stages.of(source).named(f"lead:{status}")
    if meaning:
        return meaning.lead_status or ("new" if meaning.stage in ("lead", "lost") else "qualified")
    return "qualified" if raw.get("STATUS_SEMANTIC_ID") == "S" else "junk" if status == "JUNK" else "new"


def _card(raw: Mapping[str, Any]) -> CardFields:
    named = ((name, value) for name, value in raw.items() if isinstance(value, str))
    return CardFields(pair for name, value in named for pair in ((name, value), (name.removeprefix("UF_CRM_"), value)))


def _ours(raw: Mapping[str, Any], card: CardFields) -> dict[str, str]:
    """A lead that was forwarded says so by where it comes from, even where the portal lacks fields of ours."""
    marked = {"closedloop_lead": str(raw.get("ORIGIN_ID") or "")} if raw.get("ORIGINATOR_ID") == ORIGINATOR else {}
    return filled(marked | card.ours())


def _kind(raw: Mapping[str, Any], card: CardFields) -> str:
    return _KINDS.get(str(raw.get("SOURCE_ID") or ""), "form" if card.marks() or card.traces() else "offline")


def _properties(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): raw.get(name) for name in _KEPT} | {"company": reference(raw.get("COMPANY_ID"))}


def _values(listed: Any) -> tuple[str, ...]:
    found = listed if isinstance(listed, list) else []
    return tuple(str(each["VALUE"]) for each in found if isinstance(each, dict) and each.get("VALUE"))


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None
