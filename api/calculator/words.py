"""Words for what the calculator says beside its figures."""

from collections.abc import Mapping
from typing import Any

from api.language import gettext as _
from api.numbers import written_in
from attribution.measures import Unit
from planning.calculator.solving import Caveat, Said
from planning.rates.backtest import CHAIN
from planning.rates.counts import Rate
from planning.rates.levels import Level


def caveat_words(said: Said) -> str:
    """In the reader's language."""
    texts: Mapping[Caveat, str] = {
        Caveat.NO_LEADS: _(
            "%(channel)s cost %(money)s and no lead is credited to it: its CPL is not known, and it gets no budget."
            " Write the CPL that you expect of it to include it."
        ),
        Caveat.OVER_STOCK: _(
            "This budget would sell more than the %(count)s units there are: what is above cannot be sold. Lower the"
            " budget, or order more."
        ),
        Caveat.FAR_OUT: _(
            "%(channel)s would get %(times)s times its usual budget: beyond what was seen the evidence is thin, and a"
            " lead may well cost more."
        ),
        Caveat.ONE_MONTH: _(
            "There is one month of history: intervals cannot be judged yet, and seasons are not known."
        ),
        Caveat.UNJUDGED: _(
            "Intervals of this goal are as the model says: too few months have passed to judge them by what came."
        ),
        Caveat.WITHOUT_MONEY: _("About %(count)s sales come without any budget: the wanted ones need none."),
        Caveat.BY_CURVES: _(
            "Leads grow with the budget by measured response curves: more money meets falling returns."
        ),
        Caveat.IN_PROPORTION: _(
            "Leads grow in proportion to the budget, by the measured average CPL: no response curve is known yet. Far"
            " from the usual budget, expect a lead to cost more."
        ),
    }
    return texts[said.caveat] % {
        "channel": said.channel,
        "money": written_in(Unit.MONEY, said.amount),
        "count": written_in(Unit.COUNT, said.amount),
        "times": written_in(Unit.TIMES, said.amount),
    }


def rate_words() -> Mapping[str, str]:
    return {
        Rate.LEADS.value: _("Leads by money"),
        Rate.QUALIFIED.value: _("Qualified of leads"),
        Rate.VISIT.value: _("Visits of leads"),
        Rate.SALE_OF_VISIT.value: _("Sales of visits"),
        Rate.SALE.value: _("Sales of leads"),
        CHAIN: _("Sales of a budget"),
    }


def level_words() -> Mapping[str, str]:
    return {
        Level.CELL.value: _("a channel of a dealer"),
        Level.DEALER.value: _("a dealer"),
        Level.CHANNEL.value: _("a channel of all dealers"),
        Level.HOLDING.value: _("all together"),
    }


def interval_words(low: Any, high: Any, unit: Unit) -> str:
    """Empty where there is none."""
    if low is None or high is None:
        return ""
    return f"{written_in(unit, low)} – {written_in(unit, high)}"
