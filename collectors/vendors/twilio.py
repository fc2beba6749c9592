"""Twilio: status callbacks of calls.

A callback is signed over the public address and, of a form, the sorted names and values; blank values count, and equal
ones of one name count once. Of a JSON body the address holds the digest. Twilio signs the address with or without its
port. A shared key signs with SHA-256, which a header names. Only the last status of a call makes it, so that neither
repetitions nor the order of arrival matter; callbacks of the legs that an exchange dials on are no calls of their own.
Source: shared format notes on the official library; fields on the official documentation.
"""

import base64
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

from collectors.deliveries import Delivery
from collectors.sources.source import Source, Told
from collectors.vendors.base import Ask, Level, Reply, WebhookVendor
from collectors.vendors.call_fields import key, said, seconds
from infra.errors import InvalidInput, NotAllowed

_STATUSES = {
    "completed": "answered", "busy": "busy", "failed": "failed", "no-answer": "missed", "canceled": "missed",
}  # fmt: skip
_INBOUND = "inbound"
_SHARED_KEY = "hmac_sha256"
_PROPERTIES = {
    "AccountSid": "account_sid", "FromCity": "city", "FromState": "state", "FromCountry": "country",
    "CallStatus": "twilio_status", "RecordingSid": "recording_sid", "ForwardedFrom": "forwarded_from",
}  # fmt: skip


class Twilio(WebhookVendor):
    slug = "twilio"
    title = "Twilio"
    level = Level.DOCUMENTED
    asks = (
        Ask("auth_token", "Auth token of the account", secret=True),
        Ask("shared_key", "Secret of the shared key, where webhooks are signed with one", secret=True, required=False),
    )
    guide = (
        "Phone Numbers → the number → Voice → «Call status changes»: HTTP POST to {address}\n"
        "Set CLOSEDLOOP_PUBLIC_URL to the address that Twilio sees: it is part of the signature."
    )

    def check(self, source: Source, delivery: Delivery) -> None:
        told = delivery.headers.get("x-twilio-signature", "").encode()
        if not any(hmac.compare_digest(wanted.encode(), told) for wanted in _signatures(source, delivery)):
            raise NotAllowed(
                "The signature of the delivery is missing or wrong.",
                where="X-Twilio-Signature",
                help="Check the auth token, and that CLOSEDLOOP_PUBLIC_URL is the address that Twilio sends to.",
            )

    def reply(self, source: Source, delivery: Delivery) -> Reply:
        return Reply(b"", "text/plain", 204)

    def read(self, source: Source, delivery: Delivery) -> Iterator[Told]:
        told = dict(_pairs(delivery)) if _pairs(delivery) else dict(delivery.query_pairs())
        if "json" in delivery.media_type:
            told = {name: str(value) for name, value in delivery.json().items()}
        if told.get("CallStatus") in _STATUSES and told.get("Direction", _INBOUND) == _INBOUND:
            yield Told("calls", _call(source, told, delivery.received_at))


def signature(secret: str, address: str, pairs: Iterable[tuple[str, str]], *, algorithm: str = "sha1") -> str:
    """What Twilio signs a request to this address with."""
    values: defaultdict[str, set[str]] = defaultdict(set)
    for name, value in pairs:
        values[name].add(value)
    signed = address + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.digest(secret.encode(), signed.encode(), algorithm)).decode()


def _signatures(source: Source, delivery: Delivery) -> Iterator[str]:
    """Every signature that is right; none where the digest of the body in the address is wrong."""
    digest = dict(delivery.query_pairs()).get("bodySHA256")
    pairs = [] if digest else _pairs(delivery)
    if digest and not hmac.compare_digest(hashlib.sha256(delivery.body).hexdigest(), digest):
        return
    shared = _SHARED_KEY in delivery.headers.get("x-twilio-webhooks-signature-settings", "").lower()
    secret = source.secrets.get("shared_key", "") if shared else source.secrets["auth_token"]
    if secret:
        for address in _addresses(delivery.address):
            yield signature(secret, address, pairs, algorithm="sha256" if shared else "sha1")


def _addresses(address: str) -> tuple[str, str]:
    """With the port, and without it."""
    parts = urlsplit(address)
    host = parts.netloc.removesuffix(f":{parts.port}") if parts.port else parts.netloc
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts._replace(netloc=host).geturl(), parts._replace(netloc=f"{host}:{port}").geturl()


def _pairs(delivery: Delivery) -> list[tuple[str, str]]:
    """The pairs of a form; the query's are not signed but with the address."""
    if "json" in delivery.media_type:
        return []
    return parse_qsl(delivery.body.decode("utf-8", "replace"), keep_blank_values=True)


def _call(source: Source, told: dict[str, str], received_at: datetime) -> dict[str, object]:
    duration = seconds(told.get("CallDuration"))
    status = _STATUSES[told["CallStatus"]]
    return {
        "id": key(source, "call", told.get("CallSid")),
        "started_at": _moment(told.get("Timestamp"), received_at) - timedelta(seconds=duration),
        "caller": told.get("From", ""),
        "called": told.get("To", ""),
        "status": status,
        "duration_s": duration,
        "talk_s": duration if status == "answered" else 0,
        "recording_url": told.get("RecordingUrl", ""),
        "properties": said({ours: told.get(name) for name, ours in _PROPERTIES.items()}),
    }


def _moment(written: str | None, received_at: datetime) -> datetime:
    """The moment of the status. Raises `InvalidInput` for what is no time."""
    try:
        return parsedate_to_datetime(written) if written else received_at
    except ValueError as error:
        raise InvalidInput(f"{written!r} is no time.", where="Timestamp") from error


VENDOR = Twilio()
