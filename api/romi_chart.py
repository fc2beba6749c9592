"""What the chart over the table of channels shows: everything asked for, or the rows that are picked."""

from dataclasses import replace
from typing import Any

import pandas as pd

from api.bootstrap import Services
from api.channels_address import Place, narrowed
from api.chart import draw, step_of
from api.line_chart import draw_lines
from attribution.measures import MEASURES
from attribution.question import Question
from attribution.reports import romi_report
from attribution.visibility import Visibility

_SUMS = [measure.slug for measure in MEASURES if measure.is_sum]
_RATIOS = [measure for measure in MEASURES if not measure.is_sum]


def chart_view(services: Services, seen: Visibility, place: Place) -> dict[str, Any]:
    """`chart` of everything together, or `lines` of one measure; both are None where there is nothing to draw."""
    question = place.question
    step = step_of(question.first_day, question.last_day)
    if not place.picked:
        return {"chart": draw(_over_time(services, seen, question, step), step), "lines": None}
    rows_of = {
        ", ".join(each.values[0] for each in row): _over_time(
            services,
            seen,
            replace(question, where=narrowed(question.where, {each.dimension: each.values[0] for each in row})),
            step,
            place.line,
        )
        for row in place.picked
    }
    if place.line:
        measure = question.catalog.measure(place.line, "line")
        return {"chart": None, "lines": draw_lines(rows_of, measure, step)}
    return {"chart": draw(_together(list(rows_of.values()), step), step), "lines": None}


def _over_time(services: Services, seen: Visibility, question: Question, step: str, line: str = "") -> pd.DataFrame:
    asked = replace(question, by=(step,), order=None, limit=None, offset=0, measures=(line,) if line else ())
    return romi_report(services.warehouse, asked, services.settings.timezone, seen=seen).rows


def _together(frames: list[pd.DataFrame], step: str) -> pd.DataFrame:
    """Sums of sums; ratios are made of these anew."""
    sums = pd.concat(frames).groupby(step, as_index=False)[_SUMS].sum()
    return sums.assign(**{measure.slug: measure.of_rows(sums) for measure in _RATIOS})
