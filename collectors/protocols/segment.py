"""From a message of Segment's form to canonical events.

`page` and `screen` are touches, but a further page of a visit is an action; `track` is an action, and what its name
means besides; `identify` and `alias` are profiles; `group` is an action. An event's id is the message's, so that a
message that is sent again counts once.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from collectors.protocols import meanings, tracked
from collectors.protocols.fields import first, named, text
from collectors.protocols.meanings import Meanings
from collectors.protocols.message import Message
from collectors.sources.source import Told
from infra.errors import InvalidInput

FURTHER_PAGE = "page"
_TOLD_ELSEWHERE = frozenset({"name", "phone", "email", "crm_id", "dealer"})
KINDS = ("identify", "track", "page", "screen", "group", "alias")


class SegmentReader:
    def __init__(self, meanings: Meanings, zone: ZoneInfo, currency: Callable[[], str]) -> None:
        """`zone` and `currency` are the account's; `currency` is asked for at each message."""
        self._meanings = meanings
        self._zone = zone
        self._currency = currency

    def read(self, told: Mapping[str, Any], received: datetime) -> list[Told]:
        """The events of one message that came in at `received`. Raises `InvalidInput` for what is no message."""
        message = Message.parse(told, received, self._zone)
        if message.kind == "page" and message.goes_on:
            action = tracked.action(message, FURTHER_PAGE, self._currency())
            return [Told("actions", {**action, "properties": {**message.rest(), **_shown(message)}})]
        if message.kind in ("page", "screen"):
            return [Told("touches", touch(message))]
        if message.kind == "track":
            return list(self._track(message))
        if message.kind == "group":
            return [Told("actions", _joined(message))]
        if message.kind in ("identify", "alias"):
            return [Told("profiles", _profile(message))]
        raise InvalidInput(f"the type {message.kind!r} is not known: it is one of {', '.join(KINDS)}")

    def _track(self, message: Message) -> Iterator[Told]:
        name = text(message.told.get("event"))
        meaning, detail = self._meanings.of(name)
        taken = () if meaning == meanings.ACTION else tracked.CONTACTS
        yield Told("actions", tracked.action(message, name, self._currency(), taken))
        if meaning == meanings.TOUCH:
            yield Told("touches", touch(message))
        elif meaning == meanings.LEAD:
            yield Told("leads", tracked.lead(message, name, detail))
        elif meaning == meanings.CALL:
            yield Told("calls", tracked.call(message))
        elif meaning == meanings.DEAL:
            yield Told("deals", tracked.deal(message, name, detail))


def touch(message: Message) -> dict[str, Any]:
    marks, click_ids = message.campaign()
    return named(
        id=message.id, occurred_at=message.at, visitor_id=message.visitor, user_id=message.user,
        session_id=message.session, url=message.url, referrer=message.referrer, **marks,
        click_ids=click_ids, dealer=message.dealer, contractor=first(message.properties, "contractor"),
        device=message.device, region=message.region, properties={**message.rest(), **_shown(message)},
    )  # fmt: skip


def _shown(message: Message) -> dict[str, Any]:
    """What the visitor saw."""
    return named(
        name=first(message.told, "name") or first(message.properties, "name"),
        category=first(message.told, "category"),
        title=first(message.page, "title", "page_title"),
        kind=message.kind if message.kind == "screen" else "",
    )


def _joined(message: Message) -> dict[str, Any]:
    return named(
        id=message.id, occurred_at=message.at, name="Group Joined", visitor_id=message.visitor, user_id=message.user,
        session_id=message.session,
        properties={**message.rest(), **named(group_id=text(message.told.get("groupId")), traits=message.traits)},
    )  # fmt: skip


def _profile(message: Message) -> dict[str, Any]:
    traits = message.traits
    names = (first(traits, "firstName", "first_name"), first(traits, "lastName", "last_name"))
    return named(
        id=message.id, occurred_at=message.at, visitor_id=message.visitor, user_id=message.user,
        previous_id=text(message.told.get("previousId")), crm_id=first(traits, "crm_id", "crmId", "contact_id"),
        name=first(traits, "name", "fullName", "full_name") or " ".join(filter(None, names)),
        phone=first(traits, "phone", "phone_number", "phoneNumber"), email=first(traits, "email", "email_address"),
        dealer=message.dealer,
        properties={name: value for name, value in traits.items() if name not in _TOLD_ELSEWHERE},
    )  # fmt: skip
