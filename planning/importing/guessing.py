"""What the columns of a table probably mean, from what its header and its cells say.

A guess says of itself whether it is certain: where it is not, the user is asked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from planning.importing.amounts import looks_like_a_figure
from planning.importing.headers import Header
from planning.importing.mapping import ColumnUse, TableMapping
from planning.importing.months import Month, month_number, month_of, split_month, year_of, year_within
from planning.importing.names import Known
from planning.importing.sheet import Sheet
from planning.importing.words import (
    NAMED_ROLES,
    Role,
    is_derived,
    is_total,
    measure_of,
    role_of,
    says_fact,
    says_plan,
    scale_of,
    total_part,
)
from planning.measures import PLANNED

PART_OF_TOTALS = 5
"""Of a totals column that sums neither a quarter nor the year: it is not read, and not checked."""

_SAMPLE = 200
_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a file is read for: a plan or facts of a year, or of one of its months."""

    year: int
    month: int | None = None
    is_facts: bool = False


@dataclass(slots=True)
class Guess:
    """`doubts` are columns whose meaning nobody can tell; `other_years` are those of another year."""

    mapping: TableMapping
    doubts: list[int] = field(default_factory=list)
    other_years: list[int] = field(default_factory=list)
    is_certain: bool = False


@dataclass(slots=True)
class _Said:
    """What a column's labels say."""

    role: Role = Role.IGNORED
    month: Month | None = None
    year: int = 0
    measure: str = ""
    total: int | None = None
    is_fact: bool = False
    is_plan: bool = False
    is_derived: bool = False
    scale: int = 1


def guess_mapping(sheet: Sheet, header: Header, known: Known, wanted: Wanted) -> Guess:
    said = [_said(parts) for parts in header.labels]
    samples = [_sample(sheet, header, column) for column in range(len(said))]
    has_months_down = any(each.role is Role.MONTH for each in said)
    guess = Guess(TableMapping(columns=()))
    uses: list[ColumnUse] = []
    for column, each in enumerate(said):
        use = _use(each, wanted, has_months_down=has_months_down)
        if use.role is Role.IGNORED and _is_unsaid(each):
            use = _by_contents(samples[column], known, taken={each.role for each in uses})
        uses.append(use)
    _number_months(header, uses)
    for column, each in enumerate(said):
        if each.year and each.year != wanted.year:
            guess.other_years.append(column)
        elif uses[column].role is Role.IGNORED and _is_unsaid(each) and any(map(looks_like_a_figure, samples[column])):
            guess.doubts.append(column)
    guess.mapping = _of_table(sheet, header, uses, said, known, wanted)
    guess.is_certain = not guess.doubts and is_whole(guess.mapping)
    return guess


def is_whole(mapping: TableMapping) -> bool:
    """Whether it says of every figure which measure, month and dealer it is of."""
    figures = [column for column in mapping.columns if column.role is Role.FIGURES]
    measured = all(column.measure for column in figures) or bool(mapping.measure or mapping.with_role(Role.MEASURE))
    dated = all(column.month for column in figures) or bool(mapping.with_role(Role.MONTH))
    named = bool(mapping.dealer or mapping.with_role(Role.DEALER)) or mapping.sheet_is is Role.DEALER
    dealt = named or mapping.has_sections
    return bool(figures) and (measured or mapping.sheet_is is Role.MEASURE) and dated and dealt


def _said(parts: Sequence[str]) -> _Said:
    said = _Said()
    for part in parts:
        month = month_of(part)
        rest = part
        if month is None:
            found, rest = split_month(part)
            month = found if found and measure_of(rest) else None
            rest = rest if month else part
        said.month = month or said.month
        said.year = (month.year if month else 0) or year_of(part) or year_within(part) or said.year
        said.measure = measure_of(rest) or said.measure
        said.role = role_of(part) or said.role
        part_of_total = total_part(part)
        said.total = said.total if part_of_total is None else part_of_total
        said.is_fact |= says_fact(part)
        said.is_plan |= says_plan(part)
        said.is_derived |= is_derived(part) and not measure_of(rest)
        said.scale = max(said.scale, scale_of(part))
    return said


def _is_unsaid(said: _Said) -> bool:
    return not (said.role or said.month or said.measure or said.is_derived or said.total is not None or said.year)


def _use(said: _Said, wanted: Wanted, *, has_months_down: bool) -> ColumnUse:
    if said.is_derived or (said.year and said.year != wanted.year):
        return ColumnUse()
    if (said.is_fact and not said.is_plan) != wanted.is_facts and (said.is_fact or said.is_plan):
        return ColumnUse()
    if said.total is not None:
        return ColumnUse(role=Role.TOTAL, measure=said.measure, month=PART_OF_TOTALS if said.month else said.total)
    if said.month:
        return ColumnUse(role=Role.FIGURES, measure=said.measure, month=said.month.month)
    if said.role not in (Role.IGNORED, Role.FIGURES):
        return ColumnUse(role=said.role)
    if said.measure or said.role is Role.FIGURES:
        month = 0 if has_months_down or not wanted.month else wanted.month
        return ColumnUse(role=Role.FIGURES, measure=said.measure, month=month)
    return ColumnUse()


def _sample(sheet: Sheet, header: Header, column: int) -> list[str]:
    rows = range(header.first_row, min(len(sheet.rows), header.first_row + _SAMPLE))
    return [label for row in rows if (label := sheet.label(row, column)) and not is_total(label)]


def _by_contents(sample: Sequence[str], known: Known, taken: set[Role]) -> ColumnUse:
    if not sample:
        return ColumnUse()
    for role in NAMED_ROLES:
        hits = sum(known[role].meaning(cell).id != "" for cell in sample)
        if role not in taken and hits > _ENOUGH * len(sample):
            return ColumnUse(role=role)
    if Role.MONTH not in taken and sum(month_of(cell) is not None for cell in sample) > _ENOUGH * len(sample):
        return ColumnUse(role=Role.MONTH)
    return ColumnUse()


def _number_months(header: Header, uses: list[ColumnUse]) -> None:
    """Columns that are headed 1, 2, 3, … 12 are months, where no other columns are."""
    if any(use.role is Role.FIGURES for use in uses):
        return
    numbers = [month_number(parts[-1]) if parts else 0 for parts in header.labels]
    starts = [start for start in range(1, len(numbers) - 11) if numbers[start : start + 12] == list(range(1, 13))]
    if not starts:
        return
    for column in range(starts[0], len(numbers)):
        if numbers[column] != column - starts[0] + 1:
            break
        measure = next((found for part in header.labels[column] if (found := measure_of(part))), "")
        uses[column] = ColumnUse(role=Role.FIGURES, measure=measure, month=numbers[column])


def _of_table(
    sheet: Sheet, header: Header, uses: Sequence[ColumnUse], said: Sequence[_Said], known: Known, wanted: Wanted
) -> TableMapping:
    """And what holds for the whole table, from its titles and the sheet's name."""
    roles = Counter(use.role for use in uses)
    open_measure = not roles[Role.MEASURE] and any(use.role is Role.FIGURES and not use.measure for use in uses)
    sheet_is, measure = Role.IGNORED, ""
    if not roles[Role.DEALER] and known[Role.DEALER].meaning(sheet.name).id:
        sheet_is = Role.DEALER
    if open_measure:
        measure = next((found for title in header.titles if (found := measure_of(title))), "")
        if not measure and sheet_is is Role.IGNORED and measure_of(sheet.name):
            sheet_is = Role.MEASURE
    if sheet_is is Role.IGNORED and not roles[Role.DIRECTION] and known[Role.DIRECTION].meaning(sheet.name).id:
        sheet_is = Role.DIRECTION
    in_titles = max(map(scale_of, header.titles), default=1)
    scaled = [
        use.model_copy(update={"multiply": each.scale if each.scale > 1 or _is_of_units(use) else in_titles})
        if use.role in (Role.FIGURES, Role.TOTAL)
        else use
        for each, use in zip(said, uses, strict=True)
    ]
    dealers = list(known[Role.DEALER].by_id)
    only_dealer = dealers[0] if len(dealers) == 1 and not roles[Role.DEALER] and sheet_is is not Role.DEALER else ""
    is_named = bool(roles[Role.DEALER] or only_dealer) or sheet_is is Role.DEALER
    return TableMapping(
        columns=tuple(scaled),
        measure=measure,
        dealer=only_dealer,
        sheet_is=sheet_is,
        has_sections=not is_named and _has_sections(sheet, header, scaled, known),
    )


def _is_of_units(use: ColumnUse) -> bool:
    return bool(use.measure) and not PLANNED[use.measure].is_money


def _has_sections(sheet: Sheet, header: Header, uses: Sequence[ColumnUse], known: Known) -> bool:
    """Whether dealers stand alone in rows without figures."""
    figures = [column for column, use in enumerate(uses) if use.role is Role.FIGURES]
    for row in range(header.first_row, min(len(sheet.rows), header.first_row + _SAMPLE)):
        said = {label for column in range(len(uses)) if (label := sheet.label(row, column))}
        empty = all(sheet.value(row, column) == "" for column in figures)
        if empty and len(said) == 1 and known[Role.DEALER].meaning(said.pop()).id:
            return True
    return False
