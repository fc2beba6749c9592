"""The events of a `track` message: the action itself, and the lead, call or stage of a deal that its name means."""

from collections.abc import Container, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from collectors.events import Call, Lead
from collectors.protocols.fields import first, members, named
from collectors.protocols.message import Message

_PHONES = ("phone", "phone_number", "phoneNumber")
_EMAILS = ("email", "email_address")
CONTACTS = frozenset(
    [*_PHONES, *_EMAILS, "customer_name", "contact_name", "full_name", "caller", "called", "from", "to"]
)
"""Properties that say who somebody is: a lead, a deal or a call holds them in its own fields."""

_AMOUNTS = ("revenue", "total", "value", "amount")
_PRODUCTS = ("product", "model", "vehicle", "product_name", "item_name", "car")
_DEAL_IDS = ("deal_id", "dealId", "order_id", "orderId", "transaction_id", "opportunity_id", "lead_id", "leadId")
_LONGEST_PRODUCT = 500
_LEAD_STATUSES = frozenset(get_args(Lead.model_fields["status"].annotation))
_CALL_STATUSES = frozenset(get_args(Call.model_fields["status"].annotation))


def action(message: Message, name: str, currency: str, taken: Container[str] = ()) -> dict[str, Any]:
    """An amount that is none, or is of another currency than the account's, stays in the properties.

    Those `taken` are told by another event: how to reach the person, say.
    """
    told = message.properties
    amount = first(told, *_AMOUNTS, "price")
    counts = _is_amount(amount) and first(told, "currency").upper() in ("", currency)
    return named(
        id=message.id, occurred_at=message.at, name=name, visitor_id=message.visitor, user_id=message.user,
        session_id=message.session, url=message.url, dealer=message.dealer, product=_product(told),
        amount=amount if counts else "", currency=first(told, "currency") if counts else "",
        properties=message.rest(taken),
    )  # fmt: skip


def lead(message: Message, name: str, kind: str) -> dict[str, Any]:
    told = message.properties
    status = first(told, "status").lower()
    return named(
        id=first(told, "lead_id", "leadId") or message.id, created_at=message.at, kind=kind,
        **_person(message), visitor_id=message.visitor, user_id=message.user, session_id=message.session,
        **message.campaign()[0], dealer=message.dealer, product=_product(told),
        status=status if status in _LEAD_STATUSES else "", manager=first(told, "manager"),
        properties={**message.rest(CONTACTS), "event": name},
    )  # fmt: skip


def call(message: Message) -> dict[str, Any]:
    told = message.properties
    status = first(told, "status", "call_status").lower()
    found = named(
        id=first(told, "call_id", "callId") or message.id, started_at=message.at,
        called=first(told, "called", "to", "callee", "tracking_number", "line"),
        status=status if status in _CALL_STATUSES else "", duration_s=first(told, "duration_s", "duration"),
        talk_s=first(told, "talk_s", "talk_time"), waiting_s=first(told, "waiting_s", "wait_time"),
        visitor_id=message.visitor, session_id=message.session, **message.campaign()[0], dealer=message.dealer,
        operator=first(told, "operator", "agent"), recording_url=first(told, "recording_url", "recording"),
        properties=message.rest(CONTACTS),
    )  # fmt: skip
    caller = first([told, message.traits], "caller", "from", *_PHONES)
    return {**found, "caller": caller}


def deal(message: Message, name: str, stage: str) -> dict[str, Any]:
    """A deal that no property names is one of its own: a sale is not lost for want of a number."""
    told = message.properties
    person = _person(message)
    return named(
        id=message.id, deal_id=first(told, *_DEAL_IDS) or message.id, occurred_at=message.at, stage=stage,
        kind=first(told, "kind", "deal_kind", "deal_type"), lead_id=first(told, "lead_id", "leadId"),
        contact=named(crm_id=first([told, message.traits], "crm_id", "crmId", "contact_id"),
                      phone=person.get("phone"), email=person.get("email")),
        visitor_id=message.visitor, dealer=message.dealer, manager=first(told, "manager"), product=_product(told),
        amount=first(told, *_AMOUNTS), margin=first(told, "margin", "profit"), currency=first(told, "currency"),
        lost_reason=first(told, "lost_reason", "reason"), properties={**message.rest(CONTACTS), "event": name},
    )  # fmt: skip


def _person(message: Message) -> dict[str, str]:
    """The person that the properties name, else the traits; a name beside a product is the product's."""
    sources: list[Mapping[str, Any]] = [message.properties, message.traits]
    names_product = {"product_id", "sku", "products", "items"} & message.properties.keys()
    own_names = ["customer_name", "contact_name", "full_name"] + ([] if names_product else ["name"])
    return named(
        name=first(message.properties, *own_names) or first(message.traits, "name"),
        phone=first(sources, *_PHONES),
        email=first(sources, *_EMAILS),
    )


def _product(told: Mapping[str, Any]) -> str:
    """The one that is named, or the names of all."""
    if found := first(told, *_PRODUCTS):
        return found
    if "product_id" in told or "sku" in told:
        return first(told, "name")
    items = told.get("products") or told.get("items")
    names = [first(members(each), "name", "item_name") for each in items] if isinstance(items, list) else []
    return ", ".join(filter(None, names))[:_LONGEST_PRODUCT]


def _is_amount(value: str) -> bool:
    try:
        return 0 <= Decimal(value) < Decimal(10) ** 13
    except InvalidOperation:
        return False
