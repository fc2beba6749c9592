"""Own dimensions as a table of conditions, and back.

A line with a value begins a rule; one without is a further condition of the rule above it.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from api.forms import text_of
from api.language import gettext as _
from api.table_forms import Cells, Column, EditedTable, Kind, lines_with, read_lines, rearranged
from attribution.dimensions import DIMENSIONS
from infra.errors import InvalidInput

MATCHES, ONE_OF = "matches", "is one of"


@dataclass(frozen=True, slots=True)
class DimensionDraft:
    """As the form has it: `lines` are conditions, or `from_property` names the property that is the value."""

    name: str = ""
    lines: Sequence[Cells] = ()
    otherwise: str = ""
    from_property: str = ""

    @property
    def table(self) -> EditedTable:
        return EditedTable(condition_columns(), lines_with(self.lines, {}), is_ordered=True)


def condition_columns() -> Sequence[Column]:
    return (
        Column("value", _("Value"), _("What reports show where the rule matches. Empty: a further condition of it.")),
        Column("dimension", _("Where"), _("A built-in dimension, or properties.name."), options=DIMENSIONS),
        Column("how", _("How"), kind=Kind.CHOICE, options=(MATCHES, ONE_OF)),
        Column("wanted", _("Pattern or values"), _("Values have commas between them."), Kind.PATTERN),
    )


def drafted_in(form: FormData) -> DimensionDraft:
    """After what the button says: a line is added, moved or removed."""
    columns = condition_columns()
    lines = rearranged(read_lines(form, columns), columns, text_of(form, "do"))
    return DimensionDraft(text_of(form, "name"), lines, text_of(form, "otherwise"), text_of(form, "property"))


def draft_of(name: str, body: Mapping[str, Any]) -> DimensionDraft:
    """Of a definition, as `OwnDimension.as_dict` tells it."""
    lines = [cells for rule in body.get("rules", ()) for cells in _lines_of(rule)]
    return DimensionDraft(name, lines, body.get("otherwise", ""), body.get("property", ""))


def body_of(draft: DimensionDraft) -> dict[str, Any]:
    """The definition that the form says. Raises `InvalidInput`."""
    told = {"property": draft.from_property, "rules": _rules_of(draft.lines), "otherwise": draft.otherwise}
    return {name: value for name, value in told.items() if value}


def _lines_of(rule: Mapping[str, Any]) -> list[Cells]:
    conditions = list(rule.get("when", {}).items()) or [("", "")]
    return [
        {
            "value": "" if place else rule["value"],
            "dimension": dimension,
            "how": MATCHES if isinstance(wanted, str) else ONE_OF,
            "wanted": wanted if isinstance(wanted, str) else _joined(wanted),
        }
        for place, (dimension, wanted) in enumerate(conditions)
    ]


def _rules_of(lines: Sequence[Cells]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    for number, cells in enumerate(lines, 1):
        if not (cells["value"] or cells["dimension"] or cells["wanted"]):
            continue
        if cells["value"]:
            rules.append({"value": cells["value"], "when": {}})
        elif not rules:
            raise _wrong(_("Line %(number)s needs a value: it is the first.") % {"number": number})
        _add_condition(rules[-1]["when"], cells, number)
    return rules


def _add_condition(when: dict[str, Any], cells: Cells, number: int) -> None:
    dimension, wanted = cells["dimension"], cells["wanted"]
    if not (dimension or wanted):
        return
    if not (dimension and wanted):
        raise _wrong(_("Line %(number)s needs both a dimension and a pattern or values.") % {"number": number})
    if dimension in when:
        raise _wrong(_("Line %(number)s names a dimension that its rule has already.") % {"number": number})
    when[dimension] = _split(wanted) if cells["how"] == ONE_OF else wanted


def _wrong(message: str) -> InvalidInput:
    return InvalidInput(message, where="rules", help=_("Correct the line, and define it again."))


def _joined(values: Sequence[str]) -> str:
    """With commas between them, and in quotes where one has a comma or quotes itself."""
    return ", ".join(_quoted(each) if "," in each or '"' in each else each for each in values)


def _quoted(value: str) -> str:
    doubled = value.replace('"', '""')
    return f'"{doubled}"'


def _split(text: str) -> list[str]:
    return [value.strip() for row in csv.reader([text], skipinitialspace=True) for value in row if value.strip()]
