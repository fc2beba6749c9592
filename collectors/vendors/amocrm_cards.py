"""Cards of amoCRM, from webhooks (old names, texts) and from REST v4 (new names) alike."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.brackets import values
from collectors.sources.source import Source
from collectors.vendors.card_fields import CardFields
from collectors.vendors.contacts import CrmContact
from collectors.vendors.crm_deals import CrmDeal
from collectors.vendors.stages import Meaning, Stages

WON, LOST = "142", "143"
_OUTCOMES = {WON: "sale", LOST: "lost"}
StatusNames = Mapping[str, tuple[str, str]]
"""Names of pipeline and status by `pipeline:status`."""


def text(value: Any) -> str:
    """A value, also where the same name holds others within it."""
    plain = value.get("", "") if isinstance(value, dict) else value
    return "" if plain is None else str(plain).strip()


def moment(value: Any) -> datetime | None:
    """From Unix seconds; None where there are none."""
    seconds = text(value)
    return datetime.fromtimestamp(int(seconds), UTC) if seconds.isdecimal() and int(seconds) else None


def deal_of(
    source: Source,
    raw: Mapping[str, Any],
    *,
    tells_lead: bool,
    contact: CrmContact | None = None,
    names: StatusNames | None = None,
    otherwise_at: datetime | None = None,
) -> CrmDeal:
    """`otherwise_at` is when it changed if the card does not say."""
    stages = Stages.of(source)
    pipeline, status = text(raw.get("pipeline_id")), text(raw.get("status_id"))
    changed_at = moment(raw.get("updated_at") or raw.get("last_modified")) or otherwise_at
    if changed_at is None:
        raise ValueError("a lead without the time of its change")
    key = text(raw["id"])
    pipeline_name, status_name = (names or {}).get(f"{pipeline}:{status}", ("", ""))
    meaning = stages.meaning(f"{pipeline}:{status}", status, otherwise=_OUTCOMES.get(status, "lead"))
    gone = raw.get("is_deleted") is True
    return CrmDeal(
        id=key,
        status=status,
        meaning=Meaning("lost") if gone else meaning,
        changed_at=changed_at,
        created_at=moment(raw.get("created_at") or raw.get("date_create")),
        reached_at=moment(raw.get("closed_at") or raw.get("date_close")) if status in _OUTCOMES else None,
        card=CardFields(_fields(raw)),
        contact=contact,
        lead=source.key("lead", key) if tells_lead else "",
        title=text(raw.get("name")),
        amount=text(raw.get("price")),
        manager=text(raw.get("responsible_user_id")),
        kind=stages.kind(pipeline),
        lost_reason="deleted" if gone else _lost_reason(raw),
        properties={
            "pipeline": pipeline, "pipeline_name": pipeline_name, "status_name": status_name, "tags": _tags(raw),
        },
    )  # fmt: skip


def contact_of(raw: Mapping[str, Any]) -> CrmContact:
    listed = list(_all_fields(raw))
    changed_at = moment(raw.get("updated_at") or raw.get("last_modified")) or moment(raw.get("created_at"))
    if changed_at is None:
        raise ValueError("a contact without the time of its change")
    return CrmContact(
        id=text(raw["id"]),
        changed_at=changed_at,
        name=text(raw.get("name")),
        phones=tuple(value for _, code, many in listed if code == "PHONE" for value in many),
        emails=tuple(value for _, code, many in listed if code == "EMAIL" for value in many),
    )


def main_contact(raw: Mapping[str, Any]) -> str:
    """The id of a lead's main contact, or of its first."""
    listed = values((raw.get("_embedded") or {}).get("contacts"))
    chosen = next((each for each in listed if each.get("is_main")), listed[0] if listed else {})
    return text(chosen.get("id"))


def _all_fields(raw: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str, list[str]]]:
    """Of each custom field its id and name, its code, and its values."""
    for each in values(raw.get("custom_fields_values") or raw.get("custom_fields")):
        code = text(each.get("field_code") or each.get("code"))
        names = (text(each.get("field_id") or each.get("id")), text(each.get("field_name") or each.get("name")))
        found = (value.get("value") if isinstance(value, dict) else value for value in values(each.get("values")))
        yield names, code, [plain for value in found if (plain := text(value))]


def _fields(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for names, code, many in _all_fields(raw):
        for name in (code, *names):
            if name and many:
                yield name, many[0]


def _tags(raw: Mapping[str, Any]) -> list[str]:
    listed = values(raw.get("tags") or (raw.get("_embedded") or {}).get("tags"))
    return [text(each.get("name")) for each in listed if isinstance(each, dict)]


def _lost_reason(raw: Mapping[str, Any]) -> str:
    listed = values((raw.get("_embedded") or {}).get("loss_reason"))
    return text(listed[0].get("name")) if listed else text(raw.get("loss_reason_id"))
