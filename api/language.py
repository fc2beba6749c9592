"""The language a page is written in: of the user's choice, else the first of the browser's that is known.

Texts stand in the templates in English, within `_(…)`; `api/locale/<language>/LC_MESSAGES/messages.po` has the others.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel import negotiate_locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}
COOKIE = "closedloop_language"
_FOLDER = Path(__file__).parent / "locale"
_chosen: ContextVar[str] = ContextVar("language", default="en")


class Languages:
    """Chooses the language of each request, as a piece of middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            _chosen.set("en" if _is_for_programs(scope) else wanted_language(Headers(scope=scope)))
        await self._app(scope, receive, send)


def wanted_language(headers: Headers) -> str:
    chosen = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    told = [each.partition(";")[0].strip() for each in headers.get("accept-language", "").split(",")]
    return negotiate_locale(told[:20], list(LANGUAGES), sep="-") or "en"


def _is_for_programs(scope: Scope) -> bool:
    """The API speaks English; its own page and workbooks, which people read, do not."""
    path, query = scope["path"], scope.get("query_string", b"")
    return path.startswith("/api/") and path != "/api/docs" and b"format=xlsx" not in query.lower()


def language() -> str:
    """Of the request that is being answered; English outside of one."""
    return _chosen.get()


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Texts within are in that language; in English where it is none of ours."""
    before = _chosen.set(chosen if chosen in LANGUAGES else "en")
    try:
        yield
    finally:
        _chosen.reset(before)


def gettext(message: str) -> str:
    return _translations(language()).ugettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    return _translations(language()).ungettext(one, many, number)


@cache
def catalogue(chosen: str) -> Catalog:
    """All texts of a language; of English, none."""
    path = _FOLDER / chosen / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale=chosen)
    with path.open("rb") as told:
        return read_po(told, locale=chosen)


@cache
def _translations(chosen: str) -> NullTranslations:
    """The catalogue, compiled in memory."""
    if not len(catalogue(chosen)):
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(chosen))
    compiled.seek(0)
    return Translations(compiled)
