"""Every figure of a report, defined once: what it is called, what it is made of, and how it is written.

A ratio whose denominator is 0 has no value. ROMI = (margin − cost) / cost; DRR = cost / revenue; ROAS = revenue / cost.
"""

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd


class Unit(StrEnum):
    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    TIMES = "times"
    DAYS = "days"
    SECONDS = "seconds"


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum that the warehouse yields (`over` empty), or the ratio of two sums; `less` is taken off the numerator."""

    slug: str
    title: str
    unit: Unit
    of: str = ""
    over: str = ""
    less: str = ""

    @property
    def is_sum(self) -> bool:
        return not self.over

    def of_rows(self, sums: pd.DataFrame) -> pd.Series:
        """The ratio of each row; missing where the denominator is 0."""
        numerator = sums[self.of] - sums[self.less] if self.less else sums[self.of]
        denominator = sums[self.over].astype(float)
        return numerator.astype(float) / denominator.where(denominator != 0)


MEASURES: tuple[Measure, ...] = (
    Measure("cost", "Cost", Unit.MONEY),
    Measure("impressions", "Impressions", Unit.COUNT),
    Measure("clicks", "Clicks", Unit.COUNT),
    Measure("sessions", "Site visits", Unit.COUNT),
    Measure("leads", "Leads", Unit.COUNT),
    Measure("qualified", "Qualified leads", Unit.COUNT),
    Measure("visits", "Showroom visits", Unit.COUNT),
    Measure("sales", "Sales", Unit.COUNT),
    Measure("service_visits", "Service visits", Unit.COUNT),
    Measure("revenue", "Revenue", Unit.MONEY),
    Measure("margin", "Margin", Unit.MONEY),
    Measure("cpl", "CPL", Unit.MONEY, "cost", "leads"),
    Measure("cpql", "CPQL", Unit.MONEY, "cost", "qualified"),
    Measure("cpv", "CPV", Unit.MONEY, "cost", "visits"),
    Measure("cps", "CPS", Unit.MONEY, "cost", "sales"),
    Measure("roas", "ROAS", Unit.TIMES, "revenue", "cost"),
    Measure("drr", "DRR", Unit.SHARE, "cost", "revenue"),
    Measure("romi", "ROMI", Unit.SHARE, "margin", "cost", less="cost"),
    Measure("cr_session_lead", "CR visit → lead", Unit.SHARE, "leads", "sessions"),
    Measure("cr_lead_qualified", "CR lead → qualified", Unit.SHARE, "qualified", "leads"),
    Measure("cr_qualified_visit", "CR qualified → showroom", Unit.SHARE, "visits", "qualified"),
    Measure("cr_visit_sale", "CR showroom → sale", Unit.SHARE, "sales", "visits"),
    Measure("cr_lead_sale", "CR lead → sale", Unit.SHARE, "sales", "leads"),
)
SUMS = tuple(measure.slug for measure in MEASURES if measure.is_sum)
RATIOS = tuple(measure for measure in MEASURES if not measure.is_sum)
