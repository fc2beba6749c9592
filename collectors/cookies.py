"""What cookies that a form hands over say of its visitor.

`_ym_uid` is Yandex Metrica's client id, `roistat_visit` Roistat's visit, the last two parts of `_ga` Google's client
id; `TILDAUTM` holds the UTM marks of the first page, encoded once more, with `|||` between.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from collectors.links import MARKS

OUR_VISIT = "closedloop_visit"
_KEPT = {"_ym_uid": "ym_uid", "roistat_visit": "roistat_visit", "_fbp": "fbp", "_fbc": "fbc"}


def read_cookies(text: str) -> dict[str, str]:
    """Cookies by name, from the text of a `Cookie` header."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): unquote(value.strip()) for name, _, value in pairs if name.strip()}


def visitor_of(cookies: Mapping[str, str]) -> str:
    """The visitor that our own tracker, or else Metrica, knows."""
    return cookies.get(OUR_VISIT) or cookies.get("_ym_uid", "")


def other_ids(cookies: Mapping[str, str]) -> dict[str, str]:
    """The ids by which other systems know the visitor."""
    found = {ours: cookies[name] for name, ours in _KEPT.items() if cookies.get(name)}
    google = cookies.get("_ga", "").split(".")
    return found | ({"ga_client_id": ".".join(google[-2:])} if len(google) >= 4 else {})


def marks_of_tilda(cookies: Mapping[str, str]) -> dict[str, str]:
    """UTM marks by field name."""
    pairs = (part.partition("=") for part in unquote(cookies.get("TILDAUTM", "")).split("|||"))
    named = {name.removeprefix("utm_"): value for name, _, value in pairs if name.startswith("utm_")}
    return {name: named[name] for name in MARKS if named.get(name)}
