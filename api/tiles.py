"""Tiles: a figure of a period with its change against the period before, and its line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from api.bootstrap import Services
from api.language import gettext as _
from api.numbers import written_in
from api.periods import in_words
from api.trend import Points, draw_spark
from attribution.answer import Period
from attribution.measures import Measure, Unit
from attribution.overview import Better, Compared, Overview, Step, overview
from attribution.question import Condition
from attribution.runs import newest_run
from attribution.visibility import Visibility


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a figure is held against: how far it is from it, and whether that is `good`, `bad`, or neither."""

    arrow: str
    change: str
    verdict: str
    against: str


@dataclass(frozen=True, slots=True)
class Tile:
    measure: Measure
    value: str
    comparisons: Sequence[Comparison]
    spark: Sequence[Points]
    address: str


def overview_of(
    services: Services, seen: Visibility, period: Period, step: Step, where: tuple[Condition, ...]
) -> Overview:
    """Of a part of the holding: found once a run. Raises `InvalidInput` and `NotReady`."""
    warehouse, timezone = services.warehouse, services.settings.timezone
    return services.per_run.answer(
        newest_run(warehouse).number,
        ("overview of", period, step, where, seen),
        lambda: overview(warehouse, period, step, timezone, seen=seen, where=where),
    )


def tiles_of(
    found: Overview, address_of: Callable[[str], str], planned: Mapping[str, float] | None = None
) -> list[Tile]:
    """A tile a figure; `address_of` a measure is where its line is shown, `planned` what it was to be."""
    return [_tile(each, found, address_of, planned or {}) for each in found.figures]


def _tile(figure: Compared, found: Overview, address_of: Callable[[str], str], planned: Mapping[str, float]) -> Tile:
    unit = figure.measure.unit
    plan = planned.get(figure.measure.slug)
    against = _("%s in %s") % (written_in(unit, figure.before), in_words(found.before))
    return Tile(
        figure.measure,
        written_in(unit, figure.value),
        [_comparison(figure, against), *([_against_plan(figure, plan)] if plan else [])],
        draw_spark(figure.line),
        f"{address_of(figure.measure.slug)}#trend",
    )


def _against_plan(figure: Compared, plan: float) -> Comparison:
    """Of a sum its part of the plan, of a ratio the plan itself."""
    against = _("plan %s") % written_in(figure.measure.unit, plan)
    if figure.value is None:
        return Comparison("", against, "", against)
    is_more = figure.value >= plan
    verdict = "" if figure.better is Better.NEITHER else "good" if is_more == (figure.better is Better.UP) else "bad"
    if figure.measure.is_sum:
        return Comparison("", _("%s of plan") % written_in(Unit.SHARE, figure.value / plan), verdict, against)
    return Comparison("", against, verdict, against)


def _comparison(figure: Compared, against: str) -> Comparison:
    difference = figure.difference
    if difference is None:
        return Comparison("", "—", "", against)
    if not difference:
        return Comparison("", _("no change"), "", against)
    verdict = {True: "good", False: "bad", None: ""}[figure.is_good]
    return Comparison("▲" if difference > 0 else "▼", _how_much(figure, difference), verdict, against)


def _how_much(figure: Compared, difference: float) -> str:
    """Of shares, in percentage points: a percentage of a ROMI below 0 would mislead."""
    if figure.measure.unit is Unit.SHARE:
        return f"{abs(difference) * 100:,.1f} pp".replace(",", " ")
    return _("from none") if figure.change is None else written_in(Unit.SHARE, abs(figure.change))
