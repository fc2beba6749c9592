"""What the page of response curves shows: a curve a channel, a row a cell, and what is not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np

from api.bootstrap import Services
from api.exports import ExportFormat
from api.language import gettext as _
from api.language import ngettext
from api.numbers import written_in
from api.response_chart import CurveChart, draw_curve
from attribution.answer import Answer
from attribution.measures import Unit
from attribution.runs import newest_run
from attribution.visibility import Visibility
from planning.dimensions import known_network
from planning.response.model import Ground
from planning.response.reporting import ResponseQuestion, chosen_of, response_report, unknown_channels
from planning.response.study import Study
from planning.response.summing import Between, Line, line_of, next_of_channel, spend_today
from planning.response.trials import Trial

_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)
_MOST_ROWS = 500
_HOPELESS = 4


@dataclass(frozen=True, slots=True)
class ChannelCurve:
    """`points` are the curve as a table; figures are written."""

    channel: str
    chart: CurveChart
    spend: str
    leads: str
    cost_of_next: str
    romi_of_next: str
    ground: str
    carry: str
    is_unknown: bool
    points: Sequence[tuple[str, str, str]]


def response_view(services: Services, seen: Visibility, channel: str, dealer: str) -> dict[str, Any]:
    """Raises `NotReady`, and `InvalidInput` where nothing was spent on the channel or the dealer."""
    whole = services.response_study(seen)
    question = ResponseQuestion(channel=channel, dealer=dealer)
    study = chosen_of(whole, question)
    answer = response_report(study, newest_run(services.warehouse), ResponseQuestion())
    names = _names(services, seen)
    cells = whole.response.cells
    return {
        "months": study.months,
        "astray": written_in(Unit.SHARE, study.astray) if study.astray else "",
        "curves": [_curve(study, each) for each in study.channels],
        "rows": _rows(answer, names),
        "more": max(len(answer.rows) - _MOST_ROWS, 0),
        "unknown": [_trial((study.trials or {}).get(each), each, names) for each in unknown_channels(study)],
        "tests": [_test(each, told) for each, told in (study.tests or {}).items() if each in study.channels],
        "channels": sorted({cell.channel for cell in cells}),
        "dealers": sorted(
            ((cell, names.get(cell, cell)) for cell in {each.dealer for each in cells} - {""}), key=_name
        ),
        "channel": channel,
        "dealer": dealer,
        "exports": [(each.value, _address(each, channel, dealer, "cell")) for each in _EXPORTED],
        "point_exports": [(each.value, _address(each, channel, dealer, "curve")) for each in _EXPORTED],
        "currency": services.settings.currency,
    }


def ground_in_words(ground: str) -> str:
    """What a curve rests on."""
    return {
        Ground.OWN: _("its own months"),
        Ground.CHANNEL: _("others of its channel"),
        Ground.TEST: _("a lift test of its channel"),
        Ground.NONE: _("not known"),
    }[Ground(ground)]


def _names(services: Services, seen: Visibility) -> dict[str, str]:
    with services.database.connect() as connection:
        return {each.id: each.shown_name for each in known_network(connection, seen).dealers}


def _name(told: tuple[str, str]) -> str:
    return told[1]


def _address(form: ExportFormat, channel: str, dealer: str, by: str) -> str:
    asked = {"by": by, "channel": channel, "dealer": dealer, "format": form.value}
    return f"/api/response-curves?{urlencode({name: value for name, value in asked.items() if value})}"


def _curve(study: Study, channel: str) -> ChannelCurve:
    places = study.places_of(channel)
    by_month, leads = study.spend[places].sum(axis=0), study.leads[places].sum(axis=0)
    line = line_of(study.response, places, float(by_month.max(initial=0)))
    now = float(spend_today(study.response)[places].sum())
    cost, romi = next_of_channel(study.response, places)
    grounds = {study.response.grounds[place] for place in places}
    best = next(ground for ground in (Ground.OWN, Ground.TEST, Ground.CHANNEL, Ground.NONE) if ground in grounds)
    has_margin = bool((study.response.margin[places] != 0).any())
    carry = study.response.carry.get(channel, 0.0)
    return ChannelCurve(
        channel,
        draw_curve(line, by_month, leads, now),
        written_in(Unit.MONEY, now),
        written_in(Unit.COUNT, round(float(np.interp(now, line.spend, line.leads.value)), 1)),
        _interval(Unit.MONEY, cost),
        _interval(Unit.SHARE, romi) if has_margin else "—",
        ground_in_words(best),
        written_in(Unit.SHARE, carry) if carry else "",
        Ground.NONE in grounds,
        _points(line),
    )


def _points(line: Line) -> list[tuple[str, str, str]]:
    """Some of the curve: spend, leads, and the ends of their interval."""
    columns = (line.spend, line.leads.value, line.leads.low, line.leads.high)
    return [
        (
            written_in(Unit.MONEY, at),
            written_in(Unit.COUNT, round(value, 1)),
            _ends(Unit.COUNT, round(low, 1), round(high, 1)),
        )
        for at, value, low, high in zip(*(each[::4].tolist() for each in columns), strict=True)
    ]


def _rows(answer: Answer, names: dict[str, str]) -> list[dict[str, Any]]:
    shown = answer.rows.sort_values("spend", ascending=False).head(_MOST_ROWS)
    units = (
        ("leads", Unit.COUNT), ("elasticity", Unit.TIMES), ("cost_of_next", Unit.MONEY), ("romi_of_next", Unit.SHARE),
    )  # fmt: skip
    return [
        {
            "dealer": names.get(row["dealer"], row["dealer"]),
            "channel": row["channel"],
            "contractor": row["contractor"],
            "ground": ground_in_words(row["ground"]),
            "is_unknown": row["ground"] == Ground.NONE,
            "spend": (row["spend"], written_in(Unit.MONEY, row["spend"])),
            **{
                slug: (row[slug], written_in(unit, _rounded(unit, row[slug])),
                       _ends(unit, _rounded(unit, row[f"{slug}_low"]), _rounded(unit, row[f"{slug}_high"])))
                for slug, unit in units
            },
        }
        for row in shown.to_dict("records")
    ]  # fmt: skip


def _rounded(unit: Unit, value: float) -> float:
    return round(value, 1) if unit is Unit.COUNT else value


def _interval(unit: Unit, found: Between) -> str:
    value, low, high = (float(each[0]) for each in (found.value, found.low, found.high))
    return f"{written_in(unit, value)} ({_ends(unit, low, high)})"


def _ends(unit: Unit, low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": written_in(unit, low), "high": written_in(unit, high)}


def _trial(trial: Trial | None, channel: str, names: dict[str, str]) -> dict[str, Any]:
    """A channel whose curve is not known, with the test that would tell it."""
    if trial is None:
        return {"channel": channel, "what": "", "finds": "", "dealers": []}
    if trial.smallest is not None and trial.smallest > _HOPELESS * trial.at_stake:
        return {"channel": channel, "what": "", "finds": _finds(trial), "dealers": []}
    weeks = ngettext("%(count)s week", "%(count)s weeks", trial.weeks) % {"count": trial.weeks}
    if trial.dealers:
        what = _("Switch it off for %(weeks)s at these dealers, and leave it on at the others.") % {"weeks": weeks}
    else:
        what = _("Switch it off for %(weeks)s, in turns of one or two weeks with it on.") % {"weeks": weeks}
    return {
        "channel": channel,
        "what": what,
        "finds": _finds(trial),
        "dealers": [names.get(e, e) for e in trial.dealers],
    }


def _finds(trial: Trial) -> str:
    if trial.smallest is None:
        return _("Too little has happened there yet to say what this would find.")
    told = {
        "smallest": written_in(Unit.COUNT, round(trial.smallest)),
        "stake": written_in(Unit.COUNT, round(trial.at_stake)),
    }
    if trial.tells:
        return _("It finds %(smallest)s missing leads or more; %(stake)s are credited to it there.") % told
    if trial.smallest > _HOPELESS * trial.at_stake:
        return (
            _(
                "It brings too little for a test to tell: %(smallest)s missing leads are the least that one finds,"
                " and %(stake)s are credited to it there."
            )
            % told
        )
    return (
        _(
            "Even so it finds only %(smallest)s missing leads or more, and %(stake)s are credited to it there:"
            " double its spend rather than switch it off, or test it for longer."
        )
        % told
    )


def _test(channel: str, told: Any) -> dict[str, str]:
    return {
        "channel": channel,
        "experiment": told.experiment,
        "factor": written_in(Unit.TIMES, told.factor),
        "interval": _ends(Unit.TIMES, told.low, told.high),
    }
