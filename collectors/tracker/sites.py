"""Sites that the tracker may be used on: by key, and who may send in their name."""

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from collectors.sources.register import SourceRegister
from collectors.sources.source import Source
from collectors.values import e164
from infra.clock import Clock
from infra.errors import Unavailable

VISIT = "{visit}"
_VENDOR = "site"
_KNOWN_FOR = timedelta(seconds=15)
_LOOK_AGAIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Site:
    """`numbers` are the pool, in E.164. `default_number` is shown when it is used up; empty: the page keeps its own.

    `address` is where letters go, with `{visit}` for the visit's number; empty: the page keeps its own.
    """

    source: Source
    origins: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    default_number: str = ""
    address: str = ""

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may send. A host stands for both schemes, `*.host` for all within it."""
        try:
            parts = urlsplit(origin)
            host = parts.hostname or ""
        except ValueError:
            return False
        if parts.scheme not in ("http", "https") or not host:
            return False
        plain = f"{parts.scheme}://{parts.netloc.lower()}"
        return any(
            host.endswith(each[1:]) if each.startswith("*.") else each in (host, parts.netloc.lower(), plain)
            for each in self.origins
        )


def read_site(source: Source, country: str) -> Site:
    """The site that a source's settings describe; what is no telephone number is left out."""
    return Site(
        source=source,
        origins=tuple(_ascii(each) for each in _words(source.settings.get("origins", ""), r"[\s,;]+")),
        numbers=tuple(_phones(source.settings.get("numbers", ""), country)),
        default_number=next(iter(_phones(source.settings.get("default_number", ""), country)), ""),
        address=source.settings.get("address", "").strip().lower(),
    )


class Sites:
    """Every site, looked up again each 15 seconds. Safe to use from several threads."""

    def __init__(self, register: SourceRegister, clock: Clock, country: str) -> None:
        self._register = register
        self._clock = clock
        self._country = country
        self._known: Mapping[str, Site] = {}
        self._read_at: datetime | None = None
        self._lock = threading.Lock()

    def by_key(self, key: str) -> Site | None:
        """While the database is out of reach, what was known last holds. Raises `Unavailable` where nothing is."""
        self._refresh(_KNOWN_FOR if key in self._known else _LOOK_AGAIN)
        return self._known.get(key)

    def allow(self, origin: str) -> bool:
        """Whether any site has this origin."""
        self._refresh(_KNOWN_FOR)
        return any(site.allows(origin) for site in self._known.values())

    def _refresh(self, after: timedelta) -> None:
        now = self._clock.now()
        with self._lock:
            if self._read_at and now - self._read_at < after:
                return
            try:
                sources = [each for each in self._register.all() if each.vendor == _VENDOR]
            except Unavailable:
                if self._read_at is None:
                    raise
            else:
                self._known = {each.token: read_site(each, self._country) for each in sources}
            self._read_at = now


def _words(text: str, between: str) -> Sequence[str]:
    return [each for each in re.split(between, text.strip().lower()) if each]


def _phones(text: str, country: str) -> Sequence[str]:
    found = (e164(each, country) for each in _words(text, r"[,;\n]"))
    return [each for each in found if each]


def _ascii(origin: str) -> str:
    """`дилер.рф` as browsers write it."""
    try:
        return origin.rstrip("/").encode("idna").decode() if not origin.isascii() else origin.rstrip("/")
    except UnicodeError:
        return origin
