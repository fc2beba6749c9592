"""Google Ads: events of the Data Manager API, by click id and hashed contacts.

`transactionId` is the conversion's own id: the same event again is a correction, whose value replaces the first, so
that a repetition does no harm. A cancelled conversion is corrected to the value 0; Google goes on counting it. What
became of a request is told some time after, by destination and in numbers only: where it failed in part, nobody says
which conversions failed.
Source: developers.google.com/data-manager, the reference of v1, «Conversion adjustments», «Diagnostics», and the
messages of google-ads-datamanager 0.9.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Any

import httpx2 as httpx

from attribution.outbound.export import Destination, Export
from attribution.outbound.hashing import GOOGLE
from attribution.outbound.options import Consent
from attribution.outbound.system import Receipt, Refusal, Session, State, Verdict
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask
from infra.errors import VendorRefused

_ADDRESS = "https://datamanager.googleapis.com"
_TOKENS = "https://oauth2.googleapis.com"
_INVALID = 400
_MOST_IDENTIFIERS = 10
_IN_STORE = ("visit", "sale", "service_visit")
_THERE_ALREADY = "DUPLICATE_TRANSACTION_ID"
_PLACE = re.compile(r"events\[(\d+)\]")


class Google:
    slug = "google"
    title = "Google Ads"
    country = "US"
    asks = (
        Ask("customer_id", "Number of the Google Ads account that the conversion actions belong to"),
        Ask("login_customer_id", "Number of the manager account, if you come through one", required=False),
        Ask("client_id", "OAuth client id"),
        Ask("client_secret", "OAuth client secret", secret=True),
        Ask("refresh_token", "Refresh token with the scope https://www.googleapis.com/auth/datamanager", secret=True),
    )
    guide = (
        "In Google Ads: make a conversion action of the source «Import», by clicks, for each kind of conversion. The\n"
        "name that a kind gets here is its number: `ctId` in the address of its page. In Google Cloud: switch the\n"
        "Data Manager API on."
    )
    click_ids = ("gclid", "gbraid", "wbraid")
    cookies = ()
    uses = ("phone", "email")
    reach = timedelta(days=90)
    oldest = timedelta(days=90)
    most = 2000
    takes_updates = True
    repeatable_for = timedelta(days=3650)

    def lane(self, export: Export, destination: Destination) -> str | None:
        return "" if export.click or _identifiers(export) else None

    def hand_over(self, session: Session, exports: Sequence[Export], batch: str) -> Receipt | Refusal:
        with _api(session) as api:
            answer = api.ask(
                "POST", "/v1/events:ingest", once=True, accept=(_INVALID,), json=_request(session, exports)
            )
        if answer.status_code == _INVALID:
            return _refusal(answer, len(exports))
        return Receipt(str(answer.json()["requestId"]))

    def verdicts(self, session: Session, receipt: str, kinds: Iterable[str]) -> Mapping[str, Verdict]:
        with _api(session) as api:
            told = api.ask("GET", "/v1/requestStatus:retrieve", params={"requestId": receipt}).json()
        names = {name: kind for kind, name in session.destination.options.conversions.items()}
        found = {}
        for each in told.get("requestStatusPerDestination", []):
            kind = names.get(str(each.get("destination", {}).get("productDestinationId")))
            if kind and (verdict := _verdict(each)):
                found[kind] = verdict
        return found

    def find(self, session: Session, batch: str) -> Receipt | None:
        return None


def _api(session: Session) -> Api:
    headers = {"Authorization": f"Bearer {_access_token(session)}"}
    return session.open_api(_ADDRESS, headers=headers, per_second=4.0, timeout=60.0)


def _access_token(session: Session) -> str:
    """A token of an hour. Raises `VendorRefused` where the refresh token was withdrawn or has run out."""
    secrets = session.destination.secrets
    form = {
        "grant_type": "refresh_token",
        "client_id": session.destination.options.account["client_id"],
        "client_secret": secrets["client_secret"],
        "refresh_token": secrets["refresh_token"],
    }
    with session.open_api(_TOKENS, replaced_by="token_url") as api:
        answer = api.ask("POST", "/token", accept=(_INVALID, 401), data=form)
    if not answer.is_success:
        raise VendorRefused("Google takes the refresh token no more.", status=answer.status_code)
    return str(answer.json()["access_token"])


def _request(session: Session, exports: Sequence[Export]) -> dict[str, Any]:
    kinds = sorted({each.kind for each in exports})
    return {
        "encoding": "HEX",
        "destinations": [_destination(session.destination, kind) for kind in kinds],
        "events": [_event(session, each) for each in exports],
    }


def _destination(destination: Destination, kind: str) -> dict[str, Any]:
    account = destination.options.account
    told = {
        "reference": kind,
        "operatingAccount": _account(account["customer_id"]),
        "productDestinationId": destination.options.conversions[kind],
    }
    manager = account.get("login_customer_id", "")
    return told | ({"loginAccount": _account(manager)} if manager else {})


def _account(number: str) -> dict[str, str]:
    return {"accountType": "GOOGLE_ADS", "accountId": number.replace("-", "")}


def _event(session: Session, export: Export) -> dict[str, Any]:
    event: dict[str, Any] = {
        "destinationReferences": [export.kind],
        "transactionId": export.id,
        "eventTimestamp": export.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "IN_STORE" if export.kind in _IN_STORE else "OTHER",
    }
    if export.value is not None:
        event |= {"currency": session.currency, "conversionValue": float(export.value)}
    if export.click:
        event["adIdentifiers"] = {export.click.name: export.click.value}
    if identifiers := _identifiers(export):
        event["userData"] = {"userIdentifiers": identifiers}
    if consent := _consent(session.destination, export):
        event["consent"] = consent
    return event


def _identifiers(export: Export) -> list[dict[str, str]]:
    emails = dict.fromkeys(filter(None, map(GOOGLE.email, export.emails)))
    phones = dict.fromkeys(filter(None, map(GOOGLE.phone, export.phones)))
    found = [{"emailAddress": each} for each in emails] + [{"phoneNumber": each} for each in phones]
    return found[:_MOST_IDENTIFIERS]


def _consent(destination: Destination, export: Export) -> dict[str, str]:
    """What was said; and consent to the use of data where the account answers for it. Nothing else is claimed."""
    assumed = "granted" if destination.options.consent is Consent.ASSUMED else ""
    said = {"adUserData": export.ad_user_data or assumed, "adPersonalization": export.ad_personalization}
    return {name: f"CONSENT_{word.upper()}" for name, word in said.items() if word}


def _refusal(answer: httpx.Response, count: int) -> Refusal:
    """Google takes nothing of a request in which a field is wrong, and names the fields."""
    error = answer.json().get("error", {})
    items: dict[int, str] = {}
    for detail in error.get("details", []):
        for violation in detail.get("fieldViolations", []):
            places = _PLACE.findall(str(violation.get("field", "")))
            if places and int(places[-1]) < count:
                items.setdefault(int(places[-1]), str(violation.get("reason") or violation.get("description"))[:300])
    return Refusal(str(error.get("message", "the request is invalid"))[:300], items)


def _verdict(told: Mapping[str, Any]) -> Verdict | None:
    counts = told.get("errorInfo", {}).get("errorCounts", [])
    reasons = {str(each.get("reason", "")).removeprefix("PROCESSING_ERROR_").removeprefix("REASON_") for each in counts}
    match told.get("requestStatus"):
        case "SUCCESS":
            return Verdict(State.ACCEPTED)
        case "FAILED" | "PARTIAL_SUCCESS" if reasons == {_THERE_ALREADY}:
            return Verdict(State.ACCEPTED)
        case "FAILED":
            return Verdict(State.REJECTED, ", ".join(sorted(reasons)) or "Google gives no reason")
        case "PARTIAL_SUCCESS":
            failed = sum(int(each.get("recordCount", 0)) for each in counts)
            of = told.get("eventsIngestionStatus", {}).get("recordCount", "all")
            return Verdict(State.PARTLY, f"Google failed {failed} of {of} of the request: {', '.join(sorted(reasons))}")
    return None


SYSTEM = Google()
