"""Experiments with channels: entering, listing, removing, what they found, and what one that is planned would find."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.comparison_questions import read_planned
from api.exports import ExportFormat
from api.questions import read_choice
from attribution.experiments.design import read_experiment
from attribution.experiments.power import power_report
from attribution.experiments.register import add_experiment, experiment_of, experiments, remove_experiment
from attribution.experiments.reporting import experiment_report
from attribution.models import Model

router = APIRouter(prefix="/api", dependencies=[Depends(may_read)])
Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/experiments")
def list_experiments(services: ServicesOf) -> dict[str, Any]:
    """All experiments as they were entered."""
    items = [each.as_dict() for each in experiments(services.database)]
    return {"items": items, "total": len(items), "next": None}


@router.post("/experiments", status_code=201, dependencies=[Depends(may_change_rules)])
async def enter_experiment(request: Request, services: ServicesOf, viewer: ViewerOf) -> dict[str, Any]:
    """Enter an experiment."""
    experiment = read_experiment(await request.body())
    add_experiment(services.database, experiment, author=viewer.name, clock=services.clock)
    return experiment.as_dict()


@router.delete("/experiments/{key}", status_code=204, dependencies=[Depends(may_change_rules)])
def forget_experiment(key: str, services: ServicesOf, viewer: ViewerOf) -> None:
    """Remove an experiment; reports are no longer calibrated by it."""
    remove_experiment(services.database, key, author=viewer.name, clock=services.clock)


@router.get("/reports/experiments")
def report_experiments(
    services: ServicesOf, experiment: str = "", model: str = "last_non_direct", form: Form = ExportFormat.JSON
) -> Response:
    """What experiments found, beside what attribution allocates."""
    told = [experiment_of(services.database, experiment)] if experiment else experiments(services.database)
    return answered(
        experiment_report(services.warehouse, told, read_choice(Model, model, "model")), form, services.settings
    )


@router.get("/reports/power")
def power(
    services: ServicesOf,
    design: str = "geo",
    unit: str = "dealer",
    test: str = "",
    control: str = "",
    weeks: int = 4,
    baseline_weeks: int = 8,
    form: Form = ExportFormat.JSON,
) -> Response:
    """The smallest effect that an experiment of so many weeks with these units would find."""
    planned = read_planned(design, unit, test, control, weeks, baseline_weeks)
    return answered(power_report(services.warehouse, planned), form, services.settings)
