"""Texts on a picture: how wide they are, what the font can write, and figures as they are written for people."""

from datetime import date
from functools import cache
from typing import Any

import pandas as pd
from babel.numbers import get_decimal_symbol
from matplotlib.font_manager import FontProperties, findfont, get_font

from api.dates import dated
from api.language import gettext as _
from api.language import language
from api.numbers import written_in
from api.told import told as in_readers_words
from attribution.measures import Measure, Unit

PIXELS_PER_POINT = 100 / 72
TIMES = ("day", "week", "month")
_WIDER_WHEN_BOLD = 1.13


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """In pixels, of the widest line; `size` is in points."""
    widest = max(sum(_advance(each) for each in line) for line in drawable(text).split("\n"))
    return widest * size * PIXELS_PER_POINT * (_WIDER_WHEN_BOLD if bold else 1)


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """On one line, cut where there is no room for all of it."""
    plain = " ".join(drawable(text).split())
    if width_of(plain, size, bold=bold) <= room:
        return plain
    while plain and width_of(f"{plain}…", size, bold=bold) > room:
        plain = plain[:-1].rstrip()
    return f"{plain}…"


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> list[str]:
    """In lines; a word that is longer than a line stands on its own."""
    lines = [""]
    for word in drawable(text).split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, size, bold=bold) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def drawable(text: str) -> str:
    """What the font has no sign for is drawn as a box."""
    return "".join(each if each.isspace() or ord(each) in _signs() else "□" for each in text)


def titled(figure: Measure) -> str:
    return in_readers_words(figure.title)


def told(figure: Measure, value: Any) -> str:
    return written_in(figure.unit, None if is_missing(value) else value)


def brief(figure: Measure, value: Any) -> str:
    """Money and counts in thousands, millions or billions; large shares without decimals."""
    if is_missing(value):
        return told(figure, value)
    if figure.unit is Unit.SHARE and abs(value) >= 10:
        return written_in(Unit.COUNT, round(value * 100)) + "%"
    if figure.unit not in (Unit.MONEY, Unit.COUNT):
        return told(figure, value)
    for size, mark in ((1e9, _("bn")), (1e6, _("m")), (1e3, _("k"))):
        if abs(value) >= size:
            return f"{_with_a_decimal(value / size)} {mark}"
    return _with_a_decimal(value)


def _with_a_decimal(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace(".", get_decimal_symbol(language()))


def moment(text: str, step: str) -> str:
    """A day, week or month as it is read; what is none of them stays."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return dated(day, "LLL y" if step == "month" else "d MMM")


def is_missing(value: Any) -> bool:
    return not isinstance(value, int | float) or bool(pd.isna(value))


@cache
def _advance(sign: str) -> float:
    """How far the font goes on after it, for one point of size."""
    font = get_font(findfont(FontProperties()))
    font.set_size(12, 72)
    return float(font.load_char(ord(sign)).linearHoriAdvance) / 65_536 / 12


@cache
def _signs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())
