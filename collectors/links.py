"""What an address says of the way it was reached: UTM marks and click ids.

The names are read whatever their case; of repeated ones the first that is not empty counts; a mark whose macro
the ad system did not fill in (`{campaign_id}`) counts as empty. Percent-encoded windows-1251 is understood.
"""

import re
from urllib.parse import unquote_to_bytes, urlsplit

MARKS = ("source", "medium", "campaign", "content", "term")
CLICK_IDS = (
    "yclid", "ymclid", "gclid", "gbraid", "wbraid", "fbclid", "ttclid", "msclkid", "vk_click_id", "rb_clickid", "erid",
    "ysclid",
)  # fmt: skip
_LAYERS = 3
_MACRO = re.compile(r"^\{.*\}$|^%7B.*%7D$", re.IGNORECASE)


def read_link(url: str) -> tuple[dict[str, str], dict[str, str]]:
    """UTM marks by field name, and click ids by name."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
    except ValueError:
        return {}, {}
    marks: dict[str, str] = {}
    clicks: dict[str, str] = {}
    for pair in f"{parts.query}&{parts.fragment.rpartition('?')[2]}".split("&"):
        key, _, raw = pair.partition("=")
        name = key.lower()
        value = _decode(raw)
        if not value or is_unfilled(value):
            continue
        if name.startswith("utm_") and name[4:] in MARKS:
            marks.setdefault(name[4:], value)
        elif name in CLICK_IDS:
            clicks.setdefault(name, value)
    return marks, clicks


def is_unfilled(value: str) -> bool:
    """Whether it is a macro that the ad system did not fill in."""
    return bool(_MACRO.match(value))


def _decode(raw: str) -> str:
    """The text of a value; redirects encode it anew, so up to three layers are taken off."""
    text = raw
    for _ in range(_LAYERS):
        data = unquote_to_bytes(text.replace("+", " "))
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("cp1251", "replace")
        if not re.search(r"%[0-9A-Fa-f]{2}", text) or _MACRO.match(text):
            break
    return text.strip()
