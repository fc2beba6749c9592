"""A version of a plan, or a table to fill in, as a file to download."""

from enum import StrEnum

from fastapi.responses import Response

from api.bootstrap import Services
from api.exports import ExportFormat
from api.language import gettext as _
from api.plan_facts import of_year
from api.told import told
from api.viewer import Viewer
from planning.dimensions import known_network
from planning.directions import directions_in
from planning.exporting import HEADINGS, Lines, PlanTable, lines_of, plan_csv, plan_workbook
from planning.grid import empty_grid
from planning.importing.known import known_names
from planning.lines import read_lines
from planning.measures import PLANNED
from planning.templates import last_years_plan, template_lines


class PlanFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class FilledWith(StrEnum):
    NOTHING = "nothing"
    PLAN = "plan"
    FACTS = "facts"


def exported_plan(services: Services, viewer: Viewer, key: int, number: int | None, form: PlanFormat) -> Response:
    """Raises `NotFound`."""
    plan = services.plans.get(key)
    version = services.plans.version_of(key, number) if number else services.plans.versions(key)[0]
    with services.database.connect() as connection:
        grid = read_lines(connection, version.id, seen=viewer.seen)
        known = known_names(connection, viewer.seen, reader=viewer.name, version=version.id)
    table = PlanTable(plan, known, _translated())
    return _as_file(lines_of(grid), table, form, f"plan-{plan.id}-version-{version.number}")


def plan_template(services: Services, viewer: Viewer, key: int, filled: FilledWith, form: PlanFormat) -> Response:
    """Raises `NotFound`."""
    plan = services.plans.get(key)
    facts = of_year(services, plan.year - 1, viewer.seen).lines if filled is FilledWith.FACTS else empty_grid()
    newest = services.plans.versions(key)[0]
    with services.database.connect() as connection:
        is_by_plan = filled is FilledWith.PLAN
        given = last_years_plan(connection, plan.year, viewer.seen) if is_by_plan else lines_of(facts)
        network = known_network(connection, viewer.seen)
        lines = template_lines(network.dealers, directions_in(connection), plan.year, given)
        known = known_names(connection, viewer.seen, reader=viewer.name, version=newest.id)
    return _as_file(lines, PlanTable(plan, known, _translated()), form, f"plan-{plan.id}-template")


def exported_facts(services: Services, viewer: Viewer, key: int, form: PlanFormat) -> Response:
    """Of the plan's year, in the form of the plan. Raises `NotFound`."""
    plan = services.plans.get(key)
    facts = lines_of(of_year(services, plan.year, viewer.seen).lines)
    newest = services.plans.versions(key)[0]
    with services.database.connect() as connection:
        places = known_network(connection, viewer.seen).by_id
        known = known_names(connection, viewer.seen, reader=viewer.name, version=newest.id)
    lines = {line: values for line, values in facts.items() if line.dealer in places}
    return _as_file(lines, PlanTable(plan, known, _translated()), form, f"facts-{plan.year}")


def _translated() -> dict[str, str]:
    """Headings and measures in the reader's language."""
    return {text: _(text) for text in HEADINGS} | {each.title: told(each.title) for each in PLANNED.values()}


def _as_file(lines: Lines, table: PlanTable, form: PlanFormat, name: str) -> Response:
    content = plan_workbook(lines, table) if form is PlanFormat.XLSX else plan_csv(lines, table)
    disposition = f'attachment; filename="{name}.{form.value}"'
    return Response(content, media_type=ExportFormat(form).media_type, headers={"Content-Disposition": disposition})
