"""From measured rates and what the user holds, the terms of the chain; what cannot be is said before."""

from collections.abc import Callable

import numpy as np

from infra.errors import InvalidInput
from planning.calculator.asked import Asked, ChannelAsked
from planning.calculator.chain import Flags, Terms
from planning.rates.scope import ScopeRates
from planning.split import Weights


def terms_of(known: ScopeRates, asked: Asked) -> Terms:
    """Raises `InvalidInput` where a rate is neither measured nor held, or where what is held leaves no way."""
    size = len(known.channels)
    places = {channel: place for place, channel in enumerate(known.channels)}

    def held(of: Callable[[ChannelAsked], float | None]) -> Weights:
        found = np.full(size, np.nan)
        for each in asked.channels:
            value = of(each)
            if value is not None:
                found[places[each.channel]] = value
        return found

    cpl, visit, sale = (
        held(lambda each: each.cpl),
        held(lambda each: each.visit_rate),
        held(lambda each: each.sale_rate),
    )
    budget, share = held(lambda each: each.budget), held(lambda each: each.share)
    _check_priced(known, asked, cpl)
    # A channel that cost nothing so far gets no budget unless one is held: its leads come by themselves.
    measured_cpl = np.where(known.is_paid, known.cpl, np.nan)
    if asked.cpl is not None:
        measured_cpl = np.where(known.is_paid & np.isnan(measured_cpl), asked.cpl, measured_cpl)
    usual = np.where(known.usual > 0, known.usual, 0.0)
    terms = Terms(
        np.where(np.isnan(cpl), measured_cpl, cpl),
        _rates(visit, known.visit.value, asked.visit_rate, "visit_rate"),
        _rates(sale, known.sale.value, asked.sale_rate, "sale_rate"),
        usual,
        known.free,
        np.nan_to_num(budget),
        np.nan_to_num(share),
        ~np.isnan(cpl),
        ~np.isnan(visit),
        ~np.isnan(sale),
        ~np.isnan(budget),
        ~np.isnan(share),
    )
    _check_shares(terms)
    return terms


def _rates(held: Weights, measured: Weights, of_all: float | None, where: str) -> Weights:
    found = np.where(np.isnan(held), np.minimum(measured, 1.0), held)
    if of_all is not None:
        found = np.where(np.isnan(found), of_all, found)
    if np.isnan(found).any():
        raise InvalidInput(
            "No conversion is measured yet: too few visits or sales have come of leads.",
            where=where,
            help="Write the conversions that you expect, of all channels together.",
        )
    return found


def _check_priced(known: ScopeRates, asked: Asked, cpl: Weights) -> None:
    """Money for a channel whose leads have no price cannot be turned into leads."""
    places = {channel: place for place, channel in enumerate(known.channels)}
    for number, each in enumerate(asked.channels):
        place = places[each.channel]
        wants = (each.budget or 0) > 0 or (each.share or 0) > 0
        has_price = (
            known.is_known[place] or not np.isnan(cpl[place]) or (asked.cpl is not None and known.is_paid[place])
        )
        if wants and not has_price:
            raise InvalidInput(
                f"{each.channel} cost {known.spent[place]:,.0f} and no lead is credited to it: its CPL is not known."
                if known.is_paid[place]
                else f"{each.channel} has cost nothing so far: its CPL is not known.",
                where=f"channels.{number}.cpl",
                help="Write the CPL that you expect of it, or give it no budget.",
            )


def _check_shares(terms: Terms) -> None:
    shares = float(np.where(terms.holds_share, terms.shares, 0.0).sum())
    takes_rest: Flags = terms.is_open & np.isfinite(terms.cpl)
    if not takes_rest.any() and terms.holds_share.any() and not terms.holds_budget.any() and abs(shares - 1) > 1e-6:
        raise InvalidInput(
            f"The shares of all channels are held and make {100 * shares:.1f}% of the budget.",
            where="channels",
            help="Let them make 100%, or unlock one of them.",
        )
