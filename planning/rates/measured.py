"""The measured rates of a holding: fitted, judged by a backtest, and told of whichever dealers and month one asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from attribution.dimensions import NONE
from attribution.opportunities import known_until
from attribution.runs import Run, newest_run
from infra.warehouse import Warehouse
from planning.history import Span, history
from planning.media.months import month_of
from planning.rates.backtest import Calibrations, Fitted, backtest, fit_rates
from planning.rates.counts import FIGURES, Counts, Kinds, Places, first_lead, placed, read_curves, read_outcomes
from planning.rates.margins import Margins, read_margins
from planning.split import Weights

MOST_MONTHS = 24
_PARTIAL_AFTER = 7


@dataclass(frozen=True)
class MeasuredRates:
    """`counts` are as known before `counts.upto`. Without whole months of history nothing is measured."""

    run: Run
    counts: Counts
    fitted: Fitted
    calibrations: Calibrations
    margins: Margins

    @property
    def places(self) -> Places:
        return self.counts.places

    @property
    def has_history(self) -> bool:
        return bool(self.places.months)


def measure_rates(
    warehouse: Warehouse, timezone: str, brands: Mapping[str, str], kinds: Kinds, today: date
) -> MeasuredRates:
    """Of the whole holding, from the last `MOST_MONTHS` whole months; `brands` are those of dealers.

    Raises `NotReady` where nothing was attributed yet.
    """
    run = newest_run(warehouse)
    zone = ZoneInfo(timezone)
    upto = min(_day(known_until(warehouse, run), zone), today)
    span = _whole_months(first_lead(warehouse, run), upto)
    if span is None:
        return MeasuredRates(run, _nothing(upto), fit_rates(_nothing(upto)), {}, Margins({}, None, None))
    reader = _Reader(warehouse, run, timezone, kinds, span, brands)
    now = reader.counts(upto)
    calibrations = backtest(now, reader.known_before)
    margins = read_margins(warehouse, run, span.first.first, kinds)
    return MeasuredRates(run, now, fit_rates(now), calibrations, margins)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _whole_months(first: date | None, upto: date) -> Span | None:
    """A first month that leads began late in is no whole one, where there are others."""
    if first is None or month_of(first) >= month_of(upto):
        return None
    begun, last = month_of(first), month_of(upto).before
    if first.day > _PARTIAL_AFTER and begun < last:
        begun = begun.after
    months = Span(begun, last).months[-MOST_MONTHS:]
    return Span(months[0], months[-1])


def _nothing(upto: date) -> Counts:
    places = Places((), (), (), np.zeros(0, dtype=np.intp))
    empty = np.zeros((0, 0, 0))
    return Counts(places, dict.fromkeys(FIGURES, empty), empty, {}, upto)


class _Reader:
    """Cost is asked for once: it does not become known later, as outcomes do."""

    def __init__(
        self, warehouse: Warehouse, run: Run, timezone: str, kinds: Kinds, span: Span, brands: Mapping[str, str]
    ) -> None:
        self._warehouse, self._run, self._timezone, self._kinds = warehouse, run, timezone, kinds
        self._span, self._brands = span, brands
        told = history(warehouse, span, timezone, ("dealer", "channel"))
        months = {str(month): month.year * 12 + month.month - 1 for month in span.months}
        self._cost = told.assign(month_number=told["month"].map(months))
        self._places: Places | None = None

    def counts(self, upto: date) -> Counts:
        """As known before the day, which decides on dealers and channels where it is asked for first."""
        curves = read_curves(self._warehouse, self._run, upto, self._timezone)
        rows = read_outcomes(self._warehouse, self._run, self._span, upto, self._timezone, self._kinds, curves)
        rows["dealer"] = rows["dealer"].astype(object).replace("", NONE)
        if self._places is None:
            self._places = _places(pd.concat([rows, self._cost]), self._span, self._brands)
        cost: Weights = np.maximum(placed(self._cost, self._places, ["cost"])["cost"], 0)
        return Counts(self._places, placed(rows, self._places, FIGURES), cost, curves, upto)

    def known_before(self, months: int) -> Counts:
        return self.counts(self._span.months[months - 1].after.first).before(months)


def _places(rows: pd.DataFrame, span: Span, brands: Mapping[str, str]) -> Places:
    dealers = tuple(sorted({str(each) for each in rows["dealer"]}))
    channels = tuple(sorted({str(each) for each in rows["channel"]}))
    of_brand = np.unique([brands.get(each, "") for each in dealers], return_inverse=True)[1]
    return Places(dealers, channels, span.months, np.asarray(of_brand, dtype=np.intp))
