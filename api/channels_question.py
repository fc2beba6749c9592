"""Reading the parameters that all pages of channels have."""

from typing import Annotated

from fastapi import Depends, Query

from api.auth import ServicesOf
from api.channels_address import Place, read_place
from api.questions import Asked

MOST_ROWS = 500
_Many = Annotated[list[str] | None, Query()]


def _place(
    services: ServicesOf,
    by: _Many = None,
    model: str = "last_non_direct",
    calendar: str = "conversion",
    share: str = "leads",
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    models: str = "",
    measures: _Many = None,
    where: str = "",
    sort: str = "",
    path: _Many = None,
    pick: _Many = None,
    line: str = "",
    shares: str = "",
    next: str = "",  # noqa: A002
) -> Place:
    """`by` and `measures` may come once each, as pickers send them, or once for all with commas between.

    Without `sort`, the best by ROMI come first.
    """
    groupings = ",".join(filter(None, by or ())) or "channel"
    asked = Asked(
        groupings, model, calendar, share, first, last, models, ",".join(measures or ()), where, sort or "-romi",
        MOST_ROWS, next,
    )  # fmt: skip
    question = asked.question(services.definitions.catalog(), services.today)
    return read_place(question, path or (), pick or (), line, shares)


PlaceOf = Annotated[Place, Depends(_place)]
