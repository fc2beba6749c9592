"""Questions about the load of calls, as parameters write them."""

from datetime import date
from typing import Annotated

from fastapi import Query

from api.call_load.opened import LoadQuestion
from api.media.spent import asked_month

ServiceLevel = Annotated[float | None, Query(ge=0.5, le=0.99, allow_inf_nan=False)]
Within = Annotated[int | None, Query(ge=0, le=600)]
Patience = Annotated[float | None, Query(ge=5, le=3600, allow_inf_nan=False)]
Handling = Annotated[float | None, Query(ge=10, le=7200, allow_inf_nan=False)]


def read_load_question(
    dealer: str,
    month: str,
    today: date,
    service_level: float | None = None,
    within_s: int | None = None,
    patience_s: float | None = None,
    handling_s: float | None = None,
) -> LoadQuestion:
    """This month unless said; aims are the call centre's unless said. Raises `InvalidInput`."""
    asked = {
        "service_level": service_level, "within_s": within_s, "patience_s": patience_s, "handling_s": handling_s,
    }  # fmt: skip
    changed = tuple((name, value) for name, value in asked.items() if value is not None)
    return LoadQuestion(asked_month(month, today), dealer, changed)
