"""Events that came plainly, just as they are stored: read in C, many times faster than by their models.

What `plain_lines` returns for an item is byte for byte what its model would have stored. It takes only what it is
sure of; whatever else comes (a date in another spelling, spaces to trim, an unknown field, an error) is the model's
to read, and so are costs of periods, and deals with their money and contacts, which are few. A property test holds
the two against each other.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from collectors.events import FAMILIES, Event, to_json
from collectors.items import Item
from collectors.links import read_link
from collectors.values import (
    CLOCK_SKEW,
    EARLIEST,
    LONGEST_ID,
    LONGEST_TEXT,
    MOST_SECONDS,
    Cost,
    Id,
    Moment,
    Reading,
    Seconds,
    Text,
    Words,
    e164,
    normal_email,
    read_money,
)  # fmt: skip

Line = tuple[str, bytes]
"""An event's id, and the line of JSON that is stored for it."""

_PLAIN = tuple(family for family in FAMILIES if family != "spend")  # its days are read together
_SHORTEST_MOMENT = len("2026-01-31T09:00:00Z")
_ID = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)]
_TEXT = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT)]
_WIRE: list[tuple[Any, Any]] = [
    (Id, _ID),
    (Text, _TEXT),
    (Moment, str),
    (Moment | None, str | None),
    (Seconds | None, Annotated[int, msgspec.Meta(ge=0, le=MOST_SECONDS)] | None),
    (Cost, str | int | float),
    (Words, list[_TEXT]),
    (dict[str, Text], dict[str, _TEXT]),
    (dict[str, Any], dict[str, Any]),
]
"""How each kind of value stands in a plain event. A field of another kind makes it the model's to read."""

_LEADS_OF_SPACE = (b"\xc2", b"\xe1", b"\xe2", b"\xe3")
"""First bytes of white space in UTF-8, with which no Latin and no Cyrillic letter begins."""
_encode = msgspec.json.Encoder().encode
_Step = Callable[[list[Any], Reading], None]


class _NotPlainError(ValueError):
    """The model must read this event."""


_UNSURE = (ValueError, TypeError, OverflowError, RecursionError, msgspec.ValidationError)


def plain_lines(family: str, items: Sequence[Item], reading: Reading) -> Sequence[Line | None]:
    """For each item the line that its model would store, or None where only the model can tell."""
    form = _FORMS.get(family)
    if form is None:
        return [None] * len(items)
    try:
        return form.lines(items, reading)
    except _UNSURE:
        return [_line(form, item, reading) for item in items]


def _line(form: "_Form", item: Item, reading: Reading) -> Line | None:
    try:
        return form.lines([item], reading)[0]
    except _UNSURE:
        return None


def _is_tidy(lines: bytes) -> bool:
    """Whether no text begins or ends with white space or holds a NUL. JSON written without spaces shows that by its
    quotes; lines with escapes, or with white space that is none of ASCII, are left to the model."""
    if b"\\" in lines or b'" ' in lines or b' "' in lines:
        return False
    return not any(lead in lines for lead in _LEADS_OF_SPACE) or lines.decode().isprintable()


class _Form:
    """The plain form of one family: a struct with the model's fields in the model's order."""

    def __init__(self, model: type[Event]) -> None:
        kinds = get_type_hints(model, include_extras=True)
        fields = [
            (name, _needed(kinds[name], name in model.hidden_fields))
            if field.is_required()
            else (name, _wire(kinds[name]), _default(kinds[name]))
            for name, field in model.model_fields.items()
            if _wire(kinds[name]) is not None
        ]
        self._struct = msgspec.defstruct(
            f"Plain{model.__name__}", fields, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
        )
        self._several = list[self._struct]  # type: ignore[name-defined]
        self._steps = _steps(model)

    def lines(self, items: Sequence[Item], reading: Reading) -> list[Line]:
        """Raises one of `_UNSURE` where any of the items is not plain."""
        events = msgspec.convert(items, self._several)
        for step in self._steps:
            step(events, reading)
        lines = [_encode(event) for event in events]
        if not _is_tidy(b"".join(lines)):
            raise _NotPlainError
        return [(event.id, line) for event, line in zip(events, lines, strict=True)]


def _wire(kind: Any) -> Any:
    for ours, plain in _WIRE:
        if kind == ours:
            return plain
    return next((each for each in get_args(kind) if get_origin(each) is Literal), None)


def _needed(kind: Any, may_be_empty: bool) -> Any:
    return Annotated[_wire(kind), msgspec.Meta(min_length=1)] if kind == Text and not may_be_empty else _wire(kind)


def _default(kind: Any) -> Any:
    if kind == Words:
        return msgspec.field(default_factory=list)
    if get_origin(kind) is dict:
        return msgspec.field(default_factory=dict)
    return None if type(None) in get_args(kind) else ""


def _steps(model: type[Event]) -> list[_Step]:
    """What C cannot check or write, in Python."""
    kinds = get_type_hints(model, include_extras=True)
    names = list(model.model_fields)
    steps: list[_Step] = [_moment_step(name) for name in names if kinds[name] in (Moment, Moment | None)]
    steps += [_phone_step(name) for name in model.phone_fields]
    given = {"properties": _write_properties, "email": _check_emails, "cost": _write_costs, "url": _read_marks}
    if "click_ids" not in names:
        del given["url"]
    return steps + [step for name, step in given.items() if name in names]


def _moment_step(name: str) -> _Step:
    def write_moments(events: list[Any], reading: Reading) -> None:
        latest = reading.now + CLOCK_SKEW
        for event in events:
            written = getattr(event, name)
            if written is None:
                continue
            moment = datetime.fromisoformat(written)
            if len(written) < _SHORTEST_MOMENT or moment.tzinfo is None:
                raise _NotPlainError
            moment = moment.astimezone(UTC)
            if not EARLIEST <= moment <= latest:
                raise _NotPlainError
            setattr(event, name, moment)

    return write_moments


def _phone_step(name: str) -> _Step:
    def check_phones(events: list[Any], reading: Reading) -> None:
        for event in events:
            phone = getattr(event, name)
            if phone and e164(phone, reading.country) != phone:
                raise _NotPlainError

    return check_phones


def _check_emails(events: list[Any], _reading: Reading) -> None:
    for event in events:
        if event.email and normal_email(event.email) != event.email:
            raise _NotPlainError


def _write_properties(events: list[Any], _reading: Reading) -> None:
    """Anything may stand in there, so it is written as the model's are: as deep within an object, too."""
    for event in events:
        if event.properties:
            event.properties = msgspec.Raw(to_json({"": event.properties})[len('{"":') : -1])


def _write_costs(events: list[Any], _reading: Reading) -> None:
    for event in events:
        if event.cost != "":
            amount = read_money(event.cost)
            if amount < 0:
                raise _NotPlainError
            event.cost = f"{amount:f}" if amount else ""


def _read_marks(events: list[Any], _reading: Reading) -> None:
    """The marks and click ids of the address, where they are not given beside it."""
    for event in events:
        if "=" not in event.url:
            continue
        marks, clicks = read_link(event.url)
        for name, value in marks.items():
            if not getattr(event, name):
                setattr(event, name, value)
        if clicks:
            event.click_ids = clicks | event.click_ids


_FORMS = {family: _Form(FAMILIES[family]) for family in _PLAIN}
