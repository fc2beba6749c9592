"""What errors and notices say, in the reader's language.

They are raised in English wherever something is wrong, far from any reader: commands and the API show them as they
are. Pages show `told(text)`: the text is found among those of the catalogue by what stands between its values, and the
values are put into the translation. What is not found stays English.
"""

import re
from dataclasses import dataclass
from functools import cache

from api.language import catalogue, gettext, language

CONTEXT = "told"
"""Of such texts in the catalogues, beside those in `_(…)`."""

_PLACE = re.compile(r"%\((\w+)\)s")
_END = re.compile(r"[.!?] (?=\S)")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    pattern: re.Pattern[str]
    translation: str


def told(text: str) -> str:
    """In the language of the request that is being answered."""
    if language() == "en" or not text or len(text) > _LONGEST:
        return text
    known = _as_a_whole(text)
    return known if known is not None else _in_sentences(text)


def _as_a_whole(text: str) -> str | None:
    """None where nobody has translated it."""
    if (plain := gettext(text)) != text:
        return plain
    for known in _known(language()):
        if found := known.pattern.fullmatch(text):
            return known.translation % {name: told(value) for name, value in found.groupdict().items()}
    return None


def _in_sentences(text: str) -> str:
    """Several may stand one after the other; where the first is not known, nor is the text."""
    for end in (found.end() for found in _END.finditer(text)):
        first = _as_a_whole(text[: end - 1])
        if first is not None:
            return f"{first} {told(text[end:])}"
    return text


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
