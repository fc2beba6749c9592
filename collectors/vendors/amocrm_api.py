"""REST v4 of amoCRM: pages, names of statuses, and tokens that are renewed.

A refresh token dies when it is used: the new one is stored before anything else is asked.
"""

import re
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from collectors.sources.source import Source
from collectors.vendors.amocrm_cards import StatusNames, contact_of, main_contact, text
from collectors.vendors.base import Pull
from collectors.vendors.card_reading import Card, readable
from collectors.vendors.change_walk import Slice
from collectors.vendors.contacts import CrmContact
from infra.errors import VendorRefused

_PER_SECOND = 7.0
_LIMIT = "250"
_IDS_AT_ONCE = 100
_EMPTY = 204
_EXPIRED = 401
_DIGITS = 10


def has_api(source: Source) -> bool:
    return any(source.secrets.get(name) for name in ("access_token", "refresh_token", "code"))


class AmoApi:
    """The account of one source, during one pull."""

    def __init__(self, pull: Pull) -> None:
        self._pull = pull
        self._secrets = dict(pull.source.secrets)
        self._api = pull.open_api(_address(pull.source.settings["account"]), per_second=_PER_SECOND)
        self._names: StatusNames | None = None

    def __enter__(self) -> Self:
        if self._secrets.get("access_token"):
            self._authorize()
        else:
            self._renew()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._api.__exit__(kind, error, trace)

    def changed_leads(self, since: int, page: str) -> Slice:
        return self._changed("leads", since, page, [("with", "contacts,loss_reason,source_id")])

    def changed_contacts(self, since: int, page: str) -> Slice:
        return self._changed("contacts", since, page, [])

    def leads(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """Those that are still there."""
        return self._by_ids("leads", ids, [("with", "contacts,loss_reason,source_id")])

    def main_contacts(self, leads: Sequence[Card]) -> dict[str, CrmContact]:
        """By the ids of their leads."""
        of_lead = {text(raw["id"]): key for raw in leads if (key := main_contact(raw))}
        rows = self._by_ids("contacts", sorted({*of_lead.values()}), [])
        known = {contact.id: contact for contact in readable(rows, contact_of)}
        return {lead: known[key] for lead, key in of_lead.items() if key in known}

    def status_names(self) -> StatusNames:
        if self._names is None:
            told = self._get("/api/v4/leads/pipelines", [])
            self._names = {
                f"{pipeline['id']}:{status['id']}": (text(pipeline.get("name")), text(status.get("name")))
                for pipeline in _embedded(told, "pipelines")
                for status in _embedded(pipeline, "statuses")
            }
        return self._names

    def contact_by(self, key: str) -> int | None:
        """The contact that has this phone or e-mail; None where there is none."""
        found = _embedded(
            self._get("/api/v4/contacts", [("query", key.removeprefix("+")), ("limit", "10")]), "contacts"
        )
        known = readable(found, contact_of)
        same = (each for each in known if any(_same_key(key, own) for own in (*each.phones, *each.emails)))
        return next((int(each.id) for each in same), None)

    def lead_field_codes(self) -> set[str]:
        """Codes of the fields that a lead's card has."""
        codes: set[str] = set()
        page = f"/api/v4/leads/custom_fields?limit={_LIMIT}"
        while page:
            told = self._get(page, [])
            codes |= {str(each["code"]).upper() for each in _embedded(told, "custom_fields") if each.get("code")}
            page = _next_page(told)
        return codes

    def post(self, path: str, told: Any, *, once: bool = False) -> Any:
        """What is answered. Raises `AnswerLost` where what may be done only `once` may have been done."""
        answer = self._api.ask("POST", path, json=told, accept={_EXPIRED}, once=once)
        if answer.status_code == _EXPIRED:
            self._renew()
            answer = self._api.ask("POST", path, json=told, once=once)
        return answer.json()

    def _changed(self, what: str, since: int, page: str, more: list[tuple[str, str]]) -> Slice:
        asked = [("limit", _LIMIT), ("filter[updated_at][from]", str(since)), ("order[updated_at]", "asc"), *more]
        told = self._get(page or f"/api/v4/{what}", [] if page else asked)
        rows = _embedded(told, what)
        return Slice(rows, max((int(raw["updated_at"]) for raw in rows), default=since), _next_page(told))

    def _by_ids(self, what: str, ids: Sequence[str], more: list[tuple[str, str]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), _IDS_AT_ONCE):
            chosen = [("filter[id][]", key) for key in ids[start : start + _IDS_AT_ONCE]]
            found += _embedded(self._get(f"/api/v4/{what}", [("limit", _LIMIT), *chosen, *more]), what)
        return found

    def _get(self, path: str, asked: list[tuple[str, str]]) -> dict[str, Any]:
        answer = self._api.ask("GET", path, params=asked or None, accept={_EXPIRED})
        if answer.status_code == _EXPIRED:
            self._renew()
            answer = self._api.ask("GET", path, params=asked or None)
        return {} if answer.status_code == _EMPTY or not answer.content else dict(answer.json())

    def _renew(self) -> None:
        source, known = self._pull.source, self._secrets
        way = {"grant_type": "refresh_token", "refresh_token": known.get("refresh_token", "")}
        if known.get("code"):
            way = {"grant_type": "authorization_code", "code": known["code"]}
        elif not known.get("refresh_token"):
            raise VendorRefused(
                "amoCRM refuses the token.", status=_EXPIRED, help="Make a new long-lived token, and connect it again."
            )
        asked = {
            "client_id": source.settings.get("client_id", ""), "client_secret": known.get("client_secret", ""),
            "redirect_uri": source.settings.get("redirect_uri", ""), **way,
        }  # fmt: skip
        try:
            told = self._api.ask("POST", "/oauth2/access_token", json=asked).json()
        except VendorRefused as error:
            raise VendorRefused(
                f"amoCRM refuses to renew the token (status {error.status}).",
                status=_EXPIRED,
                help="Make a new authorization code or a long-lived token, and connect it again: `closedloop connect`.",
            ) from error
        fresh = {"access_token": told["access_token"], "refresh_token": told["refresh_token"], "code": ""}
        self._pull.save_secrets(fresh)
        self._secrets |= fresh
        self._authorize()

    def _authorize(self) -> None:
        self._api.set_header("Authorization", f"Bearer {self._secrets['access_token']}")


def _address(account: str) -> str:
    host = account.removeprefix("https://").strip("/ ")
    return f"https://{host if '.' in host else f'{host}.amocrm.ru'}"


def _embedded(told: dict[str, Any], what: str) -> list[dict[str, Any]]:
    return list((told.get("_embedded") or {}).get(what) or [])


def _next_page(told: dict[str, Any]) -> str:
    """Empty where there is none."""
    return _path(str(((told.get("_links") or {}).get("next") or {}).get("href") or ""))


def _same_key(key: str, own: str) -> bool:
    """Phones in any spelling; of e-mails, whatever their case."""
    if "@" in key:
        return key.casefold() == own.strip().casefold()
    digits = re.sub(r"\D", "", own)
    return len(digits) >= _DIGITS and digits[-_DIGITS:] == key[-_DIGITS:]


def _path(address: str) -> str:
    """Without its host: the token goes to the account only."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
