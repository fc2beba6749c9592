"""Visits as the Logs API of Yandex Metrica writes them, and the touches that they are.

Text is TSV with backslash escapes; ids are of up to 20 digits and stay text; a list is written `[1,2]` or `['a','b']`.
`ym:s:dateTime` is in the counter's zone; `dateTimeUTC` and `goalsDateTime`, whatever their names say, are in UTC+3.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from collectors.sources.source import Source
from infra.errors import UnreadableBody

FIELDS = (
    "visitID", "dateTime", "clientID", "startURL", "referer", "lastTrafficSource",
    "lastAdvEngine", "lastReferalSource", "lastSearchEngineRoot", "lastSocialNetwork", "lastMessenger",
    "lastRecommendationSystem", "lastDirectClickOrder", "lastDirectClickOrderName", "UTMSource", "UTMMedium",
    "UTMCampaign", "UTMContent", "UTMTerm", "regionCity", "deviceCategory", "isNewUser", "pageViews", "visitDuration",
    "bounce", "goalsID", "goalsDateTime", "purchaseID",
)  # fmt: skip
_DEVICES = {"1": "desktop", "2": "mobile", "3": "tablet", "4": "tv"}
_MARKS = {"source": "UTMSource", "medium": "UTMMedium", "campaign": "UTMCampaign", "content": "UTMContent"}
_MEDIA = {
    "ad": ("lastAdvEngine", "cpc"),
    "organic": ("lastSearchEngineRoot", "organic"),
    "social": ("lastSocialNetwork", "social"),
    "messenger": ("lastMessenger", "messenger"),
    "recommend": ("lastRecommendationSystem", "referral"),
    "email": ("", "email"),
    "qrcode": ("", "offline"),
}
"""By source of traffic: the field that names it more closely, and the medium. `direct`, `internal`, `saved` and
`undefined` say nothing of where somebody came from."""
_ENGINES = {"ya_direct": "yandex", "yandex_direct": "yandex", "google_adwords": "google", "google_ads": "google"}
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "", "b": "\b", "f": "\f"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ELEMENT = re.compile(r"'((?:[^'\\]|\\.)*)'|([^,\[\]]+)", re.DOTALL)
_KEPT = ("isNewUser", "pageViews", "visitDuration", "bounce", "lastTrafficSource", "lastDirectClickOrderName")
_LISTS = ("goalsID", "goalsDateTime", "purchaseID")


def read_visits(text: str) -> Iterator[dict[str, str]]:
    """Rows by name of field, without `ym:s:`; cells as they are written. Raises `UnreadableBody`."""
    lines = text.split("\n")
    names = [name.removeprefix("ym:s:") for name in lines[0].rstrip("\r").split("\t")]
    if "visitID" not in names:
        raise UnreadableBody("The log has no line of column names.", where="log")
    for line in lines[1:]:
        cells = line.rstrip("\r").split("\t")
        if len(cells) == len(names):
            yield dict(zip(names, cells, strict=True))
        elif line.strip():
            raise UnreadableBody("A row of the log is not whole.", where="log")


def plain(cell: str) -> str:
    """A cell without its escapes."""
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), cell)


def elements(cell: str) -> list[str]:
    """The texts or numbers of a list, as text."""
    return [plain(text) if text or not number else number.strip() for text, number in _ELEMENT.findall(cell)]


def touch(source: Source, visit: Mapping[str, str]) -> dict[str, Any]:
    """The visit as a touch; its marks where it has any, else what Metrica says of its traffic.

    Numbers of visits are unique within a year.
    """
    told = {name: plain(cell) for name, cell in visit.items() if name not in _LISTS}
    lists = {name: found for name in _LISTS if (found := elements(visit.get(name, "")))}
    return {
        "id": source.key("visit", told["dateTime"][:4], told["visitID"]),
        "occurred_at": told["dateTime"],
        "visitor_id": told.get("clientID", ""),
        "session_id": told["visitID"],
        "url": told.get("startURL", ""),
        "region": told.get("regionCity", ""),
        "device": _DEVICES.get(told.get("deviceCategory", ""), told.get("deviceCategory", "")),
        "properties": {name: told[name] for name in _KEPT if told.get(name)} | lists,
        **_origin(told),
    }


def _origin(told: Mapping[str, str]) -> dict[str, str]:
    marks = {name: told[field] for name, field in {**_MARKS, "term": "UTMTerm"}.items() if told.get(field)}
    kind = told.get("lastTrafficSource", "")
    referrer = {"referrer": told.get("referer", "")} if kind not in ("internal", "direct", "saved") else {}
    if marks:
        return marks | referrer
    if kind == "referral":
        host = told.get("lastReferalSource") or urlsplit(told.get("referer", "")).hostname or ""
        return {"source": host, "medium": "referral"} | referrer
    if kind not in _MEDIA:
        return referrer
    field, medium = _MEDIA[kind]
    named = told.get(field, "") or kind
    campaign = told.get("lastDirectClickOrder", "") if kind == "ad" else ""
    return {
        "source": _ENGINES.get(named.lower(), named),
        "medium": medium,
        "campaign": "" if campaign == "0" else campaign,
    } | referrer
