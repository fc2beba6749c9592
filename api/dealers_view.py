"""What the comparison of dealers shows: a table, a ranking and a scatter of one answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.dealers_questions import ACROSS_CHOICES, UPWARDS_CHOICES, DealersQuestion, Figures
from api.exports import ExportFormat
from api.language import gettext as _
from api.numbers import written_in
from api.periods import LongPeriod, in_words
from api.planned import sales_planned_by_dealer
from api.scatter import Scatter, Spot, draw_scatter
from api.status import freshness
from api.whiskers import Triple, Whisker, place, scale_for, whisker
from attribution.answer import Answer
from attribution.dealers import COMPARABLE, CONVERSION_RATES, COSTS_PER, Comparison, Peers, dealer_comparison
from attribution.meanings import MEANINGS
from attribution.measures import MEASURES, Measure, Unit
from attribution.models import Model
from attribution.runs import newest_run
from attribution.sharing import DealerShare
from attribution.standings import FEW
from attribution.visibility import Visibility

Row = Mapping[str, Any]
MEASURE_OF = {measure.slug: measure for measure in MEASURES}
_SUMS = ("cost", "leads", "sales")
_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a dealer. `flag` is `better` or `worse` where it differs from its peers beyond noise."""

    value: float | None
    written: str
    interval: str
    flag: str
    is_few: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A dealer in the ranking: `fair` is like for like, `raw` as it is."""

    place: str
    dealer: str
    address: str
    fair: Cell
    raw: Cell
    fair_whisker: Whisker | None
    raw_whisker: Whisker | None
    peers: str
    peers_at: float | None
    counted: str


def compared(services: Services, seen: Visibility, comparison: Comparison) -> Answer:
    """The same answer for all who ask while the run is the newest. Raises `NotReady` and `NotPermitted`."""
    warehouse, timezone = services.warehouse, services.settings.timezone
    return services.per_run.answer(
        newest_run(warehouse).number,
        ("dealers", comparison, seen),
        lambda: dealer_comparison(warehouse, comparison, timezone, seen=seen),
    )


def dealers_view(services: Services, seen: Visibility, question: DealersQuestion) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet, and `NotPermitted`."""
    answer = compared(services, seen, question.comparison)
    rows = [row for row in answer.items() if row["cost"] or row["leads"] or row["sales"] or row["cohort_leads"]]
    holding = holding_of(answer, seen)
    peers = question.comparison.peers
    planned = sales_planned_by_dealer(services, seen, question.comparison.period)
    return {
        "question": question,
        "comparison": question.comparison,
        "period": in_words(question.comparison.period),
        "rows": [_row(row, question, planned) for row in rows],
        "reached": _reached(sum(row["sales"] for row in rows), sum(planned.values())) if planned else None,
        "sums": [MEASURE_OF[slug] for slug in _SUMS],
        "columns": [MEASURE_OF[slug] for slug in COMPARABLE],
        "totals": {slug: written_in(MEASURE_OF[slug].unit, answer.totals.get(slug)) for slug in _SUMS},
        "holding": {slug: written_in(MEASURE_OF[slug].unit, holding.get(slug)) for slug in COMPARABLE},
        "peer_means": _peer_means(rows, peers),
        "ranking": ranking_of(rows, holding, question.measure, question.dealer_address),
        "ranked": MEASURE_OF[question.measure],
        "scatter": _scatter(rows, holding, question),
        "across": MEASURE_OF[question.across],
        "upwards": MEASURE_OF[question.upwards],
        "across_choices": [MEASURE_OF[slug] for slug in ACROSS_CHOICES],
        "upwards_choices": [MEASURE_OF[slug] for slug in UPWARDS_CHOICES],
        "figures": list(Figures),
        "figures_words": {
            Figures.RAW: _("as they are"), Figures.LIKE_FOR_LIKE: _("like for like"),
        },
        "is_fair": question.figures is Figures.LIKE_FOR_LIKE,
        "meanings": MEANINGS,
        "few": FEW,
        **choices(peers),
        "periods": [
            (each.label, question.address(named=each), question.named is each) for each in LongPeriod
        ],
        "exports": [(form.value, question.export(form.value)) for form in _EXPORTED],
        **footing(services, answer),
    }  # fmt: skip


def choices(peers: Peers) -> dict[str, Any]:
    """What the pickers of both pages offer."""
    words = {
        Peers.HOLDING: _("all dealers"),
        Peers.BRAND: _("its brand"),
        Peers.CITY: _("its city"),
        Peers.BRAND_AND_CITY: _("its brand and city"),
    }
    return {
        "peers_choices": [(each.value, words[each]) for each in Peers],
        "peers_words": words[peers],
        "models": list(Model),
        "shares": list(DealerShare),
    }


def footing(services: Services, answer: Answer) -> dict[str, Any]:
    return {
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": answer.run_read,
        "fresh": freshness(services)["fresh"],
    }


def holding_of(answer: Answer, seen: Visibility) -> Mapping[str, float | None]:
    """The ratios of all dealers together, seen or not; empty where they would tell too much."""
    found: Mapping[str, float | None] = answer.totals if seen.dealers is None else answer.about.get("holding", {})
    return found


def cell(row: Row, slug: str, *, fair: bool) -> Cell:
    unit = MEASURE_OF[slug].unit
    value, low, high = triple(row, slug, fair=fair)
    return Cell(value, written_in(unit, value), interval(unit, low, high), row[f"{slug}_flag"], is_few(row, slug))


def interval(unit: Unit, low: float | None, high: float | None) -> str:
    """A missing end of one that has the other has no bound: the cost of what never came."""
    if low is None and high is None:
        return "—"
    return f"{written_in(unit, low)} … {'∞' if high is None else written_in(unit, high)}"


def triple(row: Row, slug: str, *, fair: bool) -> Triple:
    name = f"{slug}_adjusted" if fair else slug
    return row[name], row[f"{name}_low"], row[f"{name}_high"]


def counted_behind(row: Row, slug: str) -> float:
    """The events that a figure stands on."""
    if slug in CONVERSION_RATES:
        return float(row[f"cohort_{CONVERSION_RATES[slug][0]}"])
    return float(row[COSTS_PER.get(slug, "sales")])


def is_few(row: Row, slug: str) -> bool:
    return counted_behind(row, slug) < FEW


def peers_mean(row: Row, slug: str) -> float | None:
    """None for a dealer that has no peers but itself."""
    return None if row[f"{slug}_q"] is None else row[f"{slug}_peers"]


def ranking_of(
    rows: Sequence[Row], holding: Mapping[str, float | None], slug: str, address_of: Callable[[str], str]
) -> dict[str, Any]:
    """The best first, like for like; whoever has no such figure stands last."""
    fair = scale_for([triple(row, slug, fair=True) for row in rows])
    ordered = sorted(rows, key=lambda row: (row[f"{slug}_rank"] is None, row[f"{slug}_rank"] or 0, row["dealer"]))
    unit = MEASURE_OF[slug].unit
    return {
        "rows": [
            Ranked(
                written_in(Unit.COUNT, row[f"{slug}_rank"]),
                row["dealer"],
                address_of(row["dealer"]),
                cell(row, slug, fair=True),
                cell(row, slug, fair=False),
                whisker(fair, triple(row, slug, fair=True)),
                whisker(fair, triple(row, slug, fair=False)),
                written_in(unit, peers_mean(row, slug)),
                place(fair, peers_mean(row, slug)),
                written_in(Unit.COUNT, counted_behind(row, slug)),
            )
            for row in ordered
        ],
        "ticks": fair.ticks(slug),
        "holding": written_in(unit, holding.get(slug)),
        "holding_at": place(fair, holding.get(slug)),
    }


def _row(row: Row, question: DealersQuestion, planned: Mapping[str, float]) -> dict[str, Any]:
    return {
        "dealer": row["dealer"],
        "address": question.dealer_address(row["dealer"]),
        "brand": row["brand"],
        "city": row["city"],
        "sums": [(row[slug], written_in(MEASURE_OF[slug].unit, row[slug])) for slug in _SUMS],
        "reached": _reached(row["sales"], planned.get(row["dealer"])),
        "cells": [cell(row, slug, fair=question.figures is Figures.LIKE_FOR_LIKE) for slug in COMPARABLE],
    }


def _reached(sales: float, planned: float | None) -> tuple[float | None, str, str]:
    """The share of the plan of sales, as a number and as written, and the plan."""
    share = sales / planned if planned else None
    return share, written_in(Unit.SHARE, share), written_in(Unit.COUNT, planned)


def _peer_means(rows: Sequence[Row], peers: Peers) -> list[dict[str, Any]]:
    """A row for each group of peers of two or more: the mean of its dealers, like for like."""
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] or _("not known") for name in peers.places), []).append(row)
    return [
        {
            "name": ", ".join(name) or _("all dealers"),
            "size": len(members),
            "means": [written_in(MEASURE_OF[slug].unit, _first_mean(members, slug)) for slug in COMPARABLE],
        }
        for name, members in sorted(groups.items())
        if any(peers_mean(row, slug) is not None for row in members for slug in COMPARABLE)
    ]


def _first_mean(rows: Sequence[Row], slug: str) -> float | None:
    return next((mean for row in rows if (mean := peers_mean(row, slug)) is not None), None)


def _scatter(rows: Sequence[Row], holding: Mapping[str, float | None], question: DealersQuestion) -> Scatter | None:
    across, upwards = MEASURE_OF[question.across], MEASURE_OF[question.upwards]
    spots = [_spot(row, across, upwards, question) for row in rows]
    return draw_scatter(spots, (across.slug, upwards.slug), (holding.get(across.slug), holding.get(upwards.slug)))


def _spot(row: Row, across: Measure, upwards: Measure, question: DealersQuestion) -> Spot:
    fair = question.figures is Figures.LIKE_FOR_LIKE
    x, y = cell(row, across.slug, fair=fair), cell(row, upwards.slug, fair=fair)
    sales = written_in(Unit.COUNT, row["sales"])
    return Spot(
        row["dealer"],
        question.dealer_address(row["dealer"]),
        x.value,
        y.value,
        row["sales"],
        f"{row['dealer']}: {_(across.title)} {x.written}, {_(upwards.title)} {y.written}, {_('sales')} {sales}",
        (x.written, y.written, sales),
        x.is_few or y.is_few,
    )
