"""The pages of rejected items: why they were rejected, and one of them in a form with its errors beside the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import orjson

from api.bootstrap import Services
from api.viewer import Viewer
from collectors.deliveries import TOPIC
from collectors.events import family_model
from collectors.rejections import OPEN, FieldError, KeptRejection
from infra.access.rights import Right

PAGE = 50
_LONG = 60


@dataclass(frozen=True, slots=True)
class ShownField:
    """`wrong` is empty where nothing is. `words` are those that the field takes, where it takes no others."""

    name: str
    text: str
    wrong: str = ""
    words: Sequence[str] = ()

    @property
    def is_long(self) -> bool:
        return len(self.text) > _LONG or "\n" in self.text


def reasons_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    found = services.rejections.reasons()
    return {
        "reasons": found,
        "total": sum(services.rejections.count_open().values()),
        "now": services.clock.now(),
        "may_repair": viewer.may(Right.SEND),
    }


def like_view(services: Services, viewer: Viewer, key: str, after: str) -> dict[str, Any]:
    """Those for the same reason as the rejection with this key, which may be closed by now. Raises `NotFound`."""
    example = services.rejections.get(key)
    found, total = services.rejections.list_like(example, limit=PAGE, after=after)
    return {
        "example": example,
        "items": [(each, _first_words(each.item)) for each in found],
        "total": total,
        "next": found[-1].id if len(found) == PAGE else "",
        "now": services.clock.now(),
        "may_repair": viewer.may(Right.SEND),
    }


def rejection_view(
    services: Services,
    viewer: Viewer,
    kept: KeptRejection,
    *,
    entered: Mapping[str, Any] | None = None,
    document: str = "",
    errors: Sequence[FieldError] | None = None,
) -> dict[str, Any]:
    """`errors` are those of the newest try, with what was `entered`, or written as a `document`."""
    item = read_item(kept.item) if entered is None else entered
    wrongs = kept.errors if errors is None else errors
    fields = _fields(kept.family, item, wrongs) if item is not None and kept.family != TOPIC else []
    placed = {each.name for each in fields}
    return {
        "kept": kept,
        "is_open": kept.status == OPEN,
        "is_delivery": kept.family == TOPIC,
        "fields": fields,
        "elsewhere": [each for each in wrongs if _top(each.field) not in placed],
        "again": errors is not None,
        "document": document or _pretty(item, kept.item),
        "now": services.clock.now(),
        "may_repair": viewer.may(Right.SEND),
    }


def read_item(item: bytes) -> dict[str, Any] | None:
    """None where it is no JSON object."""
    try:
        found = orjson.loads(item)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def repaired_item(original: Mapping[str, Any], names: Sequence[str], texts: Sequence[str]) -> dict[str, Any]:
    """What a form's fields make of an item: what was not touched stays as it came, what was emptied is gone."""
    found = {}
    for name, text in zip(names, texts, strict=False):
        if name and text:
            before = original.get(name)
            found[name] = before if name in original and as_text(before) == text else _value(before, text)
    return found


def as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _value(before: Any, text: str) -> Any:
    """In the form that the field had: a number, an object, a list; else a text, which events read as well."""
    if isinstance(before, str) or (before is None and text[:1] not in "{["):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _fields(family: str, item: Mapping[str, Any], wrongs: Sequence[FieldError]) -> list[ShownField]:
    """Those of the item, then those that are missed."""
    told = {_top(each.field): each.message for each in reversed(wrongs)}
    missing = [name for name in dict.fromkeys(_top(each.field) for each in wrongs) if name and name not in item]
    words = _words_of(family)
    return [
        ShownField(name, as_text(item.get(name)), told.get(name, ""), words.get(name, ())) for name in (*item, *missing)
    ]


def _top(field: str) -> str:
    """`contact.phone` is wrong within `contact`."""
    return field.partition(".")[0]


def _words_of(family: str) -> dict[str, Sequence[str]]:
    fields = family_model(family).model_fields.items()
    return {field.alias or name: tuple(filter(None, _literals(field.annotation))) for name, field in fields}


def _literals(kind: Any) -> list[str]:
    if get_origin(kind) is Literal:
        return [word for word in get_args(kind) if isinstance(word, str)]
    if get_origin(kind) in (Union, UnionType):
        return [word for each in get_args(kind) for word in _literals(each)]
    return []


def _pretty(item: Mapping[str, Any] | None, raw: bytes) -> str:
    if item is None:
        return raw.decode("utf-8", "replace")
    return orjson.dumps(item, option=orjson.OPT_INDENT_2).decode()


def _first_words(item: bytes) -> str:
    text = item[:400].decode("utf-8", "replace")
    return text if len(text) <= 160 else f"{text[:160]}…"
