"""What a CRM tells of leads that it was handed: tied to the lead here, so that it counts once.

A card that was made of a lead of ours is that lead: its later version, with what the CRM knows of it (status, manager,
contact), and where it came from as we know it. A visit number that a seller wrote into a card names its visitor.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from collectors.events import to_json
from collectors.forwarding.lead import MARK, NUMBER
from collectors.forwarding.ledger import ForwardLedger, Handed
from collectors.visits.issued import NumberedVisit, VisitNumbers
from collectors.visits.number import read_number
from infra.clock import Clock
from infra.errors import DatabaseUnavailable, InvalidInput

TOLD_BY_CRMS = ("leads", "deals")
_CALL = "call:"
_OURS = b"closedloop_"
_LOOK_AGAIN = timedelta(seconds=5)


class Returning:
    """Safe to use from several threads."""

    def __init__(self, ledger: ForwardLedger, numbers: VisitNumbers, clock: Clock) -> None:
        self._ledger = ledger
        self._numbers = numbers
        self._clock = clock
        self._used = False
        self._looked_at: datetime | None = None

    def tied(self, family: str, lines: Mapping[str, bytes]) -> Mapping[str, bytes]:
        """Canonical leads or deals by id, those of ours tied to the lead, or the visit, that they name.

        Raises `DatabaseUnavailable` where any names one. Others need no database: who reads a CRM, which tells of a
        card by its own id, stops before without it, and reads the same again.
        """
        try:
            return self._tied(family, lines)
        except DatabaseUnavailable:
            if any(_OURS in line for line in lines.values()):
                raise
            return lines

    def _tied(self, family: str, lines: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if not (self._forwards() or any(_OURS in line for line in lines.values())):
            return lines
        found = {key: orjson.loads(line) for key, line in lines.items()}
        handed = self._handed(family, found)
        visits = self._visits(found)
        changed: dict[str, bytes] = {}
        for key, event in found.items():
            lead = handed.get(_mark(event)) or handed.get(
                event["id"] if family == "leads" else event.get("lead_id", "")
            )
            visit = visits.get(_number(event))
            if lead and event["id"] != lead.lead:
                event = _as_lead(event, lead) if family == "leads" else _of_lead(event, lead)
            if visit and not event.get("visitor_id"):
                event |= {"visitor_id": visit.visitor_id}
                event |= {"session_id": visit.session_id} if family == "leads" else {}
            if lead or visit:
                changed[key] = to_json(event)
        return {**lines, **changed}

    def _forwards(self) -> bool:
        """Whether a CRM is connected, looked up each few seconds until it is so."""
        now = self._clock.now()
        if not self._used and (self._looked_at is None or now - self._looked_at >= _LOOK_AGAIN):
            self._looked_at = now
            self._used = self._ledger.is_used()
        return self._used

    def _handed(self, family: str, found: Mapping[str, dict[str, Any]]) -> dict[str, Handed]:
        """By the lead's id here and by that of the CRM."""
        own = "id" if family == "leads" else "lead_id"
        leads = {mark for event in found.values() if (mark := _mark(event))}
        remotes = {key for event in found.values() if (key := event.get(own))}
        rows = self._ledger.handed(leads=leads, remotes=remotes)
        return {row.lead: row for row in rows} | {row.remote: row for row in rows if row.remote}

    def _visits(self, found: Mapping[str, dict[str, Any]]) -> dict[str, NumberedVisit]:
        numbers = {number for event in found.values() if (number := _number(event))}
        return self._numbers.visits(numbers) if numbers else {}


def _as_lead(event: dict[str, Any], lead: Handed) -> dict[str, Any]:
    """A call stays a call: the CRM's lead of it is its own, of the same visitor."""
    origin = dict(lead.origin)
    told = {**event.get("properties", {}), **origin.pop("properties", {})}
    dealer, product = (event.get(name) or origin.get(name) for name in ("dealer", "product"))
    merged = {**event, **origin, "properties": told, "id": event["id"] if lead.lead.startswith(_CALL) else lead.lead}
    return merged | {name: value for name, value in (("dealer", dealer), ("product", product)) if value}


def _of_lead(event: dict[str, Any], lead: Handed) -> dict[str, Any]:
    visitor = event.get("visitor_id") or lead.origin.get("visitor_id")
    named = {} if lead.lead.startswith(_CALL) else {"lead_id": lead.lead}
    return {**event, **named, **({"visitor_id": visitor} if visitor else {})}


def _mark(event: Mapping[str, Any]) -> str:
    return str((event.get("properties") or {}).get(MARK) or "")


def _number(event: Mapping[str, Any]) -> str:
    """The digits of the visit number that the event tells; empty where it tells none that can be one."""
    told = (event.get("properties") or {}).get(NUMBER)
    try:
        return read_number(str(told)) if told else ""
    except InvalidInput:
        return ""
