"""Words for what forecasts have: measures, methods, levels, and how they add up."""

from api.language import gettext as _
from planning.forecast.backtest import Way
from planning.forecast.methods import Method
from planning.forecast.tree import Level


def measure_words() -> dict[str, str]:
    return {"sales": _("Sales"), "leads": _("Leads"), "calls": _("Calls"), "service_visits": _("Service visits")}


def method_words() -> dict[str, str]:
    return {
        Method.SEASONAL_NAIVE.value: _("Seasonal naive"),
        Method.THETA.value: _("Dynamic optimised theta"),
        Method.SMOOTHING.value: _("Smoothing with season"),
        Method.MEAN.value: _("Mean of the three"),
    }


def level_words() -> dict[Level, str]:
    return {
        Level.HOLDING: _("Holding"),
        Level.DIRECTION: _("Directions"),
        Level.DEALER: _("Dealers"),
        Level.LINE: _("Dealers by direction"),
    }


def way_words() -> dict[Way, str]:
    return {
        Way.RECONCILED: _(
            "Every level has a forecast of its own; they are moved as little as their errors allow until dealers add "
            "up to the holding (minimum trace reconciliation)."
        ),
        Way.ADDED_UP: _("Dealers and directions are forecast, and added up to the holding."),
        Way.SHARED_OUT: _(
            "For the whole, no method did better than the same month of last year: it is that, shared out by the "
            "forecasts of dealers, which did better."
        ),
        Way.NAIVE: _("No method did better than the same month of last year, so that is what is shown."),
    }
