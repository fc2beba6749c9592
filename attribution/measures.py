"""Every figure of a report, defined once: what it is called, what it is made of, and how it is written.

Built-in figures and those that users define speak one language of formulas. A ratio whose denominator is 0 has no
value. ROMI = (margin − cost) / cost; DRR = cost / revenue; ROAS = revenue / cost.
"""

from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from attribution.formulas import Figure, Formula, evaluate, read_formula
from attribution.units import Unit

__all__ = ["MEASURES", "RATIOS", "SUMS", "Measure", "OwnMeasure", "Unit"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum that the warehouse yields, or a `formula` over sums.

    One that names other formulas brings its `tree`, in which there are sums alone.
    """

    slug: str
    title: str
    unit: Unit
    formula: str = ""
    tree: Formula | None = field(default=None, repr=False)

    @property
    def is_sum(self) -> bool:
        return not self.formula

    @property
    def over_sums(self) -> Formula:
        return self.tree or (_tree(self.formula) if self.formula else Figure(self.slug))

    def of_rows(self, sums: pd.DataFrame) -> pd.Series:
        """Its value for each row; missing where a denominator is 0. Never a sum of ratios: give it sums."""
        return evaluate(self.over_sums, sums)


@cache
def _tree(formula: str) -> Formula:
    return read_formula(formula)


class OwnMeasure(BaseModel):
    """What users write of a measure. Without a `unit`, the figures of its formula tell it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    formula: Annotated[str, Field(min_length=1, max_length=500)]
    title: Annotated[str, Field(max_length=100)] = ""
    unit: Unit | None = None

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_defaults=True)


_SUMMED = (
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
)
SUMS = tuple(measure.slug for measure in _SUMMED)


RATIOS = (
    Measure("cpl", "CPL", Unit.MONEY, "cost / leads"),
    Measure("cpql", "CPQL", Unit.MONEY, "cost / qualified"),
    Measure("cpv", "CPV", Unit.MONEY, "cost / visits"),
    Measure("cps", "CPS", Unit.MONEY, "cost / sales"),
    Measure("roas", "ROAS", Unit.TIMES, "revenue / cost"),
    Measure("drr", "DRR", Unit.SHARE, "cost / revenue"),
    Measure("romi", "ROMI", Unit.SHARE, "(margin - cost) / cost"),
    Measure("cr_session_lead", "CR visit → lead", Unit.SHARE, "leads / sessions"),
    Measure("cr_lead_qualified", "CR lead → qualified", Unit.SHARE, "qualified / leads"),
    Measure("cr_qualified_visit", "CR qualified → showroom", Unit.SHARE, "visits / qualified"),
    Measure("cr_visit_sale", "CR showroom → sale", Unit.SHARE, "sales / visits"),
    Measure("cr_lead_sale", "CR lead → sale", Unit.SHARE, "sales / leads"),
)
MEASURES: tuple[Measure, ...] = (*_SUMMED, *RATIOS)
