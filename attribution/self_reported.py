"""«How did you hear of us»: what people say themselves, beside the channel that attribution allocates their request.

Rows are the pairs of both; all rows add up to the CRM's total. Shares are of those who were asked, with intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Engine

from attribution.answer import Answer, Period, records
from attribution.credit import credit_by
from attribution.intervals import share_interval
from attribution.measures import Measure, Unit
from attribution.models import Model
from attribution.reference import reference_document
from attribution.reference_document import SelfReportedRule
from attribution.runs import newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "self_reported")

NOT_ASKED = "(not asked)"
DEFAULT_ANSWERS: Sequence[SelfReportedRule] = tuple(
    SelfReportedRule(answer=answer, channel=channel)
    for answer, channel in (
        (r"друз|знаком|родств|коллег|рекоменд|сарафан|friend|colleague|recommend|word of mouth", "word_of_mouth"),
        (r"уже (ваш )?клиент|повторн|обслужива|покупал у вас|existing customer|bought before", "existing_customer"),
        (r"авито|avito|авто\.?ру|auto\.?ru|дром|drom|классифайд|classified", "classifieds"),
        (r"2 ?гис|2 ?gis|карт[аые]|maps?\b", "maps"),
        (r"вконтакте|\bвк\b|\bvk\b|телеграм|telegram|ютуб|youtube|инстаграм|instagram|соц|social|dzen|дзен", "social"),
        (r"радио|radio|телевиз|\bтв\b|\btv\b|щит|наружн|баннер|billboard|outdoor|газет|журнал|листовк", "offline"),
        (r"проезжал|мимо|вывеск|рядом живу|drove by|passing", "passing_by"),
        (r"рассылк|письм|e-?mail|смс|\bsms\b|newsletter", "messages"),
        (r"реклам.*(яндекс|гугл|google|интернет)|контекст|\bad in\b.*(google|yandex)", "paid_search"),
        (r"яндекс|yandex|гугл|google|поиск|интернет|сайт|search|internet|website", "search"),
    )
)


class Reported(StrEnum):
    """Of whom: those who asked, or those who bought."""

    LEAD = "lead"
    SALE = "sale"


@dataclass(frozen=True, slots=True)
class SelfReportedQuestion:
    period: Period
    of: Reported = Reported.LEAD
    model: Model = Model.LAST_NON_DIRECT

    def as_dict(self) -> dict[str, Any]:
        return {
            "of": self.of,
            "model": self.model,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


FIGURES = (
    Measure("counted", "Number", Unit.COUNT),
    Measure("share", "Share of the channel's", Unit.SHARE),
    Measure("share_low", "Share of the channel's, from", Unit.SHARE),
    Measure("share_high", "Share of the channel's, to", Unit.SHARE),
)


def self_reported_report(
    warehouse: Warehouse,
    engine: Engine,
    question: SelfReportedQuestion,
    answered_in: str,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """A row for each pair of channels; `answered_in` is the property of leads and deals that holds the answer.

    `channels` of `about` sets side by side how many of those who were asked attribution gives a channel, and how many
    name it. Raises `NotReady` where nothing was attributed yet, and `NotPermitted`: answers are customers' own words.
    """
    seen.check_sees_all_contractors("What customers say", "The ROMI report has the figures of your campaigns.")
    run = newest_run(warehouse)
    rules = reference_document(engine).self_reported or DEFAULT_ANSWERS
    parameters = {
        "run": run.number, "property": answered_in, "kind": question.of.value,
        **credit_by(warehouse, run.number, question.model), "from": question.period.first_day,
        "to": question.period.last_day, "patterns": [rule.answer for rule in rules],
        "channels": [rule.channel for rule in rules], **seen.parameters,
    }  # fmt: skip
    rows = warehouse.frame(_SQL["self_reported"], parameters).reindex(columns=["channel", "self_reported", "counted"])
    rows = rows.astype({"channel": str, "self_reported": str, "counted": float})
    asked = rows[rows["self_reported"] != NOT_ASKED]
    of_channel = rows["channel"].map(asked.groupby("channel")["counted"].sum())
    said = rows["self_reported"] != NOT_ASKED
    whole = np.where(said, of_channel, np.nan)
    low, high = share_interval(np.where(said, rows["counted"], np.nan), whole)
    rows = rows.assign(share=rows["counted"] / whole, share_low=low, share_high=high)
    rows = rows.sort_values(["counted", "channel", "self_reported"], ascending=[False, True, True])
    about = {"asked": float(asked["counted"].sum()), "channels": _side_by_side(asked), **_advice(asked, answered_in)}
    about["unmapped"] = warehouse.rows(_SQL["unmapped_answers"], parameters)
    totals = {"counted": float(rows["counted"].sum())}
    names = ("channel", "self_reported")
    return Answer("self-reported", run, names, FIGURES, rows.reset_index(drop=True), question.as_dict(), totals, about)


def _side_by_side(asked: pd.DataFrame) -> list[dict[str, Any]]:
    """Of those who were asked, what each channel is allocated, and how many name it, with intervals."""
    whole = float(asked["counted"].sum())
    counts = pd.DataFrame({
        "attributed": asked.groupby("channel")["counted"].sum(),
        "self_reported": asked.groupby("self_reported")["counted"].sum(),
    }).fillna(0.0)  # fmt: skip
    for name in ("attributed", "self_reported"):
        counts[f"{name}_share"] = counts[name] / whole if whole else np.nan
        counts[f"{name}_low"], counts[f"{name}_high"] = share_interval(counts[name], np.full(len(counts), whole))
    counts = counts.sort_values("self_reported", ascending=False)
    return records(counts.rename_axis("channel").reset_index(), frozenset())


def _advice(asked: pd.DataFrame, answered_in: str) -> dict[str, str]:
    if len(asked):
        return {}
    return {"help": f"Nobody was asked: send the answer as the property {answered_in!r} of leads or deals."}
