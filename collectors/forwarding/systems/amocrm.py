"""amoCRM and Kommo: a deal and its contact in one call (`leads/complex`), with fields of ours beside.

The call has no idempotency key. The field `CLOSEDLOOP_LEAD` holds the lead's id here: after a lost answer, what changed
since the call began is read, and looked through for it. Reading a list is exact, unlike the CRM's search, which lags.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from collectors.forwarding.lead import CARD, MARK, NUMBER, VISIT, HandedLead
from collectors.forwarding.system import CrmSystem, Session
from collectors.vendors.amocrm_api import AmoApi
from collectors.vendors.base import Ask
from collectors.vendors.change_walk import by_change

_NOTE = "closedloop_note"
_FIELDS = {
    MARK: ("text", "Closed Loop: lead"), VISIT: ("text", "Closed Loop: visitor"),
    NUMBER: ("text", "Visit number"), CARD: ("url", "Visit card"), _NOTE: ("textarea", "Where it came from"),
}  # fmt: skip
_OTHER_CLOCK = timedelta(minutes=5)
_LONGEST_TEXT = 250


class AmoCrmSystem(CrmSystem):
    slug = "amocrm"
    title = "amoCRM / Kommo"
    vendor = "amocrm"
    asks = (
        Ask("pipeline_id", "Id of the pipeline; empty: the main one", required=False),
        Ask("status_id", "Id of the status in it; empty: the first", required=False),
        Ask("responsible_user_id", "Id of the user whom leads are given to", required=False),
    )
    guide = (
        "The connected source's token must be allowed to write. Five fields of the card (visit number, visit card …)\n"
        "are made at the first lead, which takes an administrator's token; else make them with these codes:\n"
        "CLOSEDLOOP_LEAD, CLOSEDLOOP_VISIT, CLOSEDLOOP_NUMBER, CLOSEDLOOP_NOTE, CLOSEDLOOP_CARD (link)."
    )

    @contextmanager
    def open(self, session: Session) -> Iterator["_Account"]:
        with AmoApi(session.pull) as api:
            yield _Account(api, session.account)


class _Account:
    def __init__(self, api: AmoApi, account: Mapping[str, str]) -> None:
        self._api = api
        self._account = account
        self._codes: frozenset[str] | None = None

    def find(self, lead: HandedLead, begun_at: datetime) -> str | None:
        since = int((begun_at - _OTHER_CLOCK).timestamp())
        rows = (raw for page in by_change(self._api.changed_leads, since) for raw in page.rows)
        return next((str(raw["id"]) for raw in rows if _mark_of(raw) == lead.id), None)

    def add(self, lead: HandedLead) -> str:
        told = {
            "name": lead.title,
            **{name: int(value) for name, value in self._account.items() if value.isdecimal()},
            "custom_fields_values": self._values(lead),
            "_embedded": {"contacts": [self._contact(lead)]},
        }
        (made,) = self._api.post("/api/v4/leads/complex", [told], once=True)
        return str(made["id"])

    def _values(self, lead: HandedLead) -> list[dict[str, Any]]:
        ours = {MARK: lead.id, VISIT: lead.visitor_id, NUMBER: lead.number, CARD: lead.card_url, _NOTE: lead.note}
        known = self._known_codes()
        told = {name.upper(): value for name, value in (ours | lead.utm).items() if value}
        return [
            {"field_code": code, "values": [{"value": value if code == _NOTE.upper() else value[:_LONGEST_TEXT]}]}
            for code, value in told.items()
            if code in known or code.lower() in _FIELDS
        ]

    def _contact(self, lead: HandedLead) -> dict[str, Any]:
        """Who is known by the phone or e-mail already; else a new one."""
        for key in (lead.phone, lead.email):
            if key and (known := self._api.contact_by(key)):
                return {"id": known}
        keys = {"PHONE": lead.phone, "EMAIL": lead.email}
        values = [
            {"field_code": code, "values": [{"value": value, "enum_code": "WORK"}]}
            for code, value in keys.items()
            if value
        ]
        return {"name": lead.name or lead.phone or lead.email, "custom_fields_values": values or None}

    def _known_codes(self) -> frozenset[str]:
        """Codes of the fields of a lead; ours are made where they are missing."""
        if self._codes is None:
            codes = self._api.lead_field_codes()
            missing = [name for name in _FIELDS if name.upper() not in codes]
            if missing:
                told = [{"name": _FIELDS[name][1], "type": _FIELDS[name][0], "code": name.upper()} for name in missing]
                self._api.post("/api/v4/leads/custom_fields", told)
            self._codes = frozenset(codes)
        return self._codes


def _mark_of(raw: Mapping[str, Any]) -> str:
    fields = raw.get("custom_fields_values") or []
    return next((str(each["values"][0]["value"]) for each in fields if each.get("field_code") == MARK.upper()), "")


AMOCRM = AmoCrmSystem()
