"""The funnel: of the opportunities opened in a period, how many reached each stage so far, and how long it took.

Law: whoever reached a later stage has reached `qualified`, `visit` and `contract` too, so that from `lead` over these
to `sale` numbers never grow; `appointment` and `test_drive` may be left out on the way, and count only where they
were seen.
"""

import numpy as np
import pandas as pd

from attribution.answer import Answer
from attribution.lags import LagCurve, lag_curve
from attribution.measures import Measure, Unit
from attribution.opportunities import (
    GROUPINGS,
    NAMES,
    ONE,
    STAGES,
    OpportunityQuestion,
    check_groupings,
    groups_in_order,
    in_words,
    known_until,
    local_day,
    parameters,
)  # fmt: skip
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.settings import Settings
from infra.sql import Statements
from infra.warehouse import Warehouse
from infra.warehouse.client import Parameters

_SQL = Statements("attribution", "funnel")

VISITOR = "visitor"
FUNNEL = (
    Measure("reached", "Reached", Unit.COUNT),
    Measure("to_next", "Went on", Unit.SHARE),
    Measure("from_lead", "From lead", Unit.SHARE),
    Measure("lag_median", "Lag, median", Unit.DAYS),
    Measure("lag_p90", "Lag, 90 %", Unit.DAYS),
    Measure("open", "Still open", Unit.COUNT),
    Measure("open_median", "Open for, median", Unit.DAYS),
    Measure("open_p90", "Open for, 90 %", Unit.DAYS),
    Measure("lost", "Lost", Unit.COUNT),
    Measure("seen", "Seen so far", Unit.SHARE),
)
_COUNTS = ("reached", "went_on", "open", "lost")
_FOUND = [
    *NAMES, "stage", "is_whole", "observed", *(f"{name}_units" for name in _COUNTS), "lag_median", "lag_p90",
    "open_median", "open_p90",
]  # fmt: skip


def funnel_report(
    warehouse: Warehouse, question: OpportunityQuestion, settings: Settings, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a group and stage, stages in their order. How long stages take is measured on all dealers, whoever asks.

    Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_all_contractors("The funnel", "The ROMI report has the figures of your campaigns.")
    check_groupings(question.by, GROUPINGS)
    run = newest_run(warehouse)
    until = known_until(warehouse, run)
    asked = parameters(warehouse, run, settings, until, question) | seen.parameters
    found = warehouse.frame(_SQL["stages_by"], asked).reindex(columns=_FOUND)
    is_whole = found["is_whole"].astype(bool)
    rows = _counted(found[is_whole], warehouse.frame(_SQL["visitors_by"], asked))
    so_far = _seen(found[~is_whole & (found["stage"] == 1)], stage_curves(warehouse, asked))
    rows = in_words(rows.merge(so_far, on=[*NAMES, "stage"], how="left"), question.by)
    rows = groups_in_order(rows, question.by, "leads", "stage")
    rows["stage"] = np.array([VISITOR, *STAGES], dtype=object)[rows["stage"].to_numpy(int)]
    names = (*question.by, "stage")
    columns = [*names, *(figure.slug for figure in FUNNEL)]
    return Answer(
        "funnel",
        run,
        names,
        FUNNEL,
        rows[columns].reset_index(drop=True),
        question.as_dict(),
        about={"until": local_day(until, settings)},
    )


def _counted(stages: pd.DataFrame, visitors: pd.DataFrame) -> pd.DataFrame:
    """A row a group and stage, 0 for visitors; `leads` is how many entered the group."""
    rows = pd.concat([_every_stage(_in_units(stages)), _in_units(visitors.assign(stage=0))], ignore_index=True)
    leads = rows.loc[rows["stage"] == 1, [*NAMES, "reached"]].rename(columns={"reached": "leads"})
    rows = rows.merge(leads, on=NAMES, how="left").fillna({"leads": 0.0})
    return rows.assign(
        to_next=_ratio(rows["went_on"], rows["reached"]).where(rows["stage"] < len(STAGES)),
        from_lead=_ratio(rows["reached"], rows["leads"]).where(rows["stage"] > 0),
    )


def stage_curves(warehouse: Warehouse, of_run: Parameters) -> dict[int, LagCurve | None]:
    """By the number of the stage, from 2: how long opportunities take to reach it, of those that do."""
    found = warehouse.frame(_SQL["stage_lags"], of_run)
    if found.empty:
        return {}
    stages = {stage: found[found["stage"] == stage] for stage in range(2, len(STAGES) + 1)}
    return {stage: lag_curve(part["lag"], part["observed"], part["n"]) for stage, part in stages.items()}


def _in_units(found: pd.DataFrame) -> pd.DataFrame:
    """Counts in whole opportunities; a statement without rows answers without columns too."""
    whole = found.reindex(columns=_FOUND).drop(columns=["is_whole", "observed"])
    counts = {name: whole.pop(f"{name}_units").astype(float) / ONE for name in _COUNTS}
    return whole.assign(**counts)


def _every_stage(reached: pd.DataFrame) -> pd.DataFrame:
    """A row for each stage of each group, 0 where nobody reached it."""
    groups = reached[NAMES].drop_duplicates()
    stages = pd.DataFrame({"stage": range(1, len(STAGES) + 1)})
    whole = groups.merge(stages, how="cross").merge(reached, on=[*NAMES, "stage"], how="left")
    whole[list(_COUNTS)] = whole[list(_COUNTS)].fillna(0.0)
    return whole


def _seen(ages: pd.DataFrame, curves: dict[int, LagCurve | None]) -> pd.DataFrame:
    """Per group and stage, of those who will reach it, the share that has by now; missing where it is not known."""
    ages = ages[[*NAMES, "observed"]].assign(weight=ages["reached_units"])
    found = [ages[NAMES].drop_duplicates().assign(stage=1, seen=1.0)]
    for stage, curve in curves.items():
        seen = curve.seen_after(ages["observed"]) if curve else np.full(len(ages), np.nan)
        sums = (
            ages.assign(seen=seen * ages["weight"]).groupby(NAMES, as_index=False)[["seen", "weight"]].sum(min_count=1)
        )
        found.append(sums.assign(stage=stage, seen=sums["seen"] / sums["weight"]).drop(columns="weight"))
    return pd.concat(found, ignore_index=True)


def _ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole != 0)
