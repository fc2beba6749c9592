"""What an address says of the way it was reached: UTM marks and click ids.

The names are read whatever their case; of repeated ones the first that is not empty counts; a mark whose macro
the ad system did not fill in (`{campaign_id}`) counts as empty. Percent-encoded windows-1251 is understood.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlsplit

MARKS = ("source", "medium", "campaign", "content", "term")
CLICK_IDS = (
    "yclid", "ymclid", "gclid", "gbraid", "wbraid", "fbclid", "ttclid", "msclkid", "vk_click_id", "rb_clickid", "erid",
    "ysclid",
)  # fmt: skip
_FIELDS = {f"utm_{mark}": mark for mark in MARKS} | {name: name for name in CLICK_IDS}
_CLICKS = frozenset(CLICK_IDS)
_SHORT = 500  # most visits come in at few addresses, and none of those is long
_LAYERS = 3
_NAMED = re.compile(rf"(?:^|&)({'|'.join(_FIELDS)})=([^&]*)", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(r"[!-Z\\^-~]*")
"""An address whose parts can be told by `?` and `#` alone: no white space, no brackets, ASCII."""
_LITERAL = re.compile(r"[!-$&-*,-z]+")
"""A value that stands for itself: neither encoded nor spaced nor a macro."""
_MACRO = re.compile(r"^\{.*\}$|^%7B.*%7D$", re.IGNORECASE)


def read_link(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """UTM marks by field name, and click ids by name."""
    marks, clicks = _read_often(url) if len(url) <= _SHORT else _read(url)
    return marks.copy(), clicks.copy()


def _read(url: str) -> tuple[dict[str, str], dict[str, str]]:
    marks: dict[str, str] = {}
    clicks: dict[str, str] = {}
    for key, raw in _NAMED.findall(_after_path(url)):
        name = key if key in _FIELDS else key.lower()
        value = raw if _LITERAL.fullmatch(raw) else _decode(raw)
        if value:
            (clicks if name in _CLICKS else marks).setdefault(_FIELDS[name], value)
    return marks, clicks


_read_often = lru_cache(maxsize=4096)(_read)


def _after_path(url: str) -> str:
    """The query, and the query within the fragment, of an address that may lack its scheme."""
    if not _PLAIN.fullmatch(url):
        try:
            parts = urlsplit(url if "//" in url else f"//{url}")
        except ValueError:
            return ""
        return f"{parts.query}&{parts.fragment.rpartition('?')[2]}"
    rest, _, fragment = url.partition("#")
    return f"{rest.partition('?')[2]}&{fragment.rpartition('?')[2]}"


def is_unfilled(value: str) -> bool:
    """Whether it is a macro that the ad system did not fill in."""
    return bool(_MACRO.match(value))


def _decode(raw: str) -> str:
    """The text of a value, empty for a macro; redirects encode it anew, so up to three layers are taken off."""
    text = raw
    for _ in range(_LAYERS):
        data = unquote_to_bytes(text.replace("+", " "))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1251", "replace")
        if not re.search(r"%[0-9A-Fa-f]{2}", text) or is_unfilled(text):
            break
    text = text.strip()
    return "" if is_unfilled(text) else text
