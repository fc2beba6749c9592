"""The canonical events: the language that everything above speaks.

Eight families; each is a topic of the event log, a landing table of the warehouse, and a model here, all of one name.
Unknown fields are kept in `properties`. Times are stored in UTC with milliseconds, money as decimals with four places.
"""

import hashlib
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from collectors.links import read_link
from collectors.values import (
    Cost,
    Day,
    Flag,
    Id,
    Moment,
    Money,
    Reading,
    Seconds,
    Text,
    Whole,
    Word,
    Words,
    e164,
    normal_email,
    reading_of,
)  # fmt: skip
from infra.currency import known_currency
from infra.errors import UnknownFamily


class Event(BaseModel):
    model_config = ConfigDict(extra="allow", coerce_numbers_to_str=True, frozen=True, populate_by_name=True)

    phone_fields: ClassVar[tuple[str, ...]] = ()
    hidden_fields: ClassVar[tuple[str, ...]] = ()
    """Required ones that may be empty, where the sender does name them."""

    id: Id
    properties: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _read_contacts(cls, data: Any, info: ValidationInfo) -> Any:
        """Phones become E.164 and e-mails lower case; what cannot be read is kept beside, never thrown away."""
        if not isinstance(data, dict):
            return data
        named = {name: value for name, value in data.items() if value is not None and value != ""}
        hidden = {name: "" for name in cls.hidden_fields if data.get(name) == ""}
        return _normal_contacts(hidden | named, cls.phone_fields, reading_of(info))

    def canonical(self) -> dict[str, Any]:
        """The event as it is stored: only what differs from the default, unknown fields within `properties`."""
        stored = self.model_dump(exclude_defaults=True, by_alias=True)
        unknown = self.model_extra or {}
        for name in unknown:
            stored.pop(name, None)
        if unknown:
            stored["properties"] = unknown | self.properties
        return stored


class Marked(Event):
    """An event that can say where its person came from."""

    source: Text = ""
    medium: Text = ""
    campaign: Text = ""
    content: Text = ""
    term: Text = ""


class Touch(Marked):
    """An ad click, a site visit, a click in a message, or a contact offline."""

    occurred_at: Moment
    visitor_id: Id
    session_id: Text = ""
    user_id: Text = ""
    url: Text = ""
    referrer: Text = ""
    click_ids: dict[str, Text] = Field(default_factory=dict)
    dealer: Text = ""
    contractor: Text = ""
    device: Text = ""
    region: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _read_url(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("url"), str):
            return data
        marks, clicks = read_link(data["url"])
        named = {name: value for name, value in data.items() if not _is_blank(value)}
        if clicks and isinstance(named.get("click_ids", {}), dict):
            named["click_ids"] = clicks | named.get("click_ids", {})
        return marks | named


class Call(Marked):
    phone_fields = ("caller", "called")
    hidden_fields = ("caller",)

    started_at: Moment
    caller: Text
    called: Text
    direction: Annotated[Literal["", "in", "out"], Word] = ""
    status: Annotated[Literal["", "answered", "missed", "busy", "failed"], Word] = ""
    target: Flag | None = None
    duration_s: Seconds | None = None
    talk_s: Seconds | None = None
    waiting_s: Seconds | None = None
    visitor_id: Text = ""
    session_id: Text = ""
    dealer: Text = ""
    operator: Text = ""
    recording_url: Text = ""
    tags: Words = Field(default_factory=list)


class Lead(Marked):
    phone_fields = ("phone",)

    created_at: Moment
    kind: Annotated[Literal["form", "call", "chat", "email", "messenger", "offline"], Word]
    name: Text = ""
    phone: Text = ""
    email: Text = ""
    visitor_id: Text = ""
    user_id: Text = ""
    session_id: Text = ""
    dealer: Text = ""
    product: Text = ""
    status: Annotated[Literal["", "new", "qualified", "junk", "duplicate"], Word] = ""
    manager: Text = ""
    first_response_at: Moment | None = None


class Contact(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, frozen=True)

    crm_id: Text = ""
    phone: Text = ""
    email: Text = ""


Currency = Annotated[str, BeforeValidator(lambda value: known_currency(str(value)))]


class Deal(Event):
    """One stage that a deal reached. Amount and margin are of the whole deal, as known by then."""

    deal_id: Id
    occurred_at: Moment
    stage: Annotated[
        Literal["lead", "qualified", "appointment", "visit", "test_drive", "contract", "sale", "lost"], Word
    ]
    kind: Text = ""
    lead_id: Text = ""
    contact: Contact = Field(default_factory=Contact)
    visitor_id: Text = ""
    dealer: Text = ""
    manager: Text = ""
    product: Text = ""
    amount: Cost | None = None
    margin: Money | None = None
    currency: Currency = ""
    lost_reason: Text = ""


class Spend(Event):
    """The cost of a day (`date`), or of a period (`from`, `to`) that is spread over its days.

    Without an `id`, the row is known by its days, its source and the one who pays: sent again, it replaces itself.
    """

    id: Id = ""
    from_: Day = Field(alias="from")
    to: Day
    cost: Cost
    currency: Currency = ""
    source: Text = ""
    medium: Text = ""
    campaign: Text = ""
    content: Text = ""
    dealer: Text = ""
    region: Text = ""
    contractor: Text = ""
    impressions: Annotated[Whole, Field(ge=0, le=10**12)] = 0
    clicks: Annotated[Whole, Field(ge=0, le=10**12)] = 0
    vat_included: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _read_days(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        named = {name: value for name, value in data.items() if not _is_blank(value)}
        day = named.pop("date", None)
        if day is None and not {"from", "from_", "to"} & set(named):
            raise ValueError("the day is missing: send `date`, or `from` and `to`")
        return named if day is None else {"from": day, "to": day} | named

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.to < self.from_:
            raise ValueError("`to` lies before `from`")
        if (self.to - self.from_).days > 800:
            raise ValueError("the period is longer than 800 days")
        return self

    @model_validator(mode="after")
    def _named_by_content(self) -> Self:
        return self if self.id else self.model_copy(update={"id": self._content_key()})

    def _content_key(self) -> str:
        """The same however the sender wrote the days, and as it was before rows could name a region."""
        parts = [
            self.from_, self.to, self.source, self.medium, self.campaign, self.content, self.dealer, self.contractor,
        ]  # fmt: skip
        if self.region:
            parts.append(self.region)
        text = "\x1f".join(str(part) for part in parts)
        return f"s-{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"


class Message(Event):
    occurred_at: Moment
    message_id: Id
    event: Annotated[
        Literal[
            "sent", "delivered", "opened", "clicked", "replied", "bounced", "complained", "unsubscribed", "failed"
        ],
        Word,
    ]  # fmt: skip
    person_id: Text = ""
    campaign: Text = ""
    variant: Text = ""
    channel: Text = ""
    cost: Cost = Decimal(0)
    url: Text = ""


class Action(Event):
    """Something that a visitor or customer did: a goal of the site, a product looked at, a calculator used.

    It is no touch: it says nothing of where the visitor came from.
    """

    occurred_at: Moment
    name: Id
    visitor_id: Text = ""
    user_id: Text = ""
    session_id: Text = ""
    url: Text = ""
    dealer: Text = ""
    product: Text = ""
    amount: Cost | None = None
    currency: Currency = ""


class Profile(Event):
    """What somebody says of a person: the keys named together belong to one person; traits are the properties.

    `previous_id` is a visitor or user that this person was known as before.
    """

    phone_fields = ("phone",)

    occurred_at: Moment
    visitor_id: Text = ""
    user_id: Text = ""
    previous_id: Text = ""
    crm_id: Text = ""
    name: Text = ""
    phone: Text = ""
    email: Text = ""
    dealer: Text = ""


FAMILIES: dict[str, type[Event]] = {
    "touches": Touch,
    "calls": Call,
    "leads": Lead,
    "deals": Deal,
    "spend": Spend,
    "messages": Message,
    "actions": Action,
    "profiles": Profile,
}


def family_model(family: str) -> type[Event]:
    if family not in FAMILIES:
        raise UnknownFamily(
            f"There is no event family {family!r}.",
            where="family",
            help=f"The families are {', '.join(FAMILIES)}.",
        )
    return FAMILIES[family]


def field_names(family: str) -> list[str]:
    """Every field that a sender may name, `date` of spend included."""
    names = [field.alias or name for name, field in family_model(family).model_fields.items()]
    return ["date", *names] if family == "spend" else names


def nested_fields(family: str) -> dict[str, list[str]]:
    """The fields that hold others, each with the names that it knows; none where any name will do."""
    known = {"properties": [], "click_ids": [], "contact": list(Contact.model_fields)}
    return {name: inner for name, inner in known.items() if name in family_model(family).model_fields}


def to_json(stored: dict[str, Any]) -> bytes:
    """One line of NDJSON. Times end in `Z`; decimals are text, so that no digit is lost."""
    return orjson.dumps(stored, default=_plain, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"cannot store a {type(value).__name__}")


def _normal_contacts(found: dict[str, Any], phones: tuple[str, ...], reading: Reading) -> dict[str, Any]:
    unread: dict[str, str] = {}
    for name in phones:
        _normalise(found, name, e164(str(found.get(name, "")), reading.country), unread)
    if isinstance(found.get("email"), str):
        _normalise(found, "email", normal_email(found["email"]), unread)
    if isinstance(found.get("contact"), dict):
        contact = {name: value for name, value in found["contact"].items() if value not in (None, "")}
        _normalise(contact, "phone", e164(str(contact.get("phone", "")), reading.country), unread)
        _normalise(contact, "email", normal_email(str(contact.get("email", ""))), unread)
        found["contact"] = contact
    if unread and isinstance(found.get("properties", {}), dict):
        found["properties"] = unread | found.get("properties", {})
    return found


def _normalise(found: dict[str, Any], name: str, normal: str | None, unread: dict[str, str]) -> None:
    raw = found.get(name)
    if raw in (None, "") or isinstance(raw, bool | list | dict):
        return
    if normal is None:
        unread[f"unread_{name}"] = str(raw)
    # A number that nobody can read ties nobody; the line that was called is still a line (an inner number, say).
    found[name] = normal or (str(raw) if name == "called" else "")
