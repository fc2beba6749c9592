"""What the rows of a table are: figures of something that is known, totals, or nothing to read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from planning.importing.headers import Header
from planning.importing.mapping import TableMapping
from planning.importing.months import month_number, month_of
from planning.importing.names import LEFT_OUT, UNKNOWN, Known, Meant
from planning.importing.sheet import Sheet, as_label
from planning.importing.words import NAMED_ROLES, Role, is_derived, is_total, scale_of


class Skipped(StrEnum):
    """Why a row was not read."""

    NO_FIGURES = "no figures"
    TOTALS = "totals"
    LEFT_OUT = "left out"
    DERIVED = "shares and ratios, which follow from the plan"
    UNKNOWN = "names that nobody has explained yet"


@dataclass(slots=True)
class Row:
    """`names` are of what the row says; `month` is 0 where it says none, `multiply` as its measure's label says."""

    number: int
    cells: list[Any]
    names: dict[Role, Meant] = field(default_factory=dict)
    month: int = 0
    year: int = 0
    multiply: int = 1
    currency: str = ""
    brand: str = ""
    label: str = ""


@dataclass
class Rows:
    """Goes through a table once. `totals` are its rows of totals, `skipped` counts the others that are not read.

    `unknown` counts, by kind and spelling, the rows that wait for an explanation; `explained` are those that have one.
    """

    sheet: Sheet
    header: Header
    mapping: TableMapping
    known: Known
    totals: list[Row] = field(default_factory=list)
    skipped: Counter[Skipped] = field(default_factory=Counter)
    unknown: dict[Role, Counter[str]] = field(default_factory=dict)
    explained: dict[Role, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._columns = {role: self.mapping.with_role(role) for role in Role}
        self._figures = self._columns[Role.FIGURES]
        self._above: dict[int, str] = {}
        self._section: dict[Role, Meant] = {}
        self._constant = self._of_the_table()

    def read(self) -> Iterator[Row]:
        """Those with figures whose names are all known."""
        for number in range(self.header.first_row, len(self.sheet.rows)):
            row = self._row(number)
            if row is not None:
                yield row

    def _row(self, number: int) -> Row | None:
        cells = self.sheet.rows[number]
        labels = self._labels(number)
        total = next((text for role, text in labels.items() if self._is_total(role, text)), "")
        row = Row(number, cells, label=total)
        if total:
            self._name(row, labels)
            self.totals.append(row)
            self.skipped[Skipped.TOTALS] += 1
            return None
        if not self._has_figures(number, cells):
            self._begin_section(labels)
            self.skipped[Skipped.NO_FIGURES] += any(map(as_label, cells))
            return None
        self._name(row, labels)
        return row if self._is_readable(row, labels) else None

    def _labels(self, number: int) -> dict[Role, str]:
        """What the row says, an empty cell as the one above it where that is agreed."""
        found = {}
        for role in (*NAMED_ROLES, Role.BRAND, Role.MONTH, Role.CURRENCY):
            for column in self._columns[role][:1]:
                text = self._text(number, column)
                if text:
                    self._above[column] = text
                elif self.mapping.repeats and role in (Role.DEALER, Role.BRAND, Role.DIRECTION):
                    text = self._above.get(column, "")
                found[role] = text
        return found

    def _text(self, number: int, column: int) -> str:
        cells = self.sheet.rows[number]
        value = cells[column] if column < len(cells) else ""
        if value == "" and self.sheet.merged:
            value = self.sheet.value(*self.sheet.anchor(number, column))
        return value if isinstance(value, str) else as_label(value)

    def _is_total(self, role: Role, text: str) -> bool:
        return is_total(text) and (role not in self.known.names or not self.known[role].meaning(text).id)

    def _has_figures(self, number: int, cells: list[Any]) -> bool:
        marks = self.sheet.marks.get(number, {})
        return any(
            (column < len(cells) and cells[column] not in ("", None)) or column in marks for column in self._figures
        )

    def _begin_section(self, labels: dict[Role, str]) -> None:
        """A row with nothing but a name tells what the rows below it are of, where no column does."""
        said = [text for text in labels.values() if text]
        if len(said) != 1 or not self.mapping.has_sections:
            return
        for role in (Role.DEALER, Role.DIRECTION, Role.MEASURE):
            if not self._columns[role] and (meant := self.known[role].meaning(said[0])).id:
                self._section[role] = meant

    def _name(self, row: Row, labels: dict[Role, str]) -> None:
        for role in NAMED_ROLES:
            text = labels.get(role, "")
            if text:
                row.names[role] = self.known[role].meaning(text)
            else:
                row.names[role] = self._section.get(role) or self._constant.get(role) or Meant()
        row.brand = labels.get(Role.BRAND, "")
        if row.brand and row.names[Role.DEALER] is UNKNOWN:
            row.names[Role.DEALER] = self.known[Role.DEALER].of_brand(labels.get(Role.DEALER, ""), row.brand)
        if Role.MEASURE in labels:
            row.multiply = scale_of(labels[Role.MEASURE])
        if labels.get(Role.MONTH):
            said = month_of(labels[Role.MONTH])
            row.month = said.month if said else month_number(labels[Role.MONTH])
            row.year = said.year if said else 0
        row.currency = labels.get(Role.CURRENCY, "")

    def _is_readable(self, row: Row, labels: dict[Role, str]) -> bool:
        meant = row.names.values()
        if any(each is LEFT_OUT for each in meant):
            self.skipped[Skipped.LEFT_OUT] += 1
            return False
        if row.names[Role.MEASURE] is UNKNOWN and is_derived(labels.get(Role.MEASURE, "")):
            self.skipped[Skipped.DERIVED] += 1
            return False
        for role, each in row.names.items():
            if each.is_explained:
                self.explained.setdefault(role, {})[as_label(labels.get(role) or self.sheet.name)] = each.id
        strangers = [role for role, each in row.names.items() if each is UNKNOWN]
        for role in strangers:
            spelling = labels.get(role) or self.sheet.name
            self.unknown.setdefault(role, Counter())[as_label(spelling)] += 1
        if strangers:
            self.skipped[Skipped.UNKNOWN] += 1
        return not strangers

    def _of_the_table(self) -> dict[Role, Meant]:
        told = {
            Role.DEALER: self.mapping.dealer,
            Role.DIRECTION: self.mapping.direction,
            Role.MEASURE: self.mapping.measure,
        }
        found = {role: Meant(key) for role, key in told.items() if key}
        if self.mapping.sheet_is in NAMED_ROLES:
            found[self.mapping.sheet_is] = self.known[self.mapping.sheet_is].meaning(self.sheet.name)
        return found
