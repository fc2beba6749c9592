"""Any other CRM: a POST of JSON that a template makes, signed, with an idempotency key.

`X-ClosedLoop-Signature: t=<Unix seconds>,v1=<hex of HMAC-SHA256 over "<t>.<body>">` under the shared secret. Who keeps
`Idempotency-Key` may be asked again after a lost answer; who tells by a `lookup` whether it has a lead is asked that;
of any other nobody knows, and the lead waits for a person.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import orjson
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from collectors.forwarding.lead import HandedLead
from collectors.forwarding.system import AfterLost, CrmSystem, Session
from collectors.forwarding.target import Target
from collectors.sources.source import Source
from collectors.vendors.asking import Api
from collectors.vendors.base import Ask
from infra.errors import InvalidInput

_TEMPLATES = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_MISSING = frozenset({204, 404})
_PER_SECOND = 10.0
_SAMPLE = HandedLead(
    "lead-1", "form", datetime(2026, 1, 1, tzinfo=UTC), name='Ivan "Test"', phone="+79000000001", answers={"a": "b"}
)


class WebhookSystem(CrmSystem):
    slug = "webhook"
    title = "Any CRM, by a webhook"
    vendor = ""
    asks = (
        Ask("url", "Address that takes a POST for each lead", secret=True),
        Ask("secret", "Secret that the POST is signed with", secret=True),
        Ask("template", "Template of the body: JSON with Jinja2, or @FILE that holds it; empty: all fields",
            required=False, may_be_file=True),
        Ask("lookup", "Address that tells whether a lead is there: …?id={{ lead.id | urlencode }}", secret=True,
            required=False),
        Ask("idempotent", "Does the address keep Idempotency-Key? yes or no", default="no"),
    )  # fmt: skip
    guide = (
        "Each lead is sent as JSON by POST; 2xx says that it is taken. Check X-ClosedLoop-Signature with the secret.\n"
        "If the answer is an object with an id, it is kept as the lead's id in the CRM."
    )

    def examine(self, target: Target) -> None:
        for name in ("url", "lookup"):
            text = target.secrets.get(name, "")
            if text and urlsplit(text).scheme not in ("http", "https"):
                raise InvalidInput(f"{name} is no address.", where=name, help="Write https://…")
        if target.options.account.get("idempotent", "no") not in ("yes", "no"):
            raise InvalidInput("idempotent is neither yes nor no.", where="idempotent", help="Write yes or no.")
        body_of(target, _SAMPLE)
        _rendered(target.secrets.get("lookup", ""), _SAMPLE, "lookup")

    def after_lost(self, target: Target) -> AfterLost:
        if target.secrets.get("lookup"):
            return AfterLost.LOOK
        return AfterLost.REPEAT if target.options.account.get("idempotent") == "yes" else AfterLost.ASK_A_PERSON

    def remote_lead(self, source: Source | None, card: str) -> str:
        return source.key(card) if source and card else ""

    @contextmanager
    def open(self, session: Session) -> Iterator["_Endpoint"]:
        with session.open_api(session.target.secrets["url"], per_second=_PER_SECOND) as api:
            yield _Endpoint(api, session)


class _Endpoint:
    def __init__(self, api: Api, session: Session) -> None:
        self._api = api
        self._session = session

    def find(self, lead: HandedLead, begun_at: datetime) -> str | None:
        address = _rendered(self._session.target.secrets["lookup"], lead, "lookup")
        answer = self._api.ask("GET", address, accept=_MISSING)
        if answer.status_code in _MISSING:
            return None
        told = _json(answer)
        if isinstance(told, list):
            return _id_of(told[0]) if told else None
        return _id_of(told)

    def add(self, lead: HandedLead) -> str:
        target = self._session.target
        body = body_of(target, lead)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": hashlib.sha256(f"{target.id}:{lead.id}".encode()).hexdigest()[:40],
            "X-ClosedLoop-Signature": signature(target.secrets["secret"], body, self._session.now),
        }
        return _id_of(_json(self._api.ask("POST", target.secrets["url"], content=body, headers=headers, once=True)))


def signature(secret: str, body: bytes, at: datetime) -> str:
    stamp = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def body_of(target: Target, lead: HandedLead) -> bytes:
    """The lead as JSON, by the target's template. Raises `InvalidInput` where that makes no JSON."""
    template = target.options.account.get("template", "")
    if not template:
        return orjson.dumps(_told(lead))
    try:
        return orjson.dumps(orjson.loads(_rendered(template, lead, "template")))
    except orjson.JSONDecodeError as error:
        raise InvalidInput(
            f"The template makes no JSON: {error}.",
            where="template",
            help='Write values with the filter tojson and no quotes around: {"phone": {{ lead.phone | tojson }}}.',
        ) from error


def _rendered(template: str, lead: HandedLead, where: str) -> str:
    try:
        return _TEMPLATES.from_string(template).render(lead=_told(lead))
    except (TemplateError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The {where} cannot be filled in: {error}.",
            where=where,
            help="Its fields are lead.id, lead.phone … : see docs/how-to/forward-leads.md.",
        ) from error


def _told(lead: HandedLead) -> dict[str, Any]:
    told = asdict(lead) | {"title": lead.title, "note": lead.note, "created_at": lead.created_at.isoformat()}
    return told | {"answers": dict(lead.answers), "pages": list(lead.pages)}


def _json(answer: httpx.Response) -> Any:
    try:
        return orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return None


def _id_of(told: Any) -> str:
    return str(told.get("id") or "")[:100] if isinstance(told, dict) else ""


WEBHOOK = WebhookSystem()
