"""Currencies as tables name them: by a sign, a word, or a cell's number format."""

import re

from infra.currency import known_currency

_SIGNS = {
    "₽": "RUB", "руб": "RUB", "рублей": "RUB", "рубли": "RUB", "р": "RUB", "€": "EUR", "евро": "EUR", "$": "USD",
    "us$": "USD", "долл": "USD", "доллары": "USD", "₴": "UAH", "грн": "UAH", "₸": "KZT", "тг": "KZT", "тенге": "KZT",
    "£": "GBP", "¥": "CNY", "br": "BYN",
}  # fmt: skip
_OF_FORMAT = re.compile(r"\[\$([^\]\-]+)[^\]]*\]|\"\s*([^\"]+?)\s*\"|([₽€₴₸£])")
_CODE = re.compile(r"[A-Za-z]{3}")
_AROUND = re.compile(r"^\s*([₽€$₴₸£¥]|[A-Za-z]{3}\b)\s*|\s*([₽€$₴₸£¥]|[A-Za-zА-Яа-яё]+\.?)\s*$")


def currency_of(text: str) -> str:
    """ISO 4217 of a sign, a word or a code; empty where it names none."""
    word = text.strip().casefold().rstrip(".")
    if word in _SIGNS:
        return _SIGNS[word]
    if _CODE.fullmatch(word):
        try:
            return known_currency(word)
        except ValueError:
            return ""
    return ""


def currency_of_format(code: str) -> str:
    """Of a number format such as `#,##0 [$€-407]`."""
    for found in _OF_FORMAT.finditer(code):
        known = currency_of(next(filter(None, found.groups())))
        if known:
            return known
    return ""


def without_currency(text: str) -> tuple[str, str]:
    """A figure's text without the currency before or behind it, and which that is."""
    found = _AROUND.search(text)
    if found:
        known = currency_of(found[1] or found[2])
        if known:
            return (text[: found.start()] + text[found.end() :]).strip(), known
    return text, ""
