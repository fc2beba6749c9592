"""What a call is worth that nobody answers: the margin of the sales that leads of such calls would have become.

    worth = leads a call × share that nobody reaches later × conversion of leads × margin of a sale

Leads of all kinds become sales alike: conversion is sales over leads of the last twelve whole months, both counted in
the month in which they came, so that slow sales are not lost sales. Each factor is a dealer's own as far as its data
bear it, and the holding's for the rest: shares are beta-binomial, the margin of a sale is that of Bühlmann and Straub.
Errors are standard errors of the logarithm, and taken as independent.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attribution.credibility import Credible, credible
from attribution.pooling import Pooled, pool_shares
from planning.call_load.expected import LEVEL, quantile
from planning.call_load.queues import Numbers


@dataclass(frozen=True)
class Worth:
    """Of a missed call, by dealer, in whole money; missing where nothing was sold yet."""

    leads_a_call: Numbers
    never_reached: Numbers
    conversion: Numbers
    margin: Numbers
    error: Numbers

    @property
    def of_call(self) -> Numbers:
        return self.leads_a_call * self.never_reached * self.conversion * self.margin


@dataclass(frozen=True)
class Handled:
    """How calls of each dealer ended."""

    calls: Numbers
    leads: Numbers
    unanswered: Numbers
    never_reached: Numbers


def handled_of(rows: pd.DataFrame, dealers: tuple[str, ...]) -> Handled:
    """Of the report of calls by dealer; others are put together."""
    names = rows["dealer"].where(rows["dealer"].isin(dealers), "")
    counted = ["calls", "leads", "unanswered", "never_called_back"]
    sums = rows[counted].astype(float).groupby(names).sum().reindex(dealers).fillna(0.0)
    return Handled(*(sums[name].to_numpy(float) for name in counted))


def worth_of(handled: Handled, history: pd.DataFrame, dealers: tuple[str, ...]) -> Worth:
    """`history` has a row a month and dealer, with leads, sales and margin."""
    names = history["dealer"].where(history["dealer"].isin(dealers), "")
    sums = history[["leads", "sales", "margin"]].astype(float).groupby(names).sum().reindex(dealers).fillna(0.0)
    leads, sales = sums["leads"].to_numpy(float), sums["sales"].to_numpy(float)
    shares = [
        pool_shares(np.minimum(handled.leads, handled.calls), handled.calls, LEVEL),
        pool_shares(np.minimum(handled.never_reached, handled.unanswered), handled.unanswered, LEVEL),
        pool_shares(np.minimum(sales, leads), leads, LEVEL),
    ]
    margin = _margin(history, sales, sums["margin"].to_numpy(float))
    errors = [_error(each) for each in shares]
    of_margin = np.divide(margin.error, margin.estimate, out=np.zeros(len(dealers)), where=margin.estimate > 0)
    error = np.sqrt(np.square([*errors, of_margin]).sum(axis=0))
    leads_a_call, never_reached, conversion = (each.mean for each in shares)
    return Worth(leads_a_call, never_reached, conversion, np.maximum(margin.estimate, 0), error)


def worth_together(worth: Worth, calls: Numbers) -> Numbers:
    """Of a call of all dealers in each hour: (1, 7, 24). What they err in is mostly shared."""
    of_call = np.nan_to_num(worth.of_call)[:, None, None]
    whole = calls.sum(axis=0)
    mixed = np.divide((calls * of_call).sum(axis=0), whole, out=np.zeros_like(whole), where=whole > 0)
    return np.asarray(mixed[None])


def mean_error(worth: Worth, calls: Numbers) -> float:
    """Of all dealers, weighed by what their calls are worth: as if they erred together, which is never too little."""
    weights = np.nan_to_num(worth.of_call) * calls
    return float((weights * np.nan_to_num(worth.error)).sum() / weights.sum()) if weights.sum() > 0 else 0.0


def _margin(history: pd.DataFrame, sales: Numbers, margin: Numbers) -> Credible:
    """The variance of one sale is told by how months of a dealer lie about its mean."""
    means = np.divide(margin, sales, out=np.zeros_like(sales), where=sales > 0)
    rows = history[history["sales"] > 0].astype({"sales": float, "margin": float})
    of_month = rows["margin"] / rows["sales"]
    grouped = rows.groupby("dealer")
    own = grouped["margin"].transform("sum") / grouped["sales"].transform("sum")
    free = len(rows) - grouped.ngroups
    within = float((rows["sales"] * (of_month - own) ** 2).sum() / free) if free > 0 else 0.0
    return credible(sales, means, within)


def _error(share: Pooled) -> Numbers:
    """Of the logarithm, by the upper bound: the lower one may be 0."""
    ratio = np.divide(share.high, share.mean, out=np.ones_like(share.mean), where=share.mean > 0)
    return np.asarray(np.log(np.maximum(ratio, 1.0)) / quantile())
