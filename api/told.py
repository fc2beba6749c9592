"""What errors and notices say, in the reader's language.

They are raised in English wherever something is wrong, far from any reader: commands and the API show them as they
are. Pages show `told(text)`: the text is found among those of the catalogue by what stands between its values, and the
values are put into the translation. What is not found stays English.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from api.language import catalogue, gettext, language

CONTEXT = "told"
"""Of such texts in the catalogues, beside those in `_(…)`."""

_PLACE = re.compile(r"%\((\w+)\)s")
_END = re.compile(r"[.!?] (?=\S)")
_LONGEST = 2000
_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Known:
    pattern: re.Pattern[str]
    translation: str


def told(text: str) -> str:
    """In the language of the request that is being answered."""
    if language() == "en" or not text or len(text) > _LONGEST:
        return text
    return _told_in(language(), text)


@lru_cache(_KEPT)
def _told_in(_language: str, text: str) -> str:
    """Kept: a list of many values asks for each of its ends again and again."""
    for known in (_as_one(text, in_one_sentence=True), _in_sentences(text), _as_one(text)):
        if known is not None:
            return known
    return text


def _as_one(text: str, *, in_one_sentence: bool = False) -> str | None:
    """None where nobody has translated it, or a value would hold the end of a sentence and it may not."""
    if (plain := gettext(text)) != text:
        return plain
    for known in _known(language()):
        found = known.pattern.fullmatch(text)
        if found and not (in_one_sentence and any(_END.search(value) for value in found.groups())):
            return known.translation % {name: told(value) for name, value in found.groupdict().items()}
    return None


def _in_sentences(text: str) -> str | None:
    """Several may stand one after the other; None where the first is not known."""
    for end in (found.end() for found in _END.finditer(text)):
        first = _as_one(text[: end - 1])
        if first is not None:
            return f"{first} {told(text[end:])}"
    return None


@cache
def _known(chosen: str) -> tuple[_Known, ...]:
    """Those with the most words of their own first: a text fits them by less chance."""
    texts = [(str(each.id), str(each.string)) for each in catalogue(chosen) if each.context == CONTEXT and each.string]
    texts.sort(key=lambda each: len(_PLACE.sub("", each[0])), reverse=True)
    return tuple(_Known(_as_pattern(text), translation) for text, translation in texts)


def _as_pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    written = [
        f"(?P<{part}>.*?)" if place % 2 else re.escape(part.replace("%%", "%")) for place, part in enumerate(parts)
    ]
    return re.compile("".join(written), re.DOTALL)
