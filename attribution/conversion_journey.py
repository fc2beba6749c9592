"""The journey of one conversion: its touches in their order, with the credit that each model gives them."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.removal_effects import make_effects_known
from attribution.runs import KINDS, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import NotFound
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "conversions_behind")
NAMES = ("at", "channel", "source", "medium", "campaign", "content", "term", "device", "region")
FIGURES = (
    *(Measure(model.value, model.label, Unit.SHARE) for model in Model),
    Measure("days_before", "Days before", Unit.DAYS),
)
_DAY_S = 86_400
_TOLD = ("dealer", "brand", "product", "deal_kind", "repeat", "revenue", "margin")


def conversion_journey(
    warehouse: Warehouse, kind: str, conversion: str, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a touch, the first first; shares of each model add up to 1. One row `(no touch)` where there is no touch.

    `about` has the conversion, without personal data. Moments are RFC 3339 in the account's time zone. Touches of
    contractors that the viewer does not see have the channel `(hidden)`. Raises `NotReady`, and `NotFound` where there
    is no such conversion, or none of which the viewer sees anything.
    """
    run = newest_run(warehouse)
    asked = {"run": run.number, "kind": kind, "conversion": conversion, **seen.parameters}
    found = next(iter(warehouse.rows(_SQL["conversion"], asked)), None) if kind in KINDS else None
    if found is None:
        raise _missing(kind, conversion)
    make_effects_known(warehouse, run.number)
    touches = warehouse.frame(_SQL["journey"], {**asked, "person": found["person"]})
    if seen.contractors is not None and not touches["is_seen"].any():
        raise _missing(kind, conversion)
    at = _utc(found["at"])
    about = {name: found[name] for name in _TOLD} | {
        "kind": kind,
        "id": conversion,
        "at": at.astimezone(settings.zone).isoformat(timespec="seconds"),
    }
    return Answer(
        "journey",
        run,
        NAMES,
        FIGURES,
        _rows(touches, at, settings),
        {"kind": kind, "id": conversion},
        {model.value: 1.0 for model in Model} | {"days_before": None},
        {"conversion": about},
    )


def _rows(touches: pd.DataFrame, at: datetime, settings: Settings) -> pd.DataFrame:
    shares = {model.value: touches[model.value].astype("int64") / 10**9 for model in Model}
    moments = [_utc(moment) if place else None for moment, place in zip(touches["at"], touches["place"], strict=True)]
    told: dict[str, Any] = {
        "at": [moment.astimezone(settings.zone).isoformat(timespec="seconds") if moment else "" for moment in moments],
        "days_before": [(at - moment).total_seconds() / _DAY_S if moment else float("nan") for moment in moments],
    }
    return touches.assign(**shares, **told)[[*NAMES, *(figure.slug for figure in FIGURES)]].reset_index(drop=True)


def _utc(moment: Any) -> datetime:
    told = pd.Timestamp(moment)
    return (told.tz_localize(UTC) if told.tzinfo is None else told.tz_convert(UTC)).to_pydatetime()


def _missing(kind: str, conversion: str) -> NotFound:
    return NotFound(
        f"There is no conversion {conversion!r} of kind {kind!r}.",
        where="id",
        help="Open it from the list of conversions; it may have been merged or withdrawn since.",
    )
