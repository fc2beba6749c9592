"""The response to spend as a report: a row a cell, or a row a point of each channel's curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer
from attribution.measures import Measure, Unit
from attribution.runs import Run
from infra.errors import InvalidInput
from planning.response.model import Ground
from planning.response.study import Study
from planning.response.summing import LEVEL, Between, line_of, today_of

_NAMES = ("dealer", "channel", "contractor", "ground")
_INTERVALS = (
    Measure("leads", "Leads expected of a month", Unit.COUNT),
    Measure("elasticity", "Elasticity", Unit.TIMES),
    Measure("cost_of_next", "Cost of one lead more", Unit.MONEY),
    Measure("romi_of_next", "ROMI of a unit more", Unit.SHARE),
)


def _three(middle: Measure) -> tuple[Measure, ...]:
    return (
        middle,
        Measure(f"{middle.slug}_low", f"{middle.title}, from", middle.unit),
        Measure(f"{middle.slug}_high", f"{middle.title}, to", middle.unit),
    )


FIGURES = (
    Measure("spend", "Spend of a month", Unit.MONEY),
    Measure("lowest", "Least spend seen", Unit.MONEY),
    Measure("highest", "Most spend seen", Unit.MONEY),
    *(figure for told in _INTERVALS for figure in _three(told)),
    Measure("margin", "Margin of a lead", Unit.MONEY),
)
POINT_FIGURES = (Measure("spend", "Spend of a month", Unit.MONEY), *_three(_INTERVALS[0]))


class By(StrEnum):
    """A row a cell, or a row a point of the curve of each channel."""

    CELL = "cell"
    CURVE = "curve"


@dataclass(frozen=True, slots=True)
class ResponseQuestion:
    by: By = By.CELL
    channel: str = ""
    dealer: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {"by": self.by, "channel": self.channel, "dealer": self.dealer}


def response_report(study: Study, run: Run, question: ResponseQuestion) -> Answer:
    """Raises `InvalidInput` where no cell is of the channel or the dealer."""
    chosen = chosen_of(study, question)
    rows, names, figures = (
        (_cells(chosen), _NAMES, FIGURES) if question.by is By.CELL else (_points(chosen), ("channel",), POINT_FIGURES)
    )
    subject = "response-curves"
    return Answer(subject, run, names, figures, rows, question.as_dict(), about=_about(study))


def chosen_of(study: Study, question: ResponseQuestion) -> Study:
    cells = study.response.cells
    for name in ("channel", "dealer"):
        wanted, known = getattr(question, name), sorted({getattr(cell, name) for cell in cells} - {""})
        if wanted and wanted not in known:
            raise InvalidInput(
                f"Nothing was spent on the {name} {wanted!r}.",
                where=name,
                help=f"Known are {', '.join(known[:20]) or 'none yet'}.",
            )
    kept = [
        place
        for place, cell in enumerate(cells)
        if question.channel in ("", cell.channel) and question.dealer in ("", cell.dealer)
    ]
    return study.of(np.array(kept, dtype=np.int64))


def _cells(study: Study) -> pd.DataFrame:
    response, today = study.response, today_of(study.response)
    columns: dict[str, Any] = {
        "dealer": [cell.dealer for cell in response.cells],
        "channel": [cell.channel for cell in response.cells],
        "contractor": [cell.contractor for cell in response.cells],
        "ground": [ground.value for ground in response.grounds],
        "spend": today.spend, "lowest": response.lowest, "highest": response.highest,
    }  # fmt: skip
    for slug in (told.slug for told in _INTERVALS):
        columns |= _told(slug, getattr(today, slug))
    has_margin = response.margin != 0
    columns["margin"] = np.where(has_margin, response.margin, np.nan)
    rows = pd.DataFrame(columns)
    romi = [f"romi_of_next{mark}" for mark in ("", "_low", "_high")]
    rows.loc[~has_margin, romi] = np.nan
    return rows[[*_NAMES, *(figure.slug for figure in FIGURES)]]


def _points(study: Study) -> pd.DataFrame:
    slugs = ["channel", *(figure.slug for figure in POINT_FIGURES)]
    parts = []
    for channel in study.channels:
        places = study.places_of(channel)
        line = line_of(study.response, places, float(study.spend[places].sum(axis=0).max(initial=0)))
        parts.append(pd.DataFrame({"channel": channel, "spend": line.spend, **_told("leads", line.leads)}))
    return pd.concat(parts)[slugs] if parts else pd.DataFrame(columns=slugs)


def _told(slug: str, found: Between) -> dict[str, Any]:
    return {slug: found.value, f"{slug}_low": found.low, f"{slug}_high": found.high}


def _about(study: Study) -> dict[str, Any]:
    return {
        "level": LEVEL,
        "months": list(study.months),
        "astray": study.astray,
        "carry": dict(study.response.carry),
        "unknown": unknown_channels(study),
        "tests": {channel: each.as_dict() for channel, each in sorted((study.tests or {}).items())},
        "trials": [
            {
                "channel": each.channel, "dealers": list(each.dealers), "weeks": each.weeks, "smallest": each.smallest,
                "at_stake": each.at_stake, "tells": each.tells,
            }
            for each in (study.trials or {}).values()
        ],
    }  # fmt: skip


def unknown_channels(study: Study) -> Sequence[str]:
    told = zip(study.response.cells, study.response.grounds, strict=True)
    return sorted({cell.channel for cell, ground in told if ground is Ground.NONE})
