"""The page of the rules of media plans: thresholds of warnings, and which money moves without approval."""

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import text_of
from api.language import gettext as _
from api.table_forms import Cells, Column, EditedTable, Kind, cells_of, filled, lines_with, read_lines, values_of
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import ClosedLoopError
from planning.media.rules import Approver, MediaRules, Scope, known_rules, read_rules

PERCENTS = ("over_percent", "under_percent")


def rule_columns() -> Sequence[Column]:
    return (
        Column("scope", _("Where money moves"), kind=Kind.CHOICE, options=[each.value for each in Scope]),
        Column("up_to_percent", _("Up to percent of an item"), _("Of what it had when approved."), Kind.NUMBER),
        Column("up_to_amount", _("Up to amount"), kind=Kind.NUMBER),
        Column("approver", _("Who approves"), kind=Kind.CHOICE, options=[each.value for each in Approver]),
    )


def read_draft(form: FormData) -> tuple[dict[str, str], list[Cells]]:
    return {name: text_of(form, name) for name in PERCENTS}, read_lines(form, rule_columns())


def rules_told(percents: dict[str, str], lines: Sequence[Cells]) -> MediaRules:
    """Raises `InvalidInput`."""
    told = {name: text.replace(",", ".") for name, text in percents.items() if text}
    rows = [values_of(_dotted(cells), rule_columns()) for cells in filled(lines, rule_columns())]
    return read_rules({**told, "reallocation": rows})


def rules_view(
    services: Services,
    viewer: Viewer,
    *,
    percents: dict[str, str] | None = None,
    lines: Sequence[Cells] | None = None,
    based_on: int | None = None,
    error: ClosedLoopError | None = None,
    done: bool = False,
) -> dict[str, Any]:
    rules, number = known_rules(services.database)
    known = [cells_of(each.model_dump(mode="json"), rule_columns()) for each in rules.reallocation]
    return {
        "percents": percents or {name: f"{getattr(rules, name):g}" for name in PERCENTS},
        "table": EditedTable(rule_columns(), lines_with(lines if lines is not None else known, {}), is_ordered=True),
        "based_on": number if based_on is None else based_on,
        "error": error,
        "done": done,
        "may_change": viewer.may(Right.RULES) and viewer.seen.is_everything,
        "currency": services.settings.currency,
    }


def _dotted(cells: Cells) -> Cells:
    numbers = {each.name for each in rule_columns() if each.kind is Kind.NUMBER}
    return {name: text.replace(",", ".").replace(" ", "") if name in numbers else text for name, text in cells.items()}
