"""Which leads are forwarded to which CRM. What came from a CRM never is: it would go round in circles."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.forwarding.lead import MARK
from collectors.forwarding.ledger import Arrival
from collectors.forwarding.target import Calls, Target
from infra.secrets import SecretBox

OLDEST = timedelta(days=2)
CRM_VENDORS = frozenset({"amocrm", "bitrix24", "hubspot", "onec"})
_NOT_COUNTED = ("junk", "duplicate")
_ORIGIN = (
    "kind", "created_at", "visitor_id", "user_id", "session_id", "source", "medium", "campaign", "content", "term",
    "dealer", "product",
)  # fmt: skip
_ORIGIN_PROPERTIES = ("url", "form", "title", "_ym_uid", "_ga", "_fbp", "_fbc", "roistat_visit")

Numbers = Mapping[str, Mapping[str, str]]
"""Tracking numbers, with the source and dealer that each is bound to."""


class Rules:
    """`vendors` are those of connected sources, by id; `now` is in UTC."""

    def __init__(self, vendors: Mapping[str, str], numbers: Numbers, box: SecretBox, now: datetime) -> None:
        self._vendors = vendors
        self._numbers = numbers
        self._box = box
        self._now = now

    def is_from_crm(self, lead: Mapping[str, Any], target: Target) -> bool:
        properties = lead.get("properties") or {}
        source = properties.get("collected_from", "")
        return bool(properties.get(MARK)) or (
            source and (source == target.options.source or self._vendors.get(source) in CRM_VENDORS)
        )

    def of_lead(self, lead: Mapping[str, Any], target: Target) -> Iterator[Arrival]:
        """One, or none where the lead is no business of this CRM."""
        options = target.options
        source = (lead.get("properties") or {}).get("collected_from", "")
        if (
            not self.is_from_crm(lead, target)
            and lead["kind"] in options.kinds
            and lead.get("dealer", "") in (options.dealers or (lead.get("dealer", ""),))
            and source in (options.sources or (source,))
            and self._is_new(lead["created_at"], target)
        ):
            status = lead.get("status", "")
            yield self._arrival(target, lead, f"it is {status}" if status in _NOT_COUNTED and not options.junk else "")

    def of_call(self, call: Mapping[str, Any], target: Target) -> Iterator[Arrival]:
        """A call to a tracking number, as the lead that it is."""
        bound = self._numbers.get(call.get("called", ""))
        if bound is None and not call.get("visitor_id"):
            return
        missed = call.get("status") in ("missed", "busy", "failed")
        wanted = {
            Calls.NONE: False, Calls.ALL: True, Calls.MISSED: missed,
            Calls.ANSWERED: call.get("status") == "answered",
        }[target.options.calls]  # fmt: skip
        if wanted and call.get("caller"):
            lead = _lead_of_call(call, bound or {}, missed=missed)
            yield from self.of_lead(lead, _taking_calls(target))

    def _is_new(self, created_at: str, target: Target) -> bool:
        at = datetime.fromisoformat(created_at)
        return at >= target.options.since and self._now - at <= OLDEST

    def _arrival(self, target: Target, lead: Mapping[str, Any], reason: str) -> Arrival:
        properties = lead.get("properties") or {}
        kept = {name: properties[name] for name in _ORIGIN_PROPERTIES if name in properties}
        origin = {name: lead[name] for name in _ORIGIN if lead.get(name)} | ({"properties": kept} if kept else {})
        contact = lead.get("phone") or lead.get("email") or ""
        return Arrival(
            target=target.id,
            id=lead["id"],
            kind=lead["kind"],
            dealer=lead.get("dealer", ""),
            created_at=datetime.fromisoformat(lead["created_at"]),
            lead=lead,
            origin=origin,
            person=self._box.mark(contact) if contact else "",
            reason=reason,
        )


def _lead_of_call(call: Mapping[str, Any], bound: Mapping[str, str], *, missed: bool) -> dict[str, Any]:
    own = {name: call[name] for name in ("visitor_id", "session_id", "source", "medium", "campaign") if call.get(name)}
    properties = call.get("properties") or {}
    source = {"collected_from": properties["collected_from"]} if "collected_from" in properties else {}
    answers = {"call": "missed" if missed else call.get("status") or "unknown", "called": call["called"]}
    return {
        **{name: value for name, value in bound.items() if value}, **own, "id": f"call:{call['id']}"[:200],
        "kind": "call", "created_at": call["started_at"], "phone": call["caller"],
        **({"dealer": call["dealer"]} if call.get("dealer") else {}), "properties": {**source, "answers": answers},
    }  # fmt: skip


def _taking_calls(target: Target) -> Target:
    """Calls are chosen by a setting of their own, not by kinds."""
    options = target.options.model_copy(update={"kinds": ("call",)})
    return Target(target.id, target.system, options, target.secrets)
