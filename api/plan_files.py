"""A version of a plan, or a table to fill in, as a file to download."""

from enum import StrEnum

from fastapi.responses import Response
from sqlalchemy import Connection

from api.bootstrap import Services
from api.exports import ExportFormat
from api.language import gettext as _
from api.told import told
from api.viewer import Viewer
from infra.errors import NotFound
from planning.dimensions import known_network
from planning.directions import directions_in, known_directions
from planning.exporting import HEADINGS, Lines, PlanTable, lines_of, plan_csv, plan_workbook
from planning.facts import days_of_year, facts_of_crm, facts_of_year
from planning.grid import Grid, empty_grid
from planning.importing.known import known_names
from planning.lines import read_lines
from planning.measures import PLANNED
from planning.plans import Plan, PlanVersion
from planning.templates import last_years_plan, template_lines


class PlanFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"


class FilledWith(StrEnum):
    NOTHING = "nothing"
    PLAN = "plan"
    FACTS = "facts"


def exported_plan(services: Services, viewer: Viewer, key: int, version: int, form: PlanFormat) -> Response:
    """Raises `NotFound`."""
    plan = services.plans.get(key)
    chosen = _version(services, key, version)
    with services.database.connect() as connection:
        grid = read_lines(connection, chosen.id, seen=viewer.seen)
        known = known_names(connection, viewer.seen, reader=viewer.name, version=chosen.id)
    table = PlanTable(plan, known, _translated())
    return _as_file(lines_of(grid), table, form, f"plan-{plan.id}-version-{chosen.number}")


def plan_template(services: Services, viewer: Viewer, key: int, filled: FilledWith, form: PlanFormat) -> Response:
    """Raises `NotFound`."""
    plan = services.plans.get(key)
    newest = _version(services, key, 0)
    crm = _last_years_crm(services, viewer, plan) if filled is FilledWith.FACTS else empty_grid()
    with services.database.connect() as connection:
        given = _last_year(connection, viewer, plan, filled, crm)
        network = known_network(connection, viewer.seen)
        lines = template_lines(network.dealers, directions_in(connection), plan.year, given)
        known = known_names(connection, viewer.seen, reader=viewer.name, version=newest.id)
    return _as_file(lines, PlanTable(plan, known, _translated()), form, f"plan-{plan.id}-template")


def _last_years_crm(services: Services, viewer: Viewer, plan: Plan) -> Grid:
    directions, days = known_directions(services.database), days_of_year(plan.year - 1)
    return facts_of_crm(services.warehouse, *days, directions, services.settings.timezone, seen=viewer.seen)


def _last_year(connection: Connection, viewer: Viewer, plan: Plan, filled: FilledWith, crm: Grid) -> Lines:
    if filled is FilledWith.PLAN:
        return last_years_plan(connection, plan.year, viewer.seen)
    if filled is FilledWith.NOTHING:
        return {}
    return lines_of(facts_of_year(connection, plan.year - 1, crm, seen=viewer.seen).lines)


def _version(services: Services, plan: int, wanted: int) -> PlanVersion:
    versions = services.plans.versions(plan)
    found = next((each for each in versions if not wanted or each.id == wanted), None)
    if found is None:
        raise NotFound(f"This plan has no version {wanted}.", where="version", help="Its page lists them.")
    return found


def _translated() -> dict[str, str]:
    """Headings and measures in the reader's language."""
    return {text: _(text) for text in HEADINGS} | {each.title: told(each.title) for each in PLANNED.values()}


def _as_file(lines: Lines, table: PlanTable, form: PlanFormat, name: str) -> Response:
    content = plan_workbook(lines, table) if form is PlanFormat.XLSX else plan_csv(lines, table)
    disposition = f'attachment; filename="{name}.{form.value}"'
    return Response(content, media_type=ExportFormat(form).media_type, headers={"Content-Disposition": disposition})
