"""Meta: events of the Conversions API, by the click's `fbc`, the browser's `fbp` and hashed contacts.

`event_id` is the conversion's own id: with the same `event_name` the same event again, from here or from the pixel, is
dropped for 48 hours. Later it would count again, so a request whose answer was lost is repeated for 47. Nothing that
was sent can be corrected. An event older than 7 days is refused, and its whole request with it: an hour is left for the
way.
Source: developers.facebook.com, «Conversions API: parameters» and «Handling errors»; facebook-python-business-sdk 25.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from attribution.outbound.export import Click, Destination, Export
from attribution.outbound.hashing import META
from attribution.outbound.system import Receipt, Refusal, Session, State, Verdict
from collectors.vendors.base import Ask
from infra.errors import AnswerLost, VendorRefused, VendorUnavailable

_ADDRESS = "https://graph.facebook.com"
_VERSION = "v25.0"
_EXPLAINED = (400, 401, 403)
_KEYS = frozenset({10, 102, 104, 190, *range(200, 300)})
_BUSY = frozenset({4, 17, 32, 341, 368, 613, *range(80000, 80015)})
_TRANSIENT = frozenset({1, 2})
_WAIT_WHEN_BUSY = 300.0


class Meta:
    slug = "meta"
    title = "Meta"
    country = "US"
    asks = (
        Ask("pixel_id", "Number of the pixel (dataset)"),
        Ask("access_token", "Access token of the Conversions API", secret=True),
        Ask("test_event_code", "Code of a test: its events are only shown under «Test events»", required=False),
    )
    guide = (
        "In the Events Manager: the pixel's settings → Conversions API → generate an access token. The name that a\n"
        "kind of conversion gets here is the event's: Purchase, Lead, Schedule, or one of your own."
    )
    click_ids = ("fbclid", "fbc", "_fbc")
    cookies = ("fbp", "_fbp")
    uses = ("phone", "email")
    reach = timedelta(days=90)
    oldest = timedelta(days=6, hours=23)
    most = 1000
    takes_updates = False
    repeatable_for = timedelta(hours=47)

    def lane(self, export: Export, destination: Destination) -> str | None:
        return "" if _user(export) else None

    def hand_over(self, session: Session, exports: Sequence[Export], batch: str) -> Receipt | Refusal:
        account = session.destination.options.account
        request: dict[str, Any] = {"data": [_event(session, each) for each in exports]}
        if code := account.get("test_event_code"):
            request["test_event_code"] = code
        # in the body, not in the address: addresses end up in the logs of whatever lies between
        request["access_token"] = session.destination.secrets["access_token"]
        with session.open_api(_ADDRESS, per_second=4.0, timeout=60.0) as api:
            path = f"/{_VERSION}/{account['pixel_id']}/events"
            answer = api.ask("POST", path, once=True, accept=_EXPLAINED, json=request)
        if answer.status_code in _EXPLAINED:
            return _refusal(answer)
        return _receipt(answer.json(), len(exports))

    def verdicts(self, session: Session, receipt: str, kinds: Iterable[str]) -> Mapping[str, Verdict]:
        return {}

    def find(self, session: Session, batch: str) -> Receipt | None:
        return None


def _event(session: Session, export: Export) -> dict[str, Any]:
    custom: dict[str, Any] = {"order_id": export.id, "lead_event_source": "CRM", "event_source": "crm"}
    if export.value is not None:
        custom |= {"currency": session.currency, "value": float(export.value)}
    return {
        "event_name": session.destination.options.conversions[export.kind],
        "event_time": int(export.at.timestamp()),
        "event_id": export.id,
        "action_source": "system_generated",
        "user_data": _user(export),
        "custom_data": custom,
    }


def _user(export: Export) -> dict[str, Any]:
    known = {
        "em": list(dict.fromkeys(filter(None, map(META.email, export.emails)))),
        "ph": list(dict.fromkeys(filter(None, map(META.phone, export.phones)))),
        "fbc": fbc(export.click) if export.click else "",
        "fbp": export.cookie,
    }
    return {name: value for name, value in known.items() if value}


def fbc(click: Click) -> str:
    """As the pixel's own cookie writes it, or has written it; the click id keeps its case."""
    if click.name != "fbclid":
        return click.value
    return f"fb.1.{round(click.at.timestamp() * 1000)}.{click.value}"


def _receipt(told: Mapping[str, Any], count: int) -> Receipt:
    taken = int(told["events_received"])
    trace = str(told.get("fbtrace_id", ""))
    if taken < count:
        return Receipt(trace, State.PARTLY, f"Meta received {taken} of {count} events of the request")
    return Receipt(trace, State.ACCEPTED)


def _refusal(answer: httpx.Response) -> Refusal:
    """Raises what is about our keys or Meta's load; the rest is about the events."""
    error = answer.json()["error"]
    code, message = error.get("code"), str(error.get("error_user_msg") or error.get("message"))[:300]
    if code in _KEYS:
        raise VendorRefused(f"Meta refuses the access token (code {code}).", status=answer.status_code)
    if code in _BUSY:
        raise VendorUnavailable(f"Meta takes no more for now (code {code}).", retry_after=_WAIT_WHEN_BUSY)
    if code in _TRANSIENT or error.get("is_transient"):
        raise AnswerLost(f"Meta is out of order (code {code}).", retry_after=_WAIT_WHEN_BUSY)
    return Refusal(message)


SYSTEM = Meta()
