"""A recommendation as a report that is exported: a row a cell and month."""

from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from planning.recommend.register import Recommendation

NAMES = ("month", "dealer", "channel", "contractor", "ground")
FIGURES = (
    Measure("now", "Spend now", Unit.MONEY),
    Measure("recommended", "Recommended", Unit.MONEY),
    Measure("best", "Best by the curves", Unit.MONEY),
    Measure("least", "At least", Unit.MONEY),
    Measure("most", "At most", Unit.MONEY),
    Measure("marginal_romi", "Marginal ROMI", Unit.SHARE),
    Measure("leads_now", "Leads now", Unit.COUNT),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("margin_gain", "Margin gained", Unit.MONEY),
)
_SUMMED = ("now", "recommended", "best", "leads_now", "leads", "margin_gain")


def recommendation_report(told: Recommendation) -> Answer:
    slugs = [figure.slug for figure in FIGURES]
    frame = pd.DataFrame([dict(cell) for cell in told.cells], columns=[*NAMES, *slugs])
    frame = frame.astype(dict.fromkeys(slugs, float))
    about: dict[str, Any] = {name: value for name, value in told.as_dict().items() if name not in ("asked", "run")}
    return Answer(
        "recommendation",
        None,
        NAMES,
        FIGURES,
        frame,
        dict(told.question),
        {name: round(float(frame[name].sum()), 2) for name in _SUMMED},
        about | {"moves": told.answer["moves"], "of_run": told.run},
    )
