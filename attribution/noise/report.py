"""The noise report: what was found, what is left out, and which part of the cost went for it."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from attribution.answer import Answer, Period, records
from attribution.measures import Measure, Unit
from attribution.noise.rules import Reason
from attribution.runs import Run, newest_run
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "noise_reports")

GROUPINGS = ("reason", "family", "channel", "source", "medium", "campaign", "dealer", "contractor", "day")
_WHOLE = ("reason", "family")  # each of their groups is a part of all clicks and all cost
NONE = "(none)"
SUMS = (
    Measure("noise_touches", "Noise touches", Unit.COUNT),
    Measure("excluded_touches", "Excluded touches", Unit.COUNT),
    Measure("noise_calls", "Noise calls", Unit.COUNT),
    Measure("excluded_calls", "Excluded calls", Unit.COUNT),
    Measure("noise_leads", "Noise leads", Unit.COUNT),
    Measure("excluded_leads", "Excluded leads", Unit.COUNT),
    Measure("clicks", "Clicks", Unit.COUNT),
    Measure("cost", "Media cost", Unit.MONEY),
    Measure("noise_cost", "Cost of noise clicks", Unit.MONEY),
    Measure("excluded_cost", "Cost of excluded clicks", Unit.MONEY),
)
SHARES = (
    Measure("noise_cost_share", "Share of cost", Unit.SHARE, "noise_cost / cost"),
    Measure("excluded_cost_share", "Share excluded", Unit.SHARE, "excluded_cost / cost"),
)
FIGURES = SUMS + SHARES
EXAMPLE_NAMES = ("reason", "family", "id", "at", "excluded", "channel", "campaign", "dealer", "contractor")


@dataclass(frozen=True, slots=True)
class NoiseQuestion:
    by: str
    period: Period

    def __post_init__(self) -> None:
        if self.by not in GROUPINGS:
            raise InvalidInput(
                f"There is no grouping {self.by!r}.", where="by", help=f"The groupings are {', '.join(GROUPINGS)}."
            )

    def as_dict(self) -> dict[str, Any]:
        return {"by": self.by, "from": self.period.first_day.isoformat(), "to": self.period.last_day.isoformat()}


def noise_report(
    warehouse: Warehouse, question: NoiseQuestion, timezone: str, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row for each group that has noise, the costliest first. `clicks` are all, those left out too.

    `totals` count an event once, whatever its reasons. Raises `NotReady` where nothing was attributed yet, and
    `NotPermitted`: what a click costs is known of a whole channel only.
    """
    seen.check_sees_everything("The report of noise", "Examples of noise are shown for what you see.")
    run = newest_run(warehouse)
    parameters = _parameters(run, question.period, timezone)
    rows = _measured(_grouped(warehouse, question.by, parameters))
    totals = _measured(_grouped(warehouse, "everything", parameters))
    rows = rows.rename(columns={"by": question.by})
    rows = rows.sort_values(
        ["noise_cost", "noise_touches", "noise_leads", "noise_calls", question.by],
        ascending=[False, False, False, False, True],
    )
    columns = [question.by, *(figure.slug for figure in FIGURES)]
    return Answer(
        "noise",
        run,
        (question.by,),
        FIGURES,
        rows[columns].reset_index(drop=True),
        question.as_dict(),
        _totals(totals),
        {"rules": _rules(warehouse, run)},
    )


def noise_totals(
    warehouse: Warehouse, period: Period, timezone: str, *, seen: Visibility = EVERYTHING
) -> dict[str, Any]:
    """The report's `totals` alone, by their names. Raises as the report does."""
    seen.check_sees_everything("The report of noise", "Examples of noise are shown for what you see.")
    run = newest_run(warehouse)
    return _totals(_measured(_grouped(warehouse, "everything", _parameters(run, period, timezone))))


def noise_examples(
    warehouse: Warehouse,
    period: Period,
    timezone: str,
    reason: str = "",
    most: int = 10,
    *,
    seen: Visibility = EVERYTHING,
) -> Answer:
    """The newest events of each reason, at most so many, by the ids under which their sender knows them.

    Raises `InvalidInput` for an unknown reason, `NotReady` where nothing was attributed yet.
    """
    if reason and reason not in list(Reason):
        raise InvalidInput(
            f"There is no reason {reason!r}.", where="reason", help=f"Choose one of {', '.join(Reason)}."
        )
    run = newest_run(warehouse)
    asked = {**_parameters(run, period, timezone), "reason": reason, "most": most, **seen.parameters}
    rows = warehouse.frame(_SQL["examples"], asked).reindex(columns=list(EXAMPLE_NAMES))
    rows["at"] = [moment.isoformat() for moment in rows["at"]]
    rows["excluded"] = rows["excluded"].map({True: "yes", False: "no"})
    question = {"from": period.first_day.isoformat(), "to": period.last_day.isoformat(), "reason": reason, "most": most}
    return Answer("noise-examples", run, EXAMPLE_NAMES, (), rows, question)


def _totals(measured: pd.DataFrame) -> dict[str, Any]:
    slugs = [figure.slug for figure in FIGURES]
    counts = frozenset(figure.slug for figure in FIGURES if figure.unit is Unit.COUNT)
    return (records(measured[slugs], counts) or [dict.fromkeys(slugs, 0)])[0]


def _parameters(run: Run, period: Period, timezone: str) -> dict[str, Any]:
    return {"run": run.number, "timezone": timezone, "from": period.first_day, "to": period.last_day}


def _grouped(warehouse: Warehouse, by: str, parameters: dict[str, Any]) -> pd.DataFrame:
    """A row for each group that has noise, with the sums of all figures."""
    found = warehouse.frame(_SQL["noise_by"], {**parameters, "by": by})
    if found.empty:
        return pd.DataFrame(columns=["by", *(figure.slug for figure in SUMS)])
    clean = warehouse.frame(_SQL["clean_by"], {**parameters, "by": "everything" if by in _WHOLE else by})
    clean = clean.reindex(columns=["by", "clean_clicks", "cost"])
    if by in _WHOLE:
        excluded = _grouped(warehouse, "everything", parameters)["clicks"].to_numpy()
        found["clicks"] = excluded[0]
        found["cost"] = clean["cost"].sum()
    else:
        found = found.merge(clean, on="by", how="left").fillna(0)
        found["clicks"] = found["clean_clicks"] + found["excluded_touches"]
    found["by"] = found["by"].astype(object).replace("", NONE)
    return found


def _measured(sums: pd.DataFrame) -> pd.DataFrame:
    kinds = {figure.slug: "int64" if figure.unit is Unit.COUNT else "float64" for figure in SUMS}
    whole = sums[["by", *kinds]].astype(kinds)
    return whole.assign(**{share.slug: share.of_rows(whole) for share in SHARES})


def _rules(warehouse: Warehouse, run: Run) -> dict[str, Any]:
    """The version and the rules by which the run found its noise."""
    found = warehouse.rows(_SQL["rules_of_run"], {"run": run.number})
    version = found[0]["version"] if found else None
    return {"version": version, "items": [{name: row[name] for name in row if name != "version"} for row in found]}
