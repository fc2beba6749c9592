"""What the buttons of a plan's page do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from api.auth import may_change_rules
from api.bootstrap import Services
from api.forms import number_of, text_of, texts_of
from api.plan_facts import split_basis
from api.plan_forms import as_cells, as_splits, changed_cells, read_split
from api.plan_grid import GridAsked, Row
from api.service_view import outlook_for
from api.viewer import Viewer
from infra.errors import InvalidInput
from planning.directions import known_directions
from planning.editing import Cell
from planning.plans import Plan, PlanVersion
from planning.service_plan import plan_service_visits, service_direction
from planning.undoing import undo


@dataclass(frozen=True, slots=True)
class PlanForm:
    """What was sent from the page of a version, and by whom."""

    services: Services
    viewer: Viewer
    plan: Plan
    version: PlanVersion
    asked: GridAsked
    form: FormData

    @property
    def based_on(self) -> int:
        return number_of(self.form, "based_on")

    @property
    def why(self) -> str:
        return text_of(self.form, "why")


def change_plan(told: PlanForm, rows: Sequence[Row]) -> str:
    """Whatever the button says; what was done, in a word. Raises `InvalidInput`, `NotFound`, `Conflict`."""
    match text_of(told.form, "do"):
        case "lock":
            return _lock(told, rows)
        case "share":
            return _share(told)
        case "service":
            return _expect_service(told)
        case "undo":
            return _undo(told)
        case _:
            return _keep(told, rows)


def _keep(told: PlanForm, rows: Sequence[Row]) -> str:
    """Numbers that were written otherwise; those above lines are shared out below."""
    names = {place: row.name for place, row in enumerate(rows)}
    changed = list(changed_cells(told.form, told.asked.measure, told.plan, names))
    cells = as_cells(changed, told.asked.measure, told.based_on)
    splits = as_splits(changed, told.asked.measure, told.plan)
    keep, services = text_of(told.form, "keep"), told.services
    if cells and splits:
        raise InvalidInput(
            "A row's total and single months were changed at once.",
            where="cells",
            help="Change one of them, save, and then the other.",
        )
    if keep and len(changed) > 1:
        raise InvalidInput(
            "Others make up for one cell at a time.", where="keep", help="Change one cell, or let the total change."
        )
    by = {"author": told.viewer.name, "why": told.why}
    seen = told.viewer.seen
    if splits:
        basis = split_basis(services, seen)
        services.plan_sharer.split(told.version.id, splits, basis, based_on=told.based_on, seen=seen, **by)
    elif keep and cells:
        services.plan_sharer.put_keeping(told.version.id, cells[0], keep, seen=seen, **by)
    elif cells:
        services.plan_editor.put(told.version.id, cells, seen=seen, **by)
    return "kept" if changed else "same"


def _lock(told: PlanForm, rows: Sequence[Row]) -> str:
    """Locks as they are ticked, of rows of one line."""
    ticked = set(texts_of(told.form, "lock"))
    cells = [
        Cell(row.place.key(told.asked.measure), month, locked=f"{place}|{month}" in ticked)
        for place, row in enumerate(rows)
        if row.place.is_line
        for month in told.plan.months
    ]
    told.services.plan_editor.put(told.version.id, cells, author=told.viewer.name, kind="locks", seen=told.viewer.seen)
    return "kept"


def _share(told: PlanForm) -> str:
    """The total of the form, from the place where one stands."""
    split = read_split(told.form, told.asked.measure, told.plan, told.asked.place)
    weights = {
        name.removeprefix("weight|"): _weight(str(value)) for name, value in told.form.items() if name[:7] == "weight|"
    }
    basis = replace(split_basis(told.services, told.viewer.seen), weights=weights)
    told.services.plan_sharer.split(
        told.version.id,
        [split],
        basis,
        author=told.viewer.name,
        why=told.why,
        based_on=told.based_on,
        seen=told.viewer.seen,
    )
    return "shared"


def _expect_service(told: PlanForm) -> str:
    """Service visits as they are to be expected."""
    services, seen = told.services, told.viewer.seen
    outlook = outlook_for(services, seen, told.version)
    direction = service_direction(known_directions(services.database))
    done = plan_service_visits(
        services.database, services.clock, told.version.id, outlook, direction, author=told.viewer.name, seen=seen
    )
    return "kept" if done.lines else "same"


def _undo(told: PlanForm) -> str:
    may_change_rules.check(told.viewer)
    services = told.services
    undo(services.database, services.clock, told.version.id, number_of(told.form, "edit"), author=told.viewer.name)
    return "undone"


def _weight(text: str) -> float:
    try:
        return max(float(text.replace(",", ".") or 0), 0.0)
    except ValueError:
        raise InvalidInput(f"{text!r} is no weight.", where="weight", help="Write a number such as 1.5.") from None
