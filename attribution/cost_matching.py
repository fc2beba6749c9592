"""The cost matching report: which spend found its touches by which rule, and what found nothing on either side."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from attribution.answer import Answer, Period
from attribution.channels import PAID_CHANNELS, PAID_MEDIUM
from attribution.measures import Measure, Unit
from attribution.rates import missing_rates
from attribution.runs import Run, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "cost_reports")

NAMES = ["source", "medium", "campaign"]
TOUCHES = [f"touch_{name}" for name in NAMES]
_LEAST_ALIKE = 0.4
_MOST_SUGGESTED = 3
_COLUMNS = ("state", "rule", *NAMES, *TOUCHES)
FIGURES = (
    Measure("cost", "Cost", Unit.MONEY),
    Measure("clicks", "Clicks", Unit.COUNT),
    Measure("sessions", "Site visits", Unit.COUNT),
    Measure("similarity", "Alike", Unit.SHARE),
)


class MatchState(StrEnum):
    """Whether spend and touches found each other. Of what did not, `touch_…` and `similarity` are a suggestion."""

    COST_ALONE = "cost without touches"
    TOUCHES_ALONE = "touches without cost"
    MATCHED = "matched"


class MatchRule(StrEnum):
    """By what spend was matched, in the order in which it is tried."""

    HAND = "hand"
    ID = "id"
    UTM = "utm"
    TOLERANT = "tolerant"
    NONE = "none"


def cost_matching(warehouse: Warehouse, period: Period, *, seen: Visibility = EVERYTHING) -> Answer:
    """Spend without touches first, by cost; paid touches without cost, by visits; then what matched.

    `about` has the cost and the campaigns of each rule, up to three suggestions for each that found nothing, and money
    without a rate. Raises `NotReady` where nothing was attributed yet, and `NotPermitted`.
    """
    seen.check_sees_everything("How cost matches touches", "The ROMI report has cost and visits by campaign.")
    run = newest_run(warehouse)
    found = _Found.ask(warehouse, run, period)
    rows = pd.concat([found.cost_alone, found.touches_alone, found.matched], ignore_index=True)
    return Answer(
        "cost-matching",
        run,
        _COLUMNS,
        FIGURES,
        rows[[*_COLUMNS, *(figure.slug for figure in FIGURES)]],
        {"from": period.first_day.isoformat(), "to": period.last_day.isoformat()},
        {"cost": float(found.spent["cost"].sum()), "clicks": int(found.spent["clicks"].sum())},
        {
            "by_rule": found.by_rule,
            "suggestions": found.suggestions,
            "missing_rates": [each.as_dict() for each in missing_rates(warehouse, run)],
        },
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """`spent` is a row a campaign of spend, `alone` one of paid touches, `alike` pairs of them, most alike first."""

    spent: pd.DataFrame
    alone: pd.DataFrame
    alike: pd.DataFrame

    @classmethod
    def ask(cls, warehouse: Warehouse, run: Run, period: Period) -> "_Found":
        asked: dict[str, Any] = {"run": run.number, "from": period.first_day, "to": period.last_day}
        paid = {"paid_channels": list(PAID_CHANNELS), "paid_medium": PAID_MEDIUM}
        spent = _frame(
            warehouse, "spend_by_rule", asked, [*NAMES, "rule", *TOUCHES, "cost_units", "clicks", "sessions"]
        )
        alone = _frame(warehouse, "paid_touches_without_cost", asked | paid, [*NAMES, "sessions"])
        near = {"run": run.number, "least": _LEAST_ALIKE}
        alike = _frame(warehouse, "nearest_names", near, [*NAMES, *TOUCHES, "similarity"])
        return cls(spent.assign(cost=spent["cost_units"].astype("int64") / 10_000), alone, alike)

    @property
    def matched(self) -> pd.DataFrame:
        found = self.spent[self.spent["rule"] != MatchRule.NONE]
        return found.assign(state=MatchState.MATCHED.value, similarity=float("nan"))

    @property
    def cost_alone(self) -> pd.DataFrame:
        found = self.spent[self.spent["rule"] == MatchRule.NONE].drop(columns=[*TOUCHES, "sessions"])
        best = self.alike.drop_duplicates(NAMES)
        return _filled(found.merge(best, how="left", on=NAMES).assign(state=MatchState.COST_ALONE.value))

    @property
    def touches_alone(self) -> pd.DataFrame:
        """The suggestion stands in the names of spend: there they have none of their own."""
        found = self.alone.rename(columns=dict(zip(NAMES, TOUCHES, strict=True)))
        best = self._alike_in_spend().drop_duplicates(TOUCHES)
        named = found.merge(best, how="left", on=TOUCHES)
        return _filled(named.assign(state=MatchState.TOUCHES_ALONE.value, rule=MatchRule.NONE.value))

    @property
    def by_rule(self) -> list[dict[str, Any]]:
        whole = self.spent["cost"].sum()
        of_rules = self.spent.groupby("rule")["cost"].agg(["sum", "count"])
        return [
            {
                "rule": rule.value,
                "cost": round(float(of_rules["sum"].get(rule.value, 0.0)), 4),
                "share": round(float(of_rules["sum"].get(rule.value, 0.0) / whole), 9) if whole else None,
                "campaigns": int(of_rules["count"].get(rule.value, 0)),
            }
            for rule in MatchRule
        ]

    @property
    def suggestions(self) -> list[dict[str, Any]]:
        """Pairs of names, most alike first: up to three for each campaign of spend, and of touches that lack cost."""
        alike = self._alike_in_spend()
        lacking = alike.merge(self.alone.rename(columns=dict(zip(NAMES, TOUCHES, strict=True)))[TOUCHES], on=TOUCHES)
        near = [alike.groupby(NAMES).head(_MOST_SUGGESTED), lacking.groupby(TOUCHES).head(_MOST_SUGGESTED)]
        pairs = pd.concat(near, ignore_index=True).drop_duplicates([*NAMES, *TOUCHES])
        ordered = pairs.sort_values("similarity", ascending=False, kind="stable")
        return [
            {
                "cost": {name: row[name] for name in NAMES},
                "touches": {name: row[f"touch_{name}"] for name in NAMES},
                "similarity": round(float(row["similarity"]), 4),
            }
            for row in ordered.to_dict("records")
        ]

    def _alike_in_spend(self) -> pd.DataFrame:
        unmatched = self.spent.loc[self.spent["rule"] == MatchRule.NONE, NAMES]
        return self.alike.merge(unmatched, on=NAMES)


def _frame(warehouse: Warehouse, name: str, parameters: dict[str, Any], columns: list[str]) -> pd.DataFrame:
    """With all its columns where there is no row, too."""
    found = warehouse.frame(_SQL[name], parameters)
    text = [column for column in columns if column in (*NAMES, *TOUCHES, "rule")]
    return found.reindex(columns=columns).astype(dict.fromkeys(text, object))


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Names that nothing is like are empty; figures that a side does not have are missing."""
    whole = rows.reindex(columns=[*_COLUMNS, *(figure.slug for figure in FIGURES)])
    names = [*NAMES, *TOUCHES]
    return whole.assign(**{name: whole[name].fillna("") for name in names})
