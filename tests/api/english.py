"""English that is left on a page, in a workbook or in a letter of another language."""

import html
import re

SHORT = (
    "ROMI",
    "iROAS",
    "CPL",
    "CPQL",
    "CPV",
    "CPS",
    "ROAS",
    "LTV",
    "CAC",
    "CRM",
    "UTM",
    "CSV",
    "XLSX",
    "JSON",
    "Parquet",
    "API",
    "Shapley",
    "Markov",
    "Closed Loop",
    "English",
    "RUB",
    "USD",
    "UTC",
    "ISO",
    "CR lead → sale",
    "SSO",
    "env",
    "id",
    "ID",
    "e-mail",
    "CR lead → qualified",
    "CR qualified → showroom",
    "CR showroom → sale",
    "CR visit → lead",
)
"""What every language writes alike."""
DATA = (
    "north",
    "south",
    "North",
    "South",
    "Kazan",
    "Omsk",
    "Lada",
    "Haval",
    "Agency",
    "agency",
    "spring",
    "world",
    "yandex",
    "paid_social",
    "paid_search",
    "other",
    "offline",
    "organic",
    "radio",
    "nowhere",
    "no touch",
    "none",
    "first-time",
    "direct",
    "form",
    "lead:",
    "any",
    "EVIL",
    "organization",
    "vk / cpc",
    "vk / cpc / spring",
    "margin",
    "cost",
    "revenue",
    "sales",
)
_UNSEEN = re.compile(
    r"<(script|style|pre|code|textarea|del|ins)\b.*?</\1>|<option value=\"\w*\"[^>]*>[a-z_]+</option>", re.DOTALL
)
_SAID = re.compile(r"\b(?:aria-label|title|placeholder|alt)=\"([^\"]*)\"")
_TAG = re.compile(r"<[^>]+>")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]{2,}")
_CYRILLIC = re.compile(r"[А-Яа-яё]{2}")
_ON_END = re.compile(r"[A-Za-z]{3,} [a-z]{2,}")
_CODE = re.compile(r"[_^|\\\[\]=`]|https?:|/api/|\w:\w|^[a-z-]+$|CLOSEDLOOP")


def english(page: str) -> list[str]:
    """What stands on it with two English words on end, or with one alone."""
    seen = _UNSEEN.sub(" ", page.partition("<body>")[2])
    texts = [*_SAID.findall(seen), *_TAG.sub("\n", seen).split("\n")]
    return sorted({text for text in (" ".join(html.unescape(each).split()) for each in texts) if is_english(text)})


def is_english(text: str) -> bool:
    """But for commands, fields, patterns, formulas, and what data and every language have."""
    if _CODE.search(text):
        return False
    left = re.sub("|".join(rf"\b{re.escape(each)}\b" for each in (*SHORT, *DATA)), " ", text)
    words = _WORD.findall(left)
    return bool(words) and (not _CYRILLIC.search(left) or bool(_ON_END.search(left)))
