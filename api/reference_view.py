"""The pages of the tables of reference data, and of contractors."""

from collections.abc import Sequence
from typing import Any

from api.bootstrap import Services
from api.language import gettext as _
from api.reference_tables import ReferenceTable, wrongs_of_table
from api.settings_view import settings_view
from api.table_forms import Cells, EditedTable, filled, lines_with
from api.viewer import Viewer
from attribution.reference import reference_document
from infra.access.rights import Right
from infra.errors import ClosedLoopError


def kept_in_words(done: str) -> str:
    return {
        "kept": _("The change is kept. A new run is asked for by itself; when it ends, reports follow, the past too."),
        "removed": _("It is removed. A new run is asked for by itself; when it ends, reports follow, the past too."),
    }.get(done, "")


def table_view(
    services: Services,
    viewer: Viewer,
    table: ReferenceTable,
    drafted: Sequence[Cells],
    *,
    based_on: int,
    done: str = "",
    error: ClosedLoopError | None = None,
    checked: bool = False,
) -> dict[str, Any]:
    """What is wrong is marked where the draft is `checked`."""
    known = reference_document(services.database)
    lines = filled(drafted, table.columns) if checked else list(drafted)
    wrongs = wrongs_of_table(table, known, lines, services.settings.country) if checked else {}
    whole = wrongs.pop((-1, ""), "")
    return settings_view(viewer) | {
        "part": table,
        "table": EditedTable(table.columns, lines_with(lines, wrongs), is_ordered=table.is_ordered),
        "whole": whole,
        "based_on": based_on,
        "error": error,
        "said": kept_in_words(done),
        "may_change": viewer.may(Right.RULES),
    }
