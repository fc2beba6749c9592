"""Events that came plainly, just as they are stored: read in C, many times faster than by their models.

What `plain_lines` returns for an item is byte for byte what its model would have stored. It takes only what it is
sure of; whatever else comes (a date in another spelling, spaces to trim, an unknown field, an error) is the model's
to read, and so are spend, deals and their money. A property test holds the two against each other.
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

_PLAIN = ("touches", "calls", "leads", "messages")
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
"""How each kind of value stands in a plain event."""

_encode = msgspec.json.Encoder().encode
_Step = Callable[[Any, Reading], None]


class _NotPlainError(ValueError):
    """The model must read this event."""


def plain_lines(family: str, items: Sequence[Item], reading: Reading) -> list[Line | None]:
    """For each item the line that its model would store, or None where only the model can tell."""
    form = _FORMS.get(family)
    if form is None:
        return [None] * len(items)
    found = [None if event is None else form.line(event, reading) for event in form.convert(items)]
    if _is_tidy(b"".join([line for _, line in filter(None, found)])):
        return found
    return [each if each and _is_tidy(each[1]) else None for each in found]


def _is_tidy(lines: bytes) -> bool:
    """Whether no text begins or ends with white space or holds a NUL. JSON written without spaces shows that by its
    quotes; lines with escapes, or with white space that is none of ASCII, are left to the model."""
    if b"\\" in lines or b'" ' in lines or b' "' in lines:
        return False
    return lines.isascii() or lines.decode().isprintable()


class _Form:
    """The plain form of one family: a struct with the model's fields in the model's order."""

    def __init__(self, model: type[Event]) -> None:
        kinds = get_type_hints(model, include_extras=True)
        fields = [
            (name, _needed(kinds[name], name in model.hidden_fields))
            if field.is_required()
            else (name, _wire(kinds[name]), _default(kinds[name]))
            for name, field in model.model_fields.items()
        ]
        self._struct = msgspec.defstruct(
            f"Plain{model.__name__}", fields, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
        )
        self._several = list[self._struct]  # type: ignore[name-defined]
        self._steps = _steps(model)

    def convert(self, items: Sequence[Item]) -> list[Any]:
        try:
            return list(msgspec.convert(items, self._several))
        except (msgspec.ValidationError, UnicodeError):
            return [self._convert_one(item) for item in items]

    def line(self, event: Any, reading: Reading) -> Line | None:
        try:
            for step in self._steps:
                step(event, reading)
            return event.id, _encode(event)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return None

    def _convert_one(self, item: Item) -> Any:
        try:
            return msgspec.convert(item, self._struct)
        except (msgspec.ValidationError, UnicodeError):
            return None


def _wire(kind: Any) -> Any:
    for ours, plain in _WIRE:
        if kind == ours:
            return plain
    first, *_ = get_args(kind)
    if get_origin(first) is Literal:
        return first
    raise TypeError(f"no plain form of {kind}")


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
    given = {"properties": _write_properties, "email": _check_email, "cost": _write_cost, "url": _read_marks}
    if "click_ids" not in names:
        del given["url"]
    return steps + [step for name, step in given.items() if name in names]


def _moment_step(name: str) -> _Step:
    def write_moment(event: Any, reading: Reading) -> None:
        written = getattr(event, name)
        if written is None:
            return
        moment = datetime.fromisoformat(written)
        if len(written) < _SHORTEST_MOMENT or moment.tzinfo is None:
            raise _NotPlainError
        moment = moment.astimezone(UTC)
        if not EARLIEST <= moment <= reading.now + CLOCK_SKEW:
            raise _NotPlainError
        setattr(event, name, moment)

    return write_moment


def _phone_step(name: str) -> _Step:
    def check_phone(event: Any, reading: Reading) -> None:
        phone = getattr(event, name)
        if phone and e164(phone, reading.country) != phone:
            raise _NotPlainError

    return check_phone


def _check_email(event: Any, _reading: Reading) -> None:
    if event.email and normal_email(event.email) != event.email:
        raise _NotPlainError


def _write_properties(event: Any, _reading: Reading) -> None:
    """Anything may stand in there, so it is written as the model's are: as deep within an object, too."""
    if event.properties:
        event.properties = msgspec.Raw(to_json({"": event.properties})[len('{"":') : -1])


def _write_cost(event: Any, _reading: Reading) -> None:
    if event.cost != "":
        amount = read_money(event.cost)
        if amount < 0:
            raise _NotPlainError
        event.cost = f"{amount:f}" if amount else ""


def _read_marks(event: Any, _reading: Reading) -> None:
    """The marks and click ids of the address, where they are not given beside it."""
    if not event.url:
        return
    marks, clicks = read_link(event.url)
    for name, value in marks.items():
        if not getattr(event, name):
            setattr(event, name, value)
    if clicks:
        event.click_ids = clicks | event.click_ids
    if any(len(value) > LONGEST_TEXT for value in (*marks.values(), *clicks.values())):
        raise _NotPlainError


_FORMS = {family: _Form(FAMILIES[family]) for family in _PLAIN}
