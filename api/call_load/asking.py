"""Questions about the load of calls, as parameters write them."""

import re
from datetime import date
from typing import Annotated

from fastapi import Query

from api.call_load.opened import LoadQuestion
from api.media.spent import asked_month
from infra.errors import InvalidInput

_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")
ServiceLevel = Annotated[
    float | None,
    Query(ge=0.5, le=0.99, allow_inf_nan=False),
]
Within = Annotated[int | None, Query(ge=0, le=600)]
Patience = Annotated[
    float | None,
    Query(ge=5, le=3600, allow_inf_nan=False),
]
Handling = Annotated[
    float | None,
    Query(ge=10, le=7200, allow_inf_nan=False),
]


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


def read_number(text: str, where: str) -> float | None:
    """None where nothing is written. Raises `InvalidInput`."""
    written = text.strip().replace(",", ".").replace("\xa0", "").replace(" ", "")
    if not written:
        return None
    if not _NUMBER.fullmatch(written):
        raise InvalidInput(f"{text!r} is no number.", where=where, help="Write digits, such as 20 or 0.5.")
    return float(written)
