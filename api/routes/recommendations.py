"""Recommendations: asking for one, those that there are, applying one to a month's plan, and what came of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api.answered import answered
from api.auth import ServicesOf, ViewerOf, may_plan, may_read_of_dealers
from api.exports import ExportFormat, as_document
from api.recommend.asking import ask
from api.recommend.bodies import ApplyBody, RecommendationBody
from api.recommend.reports import recommendation_report
from api.row_ids import RowId
from planning.media.months import read_month
from planning.recommend.outcomes import accuracy_of

router = APIRouter(prefix="/api/recommendations")


@router.get("", dependencies=[Depends(may_read_of_dealers)])
def list_recommendations(
    services: ServicesOf, viewer: ViewerOf, limit: Annotated[int, Query(ge=1, le=1000)] = 50
) -> dict[str, Any]:
    """The newest first, with what came of those that were applied, and how good all their promises were."""
    items = [each.as_dict() for each in services.recommendations.all(seen=viewer.seen, most=limit)]
    outcomes = services.recommendation_outcomes.all(seen=viewer.seen)
    return {
        "items": items,
        "total": len(items),
        "next": None,
        "outcomes": [each.as_dict() for each in outcomes],
        "accuracy": [each.as_dict() for each in accuracy_of(outcomes)],
    }


@router.post("", status_code=201, dependencies=[Depends(may_plan)])
def recommend(services: ServicesOf, viewer: ViewerOf, told: RecommendationBody) -> dict[str, Any]:
    """The best split of a budget, the least budget for an outcome, or all spend down to a marginal ROMI."""
    found = ask(services, viewer, told.as_question(services.settings.currency), within_stock=told.within_stock)
    return as_document(recommendation_report(found))


@router.get("/{key}", dependencies=[Depends(may_read_of_dealers)])
def tell_recommendation(
    services: ServicesOf,
    viewer: ViewerOf,
    key: RowId,
    form: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.JSON,
) -> Response:
    """One recommendation: spend now and recommended of each cell, its gain, and the moves."""
    found = services.recommendations.get(key, seen=viewer.seen)
    return answered(recommendation_report(found), form, services.settings)


@router.post("/{key}/apply", dependencies=[Depends(may_plan)])
def apply_recommendation(services: ServicesOf, viewer: ViewerOf, key: RowId, told: ApplyBody) -> dict[str, Any]:
    """Its budgets into the next version of the month's plan, a draft; where they are in it already, that is told."""
    use = services.recommendation_uses.apply(
        key,
        read_month(told.month),
        author=viewer.name,
        today=services.today,
        replaces=told.replaces,
        seen=viewer.seen,
    )
    return use.as_dict()
