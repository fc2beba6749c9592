"""What the page of forecasts shows: the picture first, then dealers, then what it rests on."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from api.bootstrap import Services
from api.exports import ExportFormat
from api.forecast.chart import Points, count, draw_forecast, draw_spark
from api.forecast.notes import notes_of
from api.forecast.question import ForecastAddress
from api.forecast.texts import level_words, measure_words, method_words, way_words
from api.language import gettext as _
from api.numbers import written_in
from api.viewer import Viewer
from attribution.dimensions import NONE
from attribution.units import Unit
from infra.access.rights import Right
from infra.errors import NotFound
from planning.dimensions import Network, known_network
from planning.directions import known_directions
from planning.forecast.against_plan import chance_of, planned_of, plans_beside
from planning.forecast.backtest import Way
from planning.forecast.forecasting import Forecasts
from planning.forecast.methods import Method
from planning.forecast.outlook import Outlook, Series
from planning.forecast.past import MEASURES
from planning.forecast.report import known_of
from planning.measures import PLANNED
from planning.plans import open_draft
from planning.response.curves import Numbers

HORIZONS = (3, 6, 12, 18)
_SHOWN_MONTHS = 36
_SPARK_MONTHS = 24
_YEAR = 12
_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)


@dataclass(frozen=True, slots=True)
class Line:
    """A dealer or a direction, over the months asked for."""

    name: str
    address: str
    happened: list[Points]
    expected: Points
    year: str
    total: str
    bounds: str
    planned: str
    chance: str
    method: str
    beside: str


@dataclass(frozen=True)
class _Seen:
    """What the viewer sees of forecasts, and the plans beside it."""

    found: Forecasts
    outlook: Outlook
    plans: Mapping[Series, Numbers]
    viewer: Viewer


def forecast_view(services: Services, viewer: Viewer, asked: ForecastAddress, *, done: str = "") -> dict[str, Any]:
    """Raises `NotReady`, and `NotFound` for a dealer that is not seen or a direction that is not known."""
    outlook = services.outlook(asked.months, viewer.seen)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
        plans = plans_beside(connection, MEASURES, outlook.months, outlook.series, seen=viewer.seen)
    seen = _Seen(services.forecasts(), outlook, plans, viewer)
    titles = {each.id: each.name for each in known_directions(services.database)} | {NONE: _("without a direction")}
    _check(asked, network, titles)
    directions = sorted({each.direction for each in outlook.series if each.measure == asked.measure and each.direction})
    return {
        "question": asked,
        "measures": [
            (words, slug == asked.measure, asked.address(measure=slug, direction=""))
            for slug, words in measure_words().items()
        ],
        "measure": measure_words()[asked.measure],
        "dealers": network.dealers,
        "directions": [(each, titles.get(each, each)) for each in directions],
        "horizons": HORIZONS,
        "first": outlook.months[0],
        "months": outlook.months,
        **_picture(seen, asked),
        "lines": _lines(seen, asked, network, titles),
        "by_direction": bool(asked.dealer),
        "scores": _scores(seen.found, asked.measure),
        "way": _way(seen.found, asked.measure),
        "basis": _basis(seen, asked.series),
        "notes": notes_of(seen.found, asked, network),
        "exports": [(form.value, asked.address("/api/forecasts", form=form.value)) for form in _EXPORTED],
        "drafts": _drafts(services, viewer, asked, outlook),
        "done": done,
    }  # fmt: skip


def _check(asked: ForecastAddress, network: Network, titles: Mapping[str, str]) -> None:
    if asked.dealer and asked.dealer != NONE:
        network.dealer(asked.dealer)
    if asked.direction and asked.direction not in titles:
        raise NotFound(
            f"There is no direction {asked.direction!r}.", where="direction", help="Choose one of those of the list."
        )


def _picture(seen: _Seen, asked: ForecastAddress) -> dict[str, Any]:
    """Nothing where the series is not there."""
    place = seen.outlook.places.get(asked.series)
    if place is None:
        return {"chart": None, "total": None}
    known, happened = known_of(seen.found, asked.series, seen.viewer.seen)
    mean, low, high = (each[place] for each in (seen.outlook.mean, seen.outlook.low, seen.outlook.high))
    planned = planned_of(seen.plans, asked.series, len(seen.outlook.months))
    drawn = draw_forecast(
        known[-_SHOWN_MONTHS:], happened[-_SHOWN_MONTHS:], seen.outlook.months, mean, low, high, planned
    )
    monthly = [
        (each.when, each.expected, each.bounds, each.planned, _share(chance_of(*of_month)))
        for each, *of_month in zip(drawn.months[-len(planned) :], planned, mean, low, high, strict=True)
    ]
    return {"chart": drawn, "total": _total(happened, [mean, low, high], planned), "monthly": monthly}


def _total(happened: Numbers, bounds: list[Numbers], planned: Numbers) -> dict[str, str]:
    """Of all months asked for. Bounds are summed as if months missed together, so they hold more often than said."""
    mean, low, high = (float(each.sum()) for each in bounds)
    before = _same_months_before(happened, len(planned))
    has_plan = not np.isnan(planned).any()
    return {
        "expected": count(mean),
        "bounds": f"{count(low)} – {count(high)}",
        "before": count(before),
        "change": "—" if math.isnan(before) or not before else written_in(Unit.SHARE, mean / before - 1),
        "planned": count(float(planned.sum())) if has_plan else "—",
        "chance": _share(chance_of(float(planned.sum()), mean, low, high)) if has_plan else "—",
    }


def _same_months_before(happened: Numbers, months: int) -> float:
    """The same months a year before, as far as they are past; NaN where one of them is not known."""
    if months > _YEAR or len(happened) < _YEAR:
        return math.nan
    return float(happened[-_YEAR:][:months].sum())


def _lines(seen: _Seen, asked: ForecastAddress, network: Network, titles: Mapping[str, str]) -> list[Line]:
    """Dealers, or the directions of one."""
    if asked.dealer:
        chosen = [each for each in seen.outlook.series if each[:2] == asked.series[:2] and each.direction]
        named = [(each, titles.get(each.direction, each.direction)) for each in chosen]
    else:
        chosen = [
            each
            for each in seen.outlook.series
            if (each.measure, each.direction) == (asked.measure, asked.direction) and each.dealer
        ]
        named = [(each, _dealer_name(network, each.dealer)) for each in chosen]
    lines = [_line(seen, asked, each, name) for each, name in named]
    return [line for _mean, line in sorted(lines, key=lambda each: -each[0])]


def _dealer_name(network: Network, dealer: str) -> str:
    if dealer in network.by_id:
        return network.by_id[dealer].shown_name
    return _("without a dealer") if dealer == NONE else dealer


def _line(seen: _Seen, asked: ForecastAddress, series: Series, name: str) -> tuple[float, Line]:
    place = seen.outlook.places[series]
    _months, happened = known_of(seen.found, series, seen.viewer.seen)
    mean, low, high = (each[place] for each in (seen.outlook.mean, seen.outlook.low, seen.outlook.high))
    planned = planned_of(seen.plans, series, len(seen.outlook.months))
    past, expected = draw_spark(happened[-_SPARK_MONTHS:], mean)
    told = _total(happened, [mean, low, high], planned)
    basis = seen.found.bases.get(series)
    line = Line(
        name,
        asked.address(dealer=series.dealer, direction=series.direction if asked.dealer else asked.direction),
        past,
        expected,
        count(float(happened[-_YEAR:].sum())) if len(happened) >= _YEAR else "—",
        told["expected"],
        told["bounds"],
        told["planned"],
        told["chance"],
        method_words()[basis.method] if basis else "—",
        _times(basis.ratio) if basis and basis.method is not Method.SEASONAL_NAIVE else "—",
    )
    return float(mean.sum()), line


def _basis(seen: _Seen, series: Series) -> dict[str, Any] | None:
    """The method that stands, and why; None for a sum of some dealers, which has none of its own."""
    basis = seen.found.bases.get(series)
    if basis is None or (not series.dealer and seen.viewer.seen.dealers is not None):
        return None
    return {
        "method": method_words()[basis.method],
        "is_naive": basis.method is Method.SEASONAL_NAIVE,
        "months": basis.months,
        "is_shared_out": not series.dealer and seen.found.ways.get(series.measure) in (Way.SHARED_OUT, Way.ADDED_UP),
        "is_young": basis.is_young,
        "ratio": "" if math.isnan(basis.ratio) else _times(basis.ratio),
    }


def _scores(found: Forecasts, measure: str) -> list[dict[str, str]]:
    words = level_words()
    return [
        {
            "level": words[each.level],
            "ahead": f"{each.first}–{each.last}" if each.last > each.first else str(each.first),
            "errors": written_in(Unit.COUNT, each.errors),
            "mase": f"{each.mase:.2f}",
            "mase_naive": f"{each.mase_naive:.2f}",
            "smape": _share(each.smape),
            "smape_naive": _share(each.smape_naive),
            "covered": _share(each.covered),
            "nominal": _share(each.nominal),
        }
        for each in found.scores
        if each.measure == measure
    ]


def _way(found: Forecasts, measure: str) -> str:
    """How the measure's forecasts add up, and why so."""
    if measure not in found.ways:
        return ""
    if not any(each.measure == measure for each in found.scores):
        return _(
            "Nothing could be tried yet: the whole is as in the same month of last year, as far as a year is known, "
            "and is shared out by the smoothed levels of dealers."
        )
    return way_words()[found.ways[measure]]


def _drafts(services: Services, viewer: Viewer, asked: ForecastAddress, outlook: Outlook) -> list[tuple[int, str]]:
    """Drafts that the forecast can be taken over into, by the number of their version."""
    if asked.measure not in PLANNED or not viewer.may(Right.PLANS) or not outlook.series:
        return []
    years = {month.year for month in outlook.months}
    plans = [plan for plan in services.plans.all() if plan.year in years]
    with services.database.connect() as connection:
        drafts = [(plan, open_draft(connection, plan.id)) for plan in plans]
    return [(draft.id, f"{plan.name}, {plan.year}") for plan, draft in drafts if draft]


def _times(value: float) -> str:
    return "—" if math.isnan(value) else f"{value:.2f}"


def _share(value: float | None) -> str:
    return written_in(Unit.SHARE, value) if value is not None else "—"
