"""Months as tables write them: «янв», Январь 2027 г., 01.2027, 2027-01, Jan, a day, or a number."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

_NAMES = (
    ("янв", "jan", "січ"), ("фев", "feb", "лют"), ("мар", "mar", "бер"), ("апр", "apr", "кві"),
    ("май", "мая", "may", "тра"), ("июн", "jun", "чер"), ("июл", "jul", "лип"), ("авг", "aug", "сер"),
    ("сен", "sep", "вер"), ("окт", "oct", "жов"), ("ноя", "nov", "лис"), ("дек", "dec", "гру"),
)  # fmt: skip
_FULL = (
    "январь января january січень січня", "февраль февраля february лютий лютого",
    "март марта march березень березня", "апрель апреля april квітень квітня", "май мая may травень травня",
    "июнь июня june червень червня", "июль июля july липень липня", "август августа august серпень серпня",
    "сентябрь сентября september вересень вересня сент sept", "октябрь октября october жовтень жовтня",
    "ноябрь ноября november листопад листопада", "декабрь декабря december грудень грудня",
)  # fmt: skip
_BY_WORD = {word: month for month, words in enumerate(_NAMES, 1) for word in words} | {
    word: month for month, words in enumerate(_FULL, 1) for word in words.split()
}
_YEAR = r"(?:19|20)\d\d"
_WORD = r"([а-яёіїєa-z]{3,9})"
_TAIL = r"(?:\s*(?:г|год|года|year|р|рік|року)\.?)?"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_WORD}\.?(?:[\s.,'’/-]*(?P<year>{_YEAR}|\d\d))?{_TAIL}",
        rf"(?P<year>{_YEAR})[\s.,/-]*{_WORD}\.?",
        rf"(?P<month>\d\d?)\s*[./-]\s*(?P<year>{_YEAR}){_TAIL}",
        rf"(?P<year>{_YEAR})\s*[./-]\s*(?P<month>\d\d?)",
        rf"\d\d?[./-](?P<month>\d\d?)[./-](?P<year>{_YEAR}|\d\d){_TAIL}",
        rf"(?P<year>{_YEAR})-(?P<month>\d\d)-\d\d(?:[t ].*)?",
        r"(?:m|м|мес|месяц|month|місяць)\.?\s*(?P<month>\d\d?)",
    )
)
_YEAR_ALONE = re.compile(rf"({_YEAR}){_TAIL}")
_YEAR_WITHIN = re.compile(rf"(?<!\d)({_YEAR})(?!\d)")
_WITHIN = re.compile(
    rf"{_WORD}\.?(?:[\s.,'’/-]*(?P<year>{_YEAR}))?|(?<!\d)(?P<month>\d\d?)[./-](?P<year2>{_YEAR})(?!\d)"
)


@dataclass(frozen=True, slots=True)
class Month:
    """`month` may be none that there is, such as 13; `year` is 0 where nothing says it."""

    month: int
    year: int = 0


def month_of(value: Any) -> Month | None:
    """None where it is no month; a bare number is none, see `month_number`."""
    if isinstance(value, date):
        return Month(value.month, value.year)
    if not isinstance(value, str):
        return None
    return _of_text(" ".join(value.casefold().split()))


@lru_cache(maxsize=4096)
def _of_text(text: str) -> Month | None:
    for pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is None:
            continue
        named = found.groupdict()
        month = int(named["month"]) if named.get("month") else _BY_WORD.get(found[1] if "month" not in named else "", 0)
        if not month and "month" not in named:
            month = next((_BY_WORD[each] for each in found.groups() if each in _BY_WORD), 0)
        if month:
            return Month(month, _full_year(named.get("year")))
    return None


def month_number(value: Any) -> int:
    """Of a cell that should be a month and holds a bare number; 0 where it holds something else."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < 4:
        return int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 100 and value == int(value):
        return int(value)
    return 0


def year_of(text: str) -> int:
    """Of a cell that holds a year and no more; 0 where it does not."""
    found = _YEAR_ALONE.fullmatch(text.casefold().strip())
    return int(found[1]) if found else 0


def year_within(text: str) -> int:
    """The only year that a title names; 0 where there is none, or there are several."""
    found = set(_YEAR_WITHIN.findall(text))
    return int(found.pop()) if len(found) == 1 else 0


def split_month(text: str) -> tuple[Month | None, str]:
    """The month that a heading such as «Продажи, янв 2027» ends or begins with, and the rest of it."""
    folded = " ".join(text.casefold().split())
    for found in _WITHIN.finditer(folded):
        month = int(found["month"]) if found["month"] else _BY_WORD.get(found[1] or "", 0)
        if month:
            rest = (folded[: found.start()] + " " + folded[found.end() :]).strip(" ,.;:-–—/()")
            return Month(month, int(found["year"] or found["year2"] or 0)), rest
    return None, folded


def _full_year(text: str | None) -> int:
    if not text:
        return 0
    return int(text) if len(text) == 4 else 2000 + int(text)
