"""Noise: what was found, examples of it, and the rules by which it is found."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read, may_read_own
from api.exports import ExportFormat
from api.questions import read_period
from attribution.noise.report import NoiseQuestion, noise_examples, noise_report
from attribution.noise.rule_sets import (
    RuleSet,
    change_noise_rules,
    current_noise_rules,
    noise_rule_versions,
    read_noise_rules,
)

router = APIRouter()

First = Annotated[str, Query(alias="from")]
Last = Annotated[str, Query(alias="to")]
Form = Annotated[ExportFormat, Query(alias="format")]


@router.get("/api/reports/noise", dependencies=[Depends(may_read)])
def tell_noise(
    services: ServicesOf, by: str = "reason", first: First = "", last: Last = "", form: Form = ExportFormat.JSON
) -> Response:
    """How many events of each group are noise, how many are left out, and what the clicks cost."""
    period = read_period(first, last, services.today)
    return answered(
        noise_report(services.warehouse, NoiseQuestion(by, period), services.settings.timezone), form, services.settings
    )


@router.get("/api/reports/noise/examples", dependencies=[Depends(may_read_own)])
def tell_examples(
    services: ServicesOf,
    viewer: ViewerOf,
    reason: str = "",
    most: Annotated[int, Query(ge=1, le=1000)] = 10,
    first: First = "",
    last: Last = "",
    form: Form = ExportFormat.JSON,
) -> Response:
    """The newest events of each reason, without anything that names a person."""
    period = read_period(first, last, services.today)
    return answered(
        noise_examples(services.warehouse, period, services.settings.timezone, reason, most, seen=viewer.seen),
        form,
        services.settings,
    )


@router.get("/api/noise/rules", dependencies=[Depends(may_read)])
def tell_rules(services: ServicesOf) -> dict[str, Any]:
    """The rules in force, and the versions that were saved."""
    versions = [_told(each) for each in noise_rule_versions(services.database)]
    return {**_told(current_noise_rules(services.database)), "versions": versions}


@router.put("/api/noise/rules", dependencies=[Depends(may_change_rules)])
def change_rules(
    services: ServicesOf, viewer: ViewerOf, rules: Annotated[list[dict[str, Any]], Body()]
) -> dict[str, Any]:
    """Change the rules of these reasons, from the next run on."""
    changed = change_noise_rules(services.database, read_noise_rules(rules), author=viewer.name, clock=services.clock)
    return _told(changed)


def _told(rules: RuleSet) -> dict[str, Any]:
    return {
        "version": rules.version,
        "created_at": rules.created_at.isoformat() if rules.created_at else None,
        "author": rules.author,
        "items": [rule.as_dict() for rule in rules.rules],
    }
