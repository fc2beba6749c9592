"""Channel rules: read, try on history, keep, and go back."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_change_rules, may_read
from api.exports import ExportFormat
from api.questions import read_model
from api.row_ids import LARGEST_ID
from attribution.channel_preview import preview_rules
from attribution.channel_rules import read_rules, rule_versions, rules_of_version
from attribution.reference import keep_channel_rules

router = APIRouter(prefix="/api/channel-rules", dependencies=[Depends(may_read)])
Told = Annotated[Any, Body()]
Version = Annotated[int | None, Query(ge=0, le=LARGEST_ID)]


@router.get("")
def tell_rules(services: ServicesOf, version: Version = None) -> dict[str, Any]:
    """The rules in force, or those of a version, and every version there is."""
    versions = rule_versions(services.database)
    told = versions[0] if version is None else rules_of_version(services.database, version)
    return told.as_dict() | {"versions": [each.summary() for each in versions]}


@router.put("", dependencies=[Depends(may_change_rules)])
def put_rules(services: ServicesOf, viewer: ViewerOf, told: Told) -> dict[str, Any]:
    """Put rules in force, from the next run on: those of the body, or those of an earlier version that it names."""
    if isinstance(told, dict) and isinstance(told.get("version"), int) and "rules" not in told:
        rules = rules_of_version(services.database, told["version"]).rules
    else:
        rules = read_rules(told)
    version = keep_channel_rules(services.database, rules, author=viewer.name, clock=services.clock)
    return rules_of_version(services.database, version).as_dict()


@router.post("/preview", dependencies=[Depends(may_change_rules)])
def preview(
    services: ServicesOf,
    told: Told,
    model: str = "last_non_direct",
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """What the rules of the body would change on what the newest run has seen."""
    current = rule_versions(services.database)[0].rules
    return answered(
        preview_rules(services.warehouse, current, read_rules(told), read_model(model)), form, services.settings
    )
