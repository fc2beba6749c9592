"""Figures of cells: numbers, and numbers as people type them."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from infra.errors import ClosedLoopError
from planning.importing.currencies import without_currency
from planning.importing.words import scale_of

_BLANKS = re.compile(r"[\s\u00a0\u2007\u2009\u202f'’]")
_NOT_PLANNED = {"", "-", "–", "—", "нет", "н/д", "n/a", "x", "х"}
_UNITS = re.compile(r"\s*(?:шт|ед|pcs|units?|авто|а/м)\.?$", re.IGNORECASE)
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")
_GROUPED_BY_DOTS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d{1,3}(?:\.\d{3}){2,}")
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


class NoFigure(ClosedLoopError):
    """The cell holds something that is no figure; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Figure:
    """`number` is None where nothing is planned; `currency` is empty where the cell names none."""

    number: Decimal | None
    currency: str = ""


def figure_of(value: Any) -> Figure:
    """Raises `NoFigure`."""
    if isinstance(value, bool):
        raise NoFigure("It says yes or no, and a number is wanted.")
    if isinstance(value, int | float):
        return Figure(Decimal(repr(value)))
    if isinstance(value, str):
        return _typed(value)
    raise NoFigure("It holds a date or a time, and a number is wanted.")


@lru_cache(maxsize=65_536)
def _typed(text: str) -> Figure:
    text = text.strip()
    if text.casefold() in _NOT_PLANNED:
        return Figure(None)
    if "%" in text:
        raise NoFigure("It is a percentage, and an amount or a number of units is wanted.")
    if scale_of(text) > 1:
        raise NoFigure(f"“{text}” is in thousands or millions: write the whole number.")
    rest, currency = without_currency(text)
    number = _number(_BLANKS.sub("", _UNITS.sub("", rest)))
    if number is None:
        raise NoFigure(f"“{text}” is no number.")
    return Figure(number, currency)


def _number(text: str) -> Decimal | None:
    """None where it is none. Raises `NoFigure` where it could be read in two ways."""
    text = text.replace("−", "-")
    if text.startswith("(") and text.endswith(")"):
        text = f"-{text[1:-1]}"
    if _EITHER.fullmatch(text):
        raise NoFigure(f"“{text}” can be read in two ways: write {re.sub('[.,]', '', text)}, or with two decimals.")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _GROUPED_BY_DOTS.fullmatch(text):
        text = text.replace(".", "").replace(",", ".")
    else:
        text = text.replace(",", ".", 1)
    if not _PLAIN.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def looks_like_a_figure(value: Any) -> bool:
    """Whether a cell below a header would be one."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return True
    if not isinstance(value, str) or not value.strip() or not any(each.isdigit() for each in value):
        return False
    try:
        return _typed(value).number is not None
    except NoFigure:
        return "%" in value or scale_of(value) > 1 or _EITHER.fullmatch(_BLANKS.sub("", value)) is not None
