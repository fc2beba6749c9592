"""Tables whose cells are edited in one form: a line a row, and buttons that add, move and remove lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from starlette.datastructures import FormData

Cells = dict[str, str]
YES, NO = "yes", "no"


class Kind(StrEnum):
    """How a cell is edited. `WORDS` have commas between them."""

    TEXT = "text"
    PATTERN = "pattern"
    NUMBER = "number"
    DAY = "date"
    WORDS = "words"
    CHOICE = "choice"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class Column:
    """`title` and `help` are in the reader's language. `options` are what a choice offers, or a text suggests."""

    name: str
    title: str
    help: str = ""
    kind: Kind = Kind.TEXT
    options: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """`wrongs` say what is wrong with a cell, or, under an empty name, with the line."""

    cells: Cells
    wrongs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EditedTable:
    """`prefix` stands before the names of its fields and buttons, where a form has several tables."""

    columns: Sequence[Column]
    lines: Sequence[Line]
    prefix: str = ""
    is_ordered: bool = False


def read_lines(form: FormData, columns: Sequence[Column], prefix: str = "") -> list[Cells]:
    """Every line has every cell, so the cells of a column stand in the order of lines."""
    told = [[str(cell).strip() for cell in form.getlist(f"{prefix}{each.name}")] for each in columns]
    names = [each.name for each in columns]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*told, strict=False)]


def rearranged(lines: Sequence[Cells], columns: Sequence[Column], action: str, prefix: str = "") -> list[Cells]:
    """After the button `add 2`, `up 2`, `down 2` or `remove 2` of the table; unchanged for any other."""
    word, _, place = action.removeprefix(prefix).partition(" ")
    found = list(lines)
    if not action.startswith(prefix) or not place.isdecimal():
        return found
    at = int(place)
    if word == "add":
        found.insert(at, {each.name: NO if each.kind is Kind.YES_NO else "" for each in columns})
    elif at < len(found):
        moved = found.pop(at)
        if word != "remove":
            found.insert(max(0, at + {"up": -1, "down": 1}.get(word, 0)), moved)
    return found


def is_rearranging(action: str) -> bool:
    return action.partition(" ")[2].isdecimal()


def filled(lines: Sequence[Cells], columns: Sequence[Column]) -> list[Cells]:
    """Without lines in which nothing is written."""
    asked = [each.name for each in columns if each.kind is not Kind.YES_NO]
    return [cells for cells in lines if any(cells[name] for name in asked)]


def values_of(cells: Cells, columns: Sequence[Column]) -> dict[str, Any]:
    """As a document has them; what is empty is left out."""
    return {each.name: _value(each.kind, cells[each.name]) for each in columns if cells[each.name]}


def cells_of(values: Mapping[str, Any], columns: Sequence[Column]) -> Cells:
    """As people write them."""
    return {each.name: _written(values.get(each.name), each.kind) for each in columns}


def lines_with(lines: Sequence[Cells], wrongs: Mapping[tuple[int, str], str]) -> list[Line]:
    """`wrongs` by the place of the line and the name of the cell."""
    return [
        Line(cells, {name: wrong for (at, name), wrong in wrongs.items() if at == place})
        for place, cells in enumerate(lines)
    ]


def _value(kind: Kind, text: str) -> Any:
    if kind is Kind.WORDS:
        return [word.strip() for word in text.split(",") if word.strip()]
    return text == YES if kind is Kind.YES_NO else text


def _written(value: Any, kind: Kind) -> str:
    if kind is Kind.YES_NO:
        return YES if value else NO
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
