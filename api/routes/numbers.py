"""Pools of telephone numbers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from api.auth import ServicesOf, may_read
from api.call_questions import read_pool_question
from api.pool_sizing import pool_size

router = APIRouter()


@router.get("/api/numbers/pool-size", dependencies=[Depends(may_read)])
def size_of_pool(
    services: ServicesOf,
    accuracy: str = "80,90,95,98,99",
    site: str = "",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    visits: float | None = None,
    duration: float = 5.0,
    delay: float = 30.0,
) -> dict[str, Any]:
    """How many numbers each accuracy takes, by the site's measured traffic or by given figures."""
    today = services.clock.now().astimezone(services.settings.zone).date()
    return pool_size(services, read_pool_question(accuracy, site, first, last, visits, duration, delay, today))
