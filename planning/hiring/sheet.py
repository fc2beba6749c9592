"""The hiring sheet: every candidate with what is to be expected, as a report."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.runs import Run
from planning.hiring.candidates import Candidate
from planning.hiring.judging import LEVEL, Judgement, judge
from planning.hiring.measured import NOBODYS, Claims, Measured, measured_of

NAMES = ("id", "name", "channel", "state", "starts_on", "incumbent", "trial_says", "measured_in", "notes")
FIGURES = (
    Measure("claimed_budget", "Claimed budget, a month", Unit.MONEY),
    Measure("claimed_romi", "Claimed ROMI", Unit.SHARE),
    Measure("percentile", "Contractors measured below the claim", Unit.SHARE),
    Measure("weight", "How far the claim is believed", Unit.SHARE),
    Measure("expected", "Expected ROMI", Unit.SHARE),
    Measure("low", "at least", Unit.SHARE),
    Measure("high", "at most", Unit.SHARE),
    Measure("claim_chance", "Chance that the claim holds", Unit.SHARE),
    Measure("incumbent_romi", "ROMI of who is there now", Unit.SHARE),
    Measure("beats", "Chance to beat who is there now", Unit.SHARE),
    Measure("trial_budget", "Trial budget", Unit.MONEY),
    Measure("trial_months", "Trial, months", Unit.COUNT),
)
RECENT_MONTHS = 3


@dataclass(frozen=True)
class HiringSheet:
    """`measured` is by channel of a candidate, with that of all contractors under the empty one."""

    rows: tuple[tuple[Candidate, Judgement], ...]
    measured: dict[str, Measured]
    claims: Claims


def hiring_sheet(candidates: Sequence[Candidate], history: pd.DataFrame, claims: Claims) -> HiringSheet:
    """`history` has rows by month, contractor and channel."""
    channels = ["", *sorted({each.told.channel for each in candidates})]
    measured = {channel: measured_of(history, channel) for channel in channels}
    present = {channel: incumbent_of(history, channel) for channel in channels}
    rows = tuple(
        (each, judge(each.told, measured[each.told.channel], claims, present[each.told.channel])) for each in candidates
    )
    return HiringSheet(rows, measured, claims)


def incumbent_of(history: pd.DataFrame, channel: str) -> str:
    """Who cost most in the channel in its newest months; empty where nobody did."""
    told = history[(history["channel"] == channel) & ~history["contractor"].isin(NOBODYS) & (history["cost"] > 0)]
    if told.empty:
        return ""
    newest = sorted(history["month"].unique())[-RECENT_MONTHS:]
    recent = told[told["month"].isin(newest)]
    costs = (told if recent.empty else recent).groupby("contractor")["cost"].sum()
    return str(costs.idxmax())


def sheet_answer(sheet: HiringSheet, run: Run | None, currency: str) -> Answer:
    """A row a candidate."""
    columns = [*NAMES, *(each.slug for each in FIGURES)]
    told: list[dict[str, Any]] = [
        each.as_dict() | judgement.as_dict() | {"id": str(each.id), "starts_on": str(each.told.starts_on or "")}
        for each, judgement in sheet.rows
    ]
    rows = pd.DataFrame(told, columns=columns)
    rows = rows.astype({each.slug: float for each in FIGURES} | dict.fromkeys(NAMES, object))
    about = {"level": LEVEL, "currency": currency, "contractors": contractors_told(sheet.measured[""]),
             "claims_checked": sheet.claims.count, "claim_bias": sheet.claims.bias}  # fmt: skip
    return Answer("hiring", run, NAMES, FIGURES, rows, {}, {}, about)


def contractors_told(measured: Measured) -> list[dict[str, Any]]:
    """What candidates stand beside."""
    arrays = (measured.costs, measured.returns - 1, measured.estimates - 1, measured.errors)
    return [
        {"contractor": name, "cost": cost, "romi": romi, "romi_pooled": pooled, "error": error}
        for name, cost, romi, pooled, error in zip(
            measured.contractors, *(each.tolist() for each in arrays), strict=True
        )
    ]
