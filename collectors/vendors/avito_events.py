"""What Avito tells of calls, chats and their prices, as events.

Prices are in kopecks. A price is the cost of its day, under the group of the advertisement as campaign and the
advertisement as content: the same marks that the call or chat carries. What was found to be no target is not paid for.
`user_id` is `avito:` and Avito's number of the buyer: it ties chats of one person.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import phonenumbers

from collectors.sources.source import Source
from collectors.vendors.spending import AdDay

_STATUSES = ("target", "on moderation", "target after moderation", "no target after moderation")
_NO_TARGET = 3
_KOPECK = Decimal("0.01")
_COUNTRY = "RU"
_CURRENCY = "RUB"


def cpa_call(source: Source, call: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """A call that is paid for by itself."""
    return {
        "id": source.key("call", call["id"]),
        "started_at": call["startTime"],
        **_heard(call, "duration"),
        "recording_url": call.get("recordUrl") or "",
        "campaign": call.get("groupTitle") or "",
        "content": str(call.get("itemId") or ""),
        "properties": {
            "cpa_status": _status(call),
            "price": _roubles(call.get("price")),
            "action_id": call.get("actionId"),
            "seller_phone": call.get("sellerPhone"),
        },
        **marks,
    }


def _heard(call: Mapping[str, Any], talk: str) -> dict[str, Any]:
    """Who called whom, and for how long they talked: the field `talk` says it in seconds."""
    talked = int(call.get(talk) or 0)
    return {
        "caller": str(call.get("buyerPhone") or ""),
        "called": str(call.get("virtualPhone") or call.get("sellerPhone") or ""),
        "status": "answered" if talked else "missed",
        "talk_s": talked,
        "waiting_s": round(call.get("waitingDuration") or 0),
    }


def tracked_call(source: Source, call: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """A call by Avito's call tracking."""
    return {
        "id": source.key("tracked-call", call["callId"]),
        "started_at": call["callTime"],
        **_heard(call, "talkDuration"),
        "content": str(call.get("itemId") or ""),
        "properties": {"seller_phone": call.get("sellerPhone")},
        **marks,
    }


def cpa_chat(source: Source, told: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """A chat that is paid for by itself: its phone stands in the message."""
    chat, item, buyer = (told.get(name) or {} for name in ("chat", "item", "buyer"))
    return {
        "id": source.key("chat", chat["actionId"]),
        "created_at": chat["date"],
        "kind": "chat",
        "name": buyer.get("name") or "",
        "phone": phone_in(chat.get("message") or ""),
        "user_id": f"avito:{buyer['buyerId']}" if buyer.get("buyerId") else "",
        "product": item.get("title") or "",
        "campaign": chat.get("group") or "",
        "content": str(item.get("itemId") or ""),
        "properties": {
            "cpa_status": chat.get("status"),
            "price": _roubles(chat.get("pricePenny")),
            "contact_type": chat.get("contactType"),
            "chat_id": chat.get("channelId"),
            "item_url": item.get("url"),
        },
        **marks,
    }


def messenger_lead(
    source: Source, own: str, chat: Mapping[str, Any], messages: Sequence[Mapping[str, Any]], marks: Mapping[str, str]
) -> dict[str, Any]:
    """A chat of the messenger with the user `own`, whatever was written in it since."""
    buyers = [user for user in chat.get("users", []) if str(user.get("id")) != own]
    buyer: Mapping[str, Any] = buyers[0] if buyers else {}
    item = (chat.get("context") or {}).get("value") or {}
    by_time = sorted(messages, key=_written)
    phones = [phone_in(_text(each)) for each in by_time if str(each.get("author_id")) != own]
    created = chat.get("created") or _written(by_time[0])
    return {
        "id": source.key("messenger", chat["id"]),
        "created_at": datetime.fromtimestamp(created, UTC),
        "kind": "messenger",
        "name": buyer.get("name") or "",
        "phone": next(filter(None, phones), ""),
        "user_id": f"avito:{buyer['id']}" if buyer.get("id") else "",
        "product": item.get("title") or "",
        "content": str(item.get("id") or ""),
        "properties": {"chat_id": chat["id"], "item_url": item.get("url")},
        **marks,
    }


def call_price(source: Source, call: Mapping[str, Any]) -> AdDay:
    kopecks = call.get("price") if call.get("statusId") != _NO_TARGET else 0
    return _price(source, call["startTime"], kopecks, call.get("groupTitle"), call.get("itemId"))


def chat_price(source: Source, told: Mapping[str, Any]) -> AdDay:
    chat, item = told["chat"], told.get("item") or {}
    return _price(source, chat["date"], chat.get("pricePenny"), chat.get("group"), item.get("itemId"))


def phone_in(text: str) -> str:
    """The first phone of a text, in E.164."""
    for found in phonenumbers.PhoneNumberMatcher(text, _COUNTRY):
        return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    return ""


def _price(source: Source, moment: str, kopecks: Any, group: Any, item: Any) -> AdDay:
    return AdDay(
        day=datetime.fromisoformat(moment).astimezone(source.timezone).date(),
        campaign=str(group or ""),
        ad=str(item or ""),
        cost=Decimal(kopecks or 0) * _KOPECK,
        currency=_CURRENCY,
    )


def _roubles(kopecks: Any) -> str:
    return f"{Decimal(kopecks or 0) * _KOPECK:f}"


def _status(call: Mapping[str, Any]) -> str:
    number = call.get("statusId")
    return _STATUSES[number] if isinstance(number, int) and 0 <= number < len(_STATUSES) else str(number or "")


def _text(message: Mapping[str, Any]) -> str:
    return str((message.get("content") or {}).get("text") or "")


def _written(message: Mapping[str, Any]) -> int:
    return int(message.get("created") or 0)
