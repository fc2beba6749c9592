"""A solution as JSON tells it: rows of channels and the whole, each with its interval; what is missing is null."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from planning.calculator.question import CalculatorQuestion
from planning.calculator.solving import Interval, Solution
from planning.rates.backtest import CHAIN
from planning.rates.counts import Rate
from planning.rates.coverage import LEVEL, Calibration
from planning.rates.levels import Level
from planning.rates.measured import MeasuredRates
from planning.rates.scope import ScopeRates


def told(
    question: CalculatorQuestion, measured: MeasuredRates, known: ScopeRates, solution: Solution, currency: str
) -> dict[str, Any]:
    """Money has two decimals; conversions are from 0 to 1."""
    budgets, sales, low, high = solution.curve
    return {
        "question": question.as_dict(),
        "goal": solution.goal.value,
        "currency": currency,
        "level": LEVEL,
        "totals": _totals(solution),
        "channels": [channel_told(known, solution, place) for place in range(len(known.channels))],
        "curve": [
            {"budget": money(b), "sales": number(s), "low": number(a), "high": number(z)}
            for b, s, a, z in zip(budgets, sales, low, high, strict=True)
        ],
        "caveats": [
            {"caveat": each.caveat.value, "channel": each.channel or None, "amount": number(each.amount)}
            for each in solution.said
        ],
        "rests_on": grounds(measured, known),
    }


def _totals(solution: Solution) -> dict[str, Any]:
    run = solution.run
    leads, visits = float(run.leads.sum()), float(run.visits.sum())
    bought = float(np.where(run.budget > 0, run.leads - solution.terms.free, 0.0).sum())
    cost = float(run.budget.sum())
    return {
        "budget": {name: money(value) for name, value in _ends(solution.budget).items()},
        "leads": {name: number(value) for name, value in _ends(solution.leads).items()},
        "visits": {name: number(value) for name, value in _ends(solution.visits).items()},
        "sales": {name: number(value) for name, value in _ends(solution.sales).items()},
        "margin": {name: money(value) for name, value in _ends(solution.margin).items()} if solution.margin else None,
        "cpl": money(cost / bought) if bought > 0 else None,
        "visit_rate": number(visits / leads) if leads > 0 else None,
        "sale_rate": number(float(run.sales.sum()) / visits) if visits > 0 else None,
        "cost_per_sale": money(cost / solution.sales.mean) if solution.sales.mean > 0 else None,
    }


def channel_told(known: ScopeRates, solution: Solution, place: int) -> dict[str, Any]:
    """What is measured of a channel, what was used, and what comes of it."""
    run, terms = solution.run, solution.terms
    whole = float(run.budget.sum())
    budget = float(run.budget[0, place])
    return {
        "channel": known.channels[place],
        "is_paid": bool(known.is_paid[place]),
        "budget": money(budget),
        "share": number(budget / whole) if whole > 0 else None,
        "usual_budget": money(known.usual[place]),
        "cpl": money(run.cpl[0, place]) if known.is_paid[place] or budget > 0 else None,
        "visit_rate": number(run.visit[0, place]),
        "sale_rate": number(run.sale[0, place]),
        "leads": number(run.leads[0, place]),
        "leads_low": number(solution.leads_bounds[0][place]),
        "leads_high": number(solution.leads_bounds[1][place]),
        "visits": number(run.visits[0, place]),
        "sales": number(run.sales[0, place]),
        "sales_low": number(solution.sales_bounds[0][place]),
        "sales_high": number(solution.sales_bounds[1][place]),
        "measured": measured_of(known, place),
        "held": [
            name
            for name, flags in (
                ("cpl", terms.holds_cpl), ("visit_rate", terms.holds_visit), ("sale_rate", terms.holds_sale),
                ("budget", terms.holds_budget), ("share", terms.holds_share),
            )
            if flags[place]
        ],
        "response": "curve" if solution.is_curved[place] else "average",
    }  # fmt: skip


def measured_of(known: ScopeRates, place: int) -> dict[str, Any]:
    """CPL and conversions of a channel, with their intervals."""
    found: dict[str, Any] = {}
    cpl = float(known.cpl[place])
    low, high = (float(each[place]) for each in known.rates[Rate.LEADS].bounds(known.factor(Rate.LEADS)))
    found["cpl"] = _triple(money(cpl), money(1 / high if high else math.nan), money(1 / low if low else math.nan))
    if math.isnan(cpl):
        found["cpl"] = None
    for name, rate in (
        ("qualified_rate", Rate.QUALIFIED),
        ("visit_rate", Rate.VISIT),
        ("sale_rate", Rate.SALE_OF_VISIT),
    ):
        of = known.rates[rate]
        low, high = (float(each[place]) for each in of.bounds(known.factor(rate), 1.0))
        value = float(of.value[place])
        found[name] = None if math.isnan(value) else _triple(number(min(value, 1.0)), number(low), number(high))
    return found


def grounds(measured: MeasuredRates, known: ScopeRates) -> dict[str, Any]:
    """Which months the rates are of, what was left out, and how well intervals did."""
    months = measured.places.months
    return {
        "run": measured.run.number,
        "from": str(months[0]) if months else None,
        "to": str(months[-1]) if months else None,
        "known_before": measured.counts.upto.isoformat(),
        "leads": number(float(known.came.sum())),
        "left_out": {
            rate.value: [str(months[place]) for place in places]
            for rate, places in measured.fitted.left_out.items()
            if places
        },
        "lag_days": {
            rate.value: {"median": curve.quantile(0.5), "p90": curve.quantile(0.9), "longest": curve.horizon}
            for rate, curve in measured.counts.curves.items()
            if curve
        },
        "others": number(known.others),
        "margin_of_sale": money(known.margin.mean) if known.margin else None,
        "coverage": {
            "of_channels": {name: coverage_told(each) for name, each in known.of_channel.items()},
            "of_all": {name: coverage_told(each) for name, each in known.of_all.items()},
        },
    }


def coverage_rows(measured: MeasuredRates) -> list[dict[str, Any]]:
    """A row for each rate and level: how often intervals held what came."""
    return [
        {"rate": name, "level": level.value, **coverage_told(measured.calibrations[(name, level)])}
        for name in (*map(str, Rate), CHAIN)
        for level in Level
        if (name, level) in measured.calibrations
    ]


def coverage_told(found: Calibration) -> dict[str, Any]:
    return {
        "before": number(found.before),
        "after": number(found.after),
        "factor": number(found.factor),
        "counts": found.counts,
        "months": found.months,
    }


def _ends(interval: Interval) -> Mapping[str, float]:
    return {"mean": interval.mean, "low": interval.low, "high": interval.high}


def _triple(value: float | None, low: float | None, high: float | None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


def money(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 2)


def number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(float(value), 6)
