"""Dealers beside each other: each figure as it is, and as it would be with the holding's mix, with intervals of both.

Conversion rates follow the leads of the period to the stages they reached, and are adjusted for brand, product,
channel, kind of request and month. Figures of cost take what dealers were allocated in channels that cost, adjusted for
channel and brand. What a dealer's own figures say little of is drawn towards the holding (`attribution.like_for_like`).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from attribution.answer import Answer, Period
from attribution.credit import credit_by
from attribution.intervals import rate_interval, share_interval, sum_interval
from attribution.like_for_like import RATES, SHARES, Compared, compare
from attribution.measures import MEASURES, Measure, Unit
from attribution.models import Model
from attribution.reports import NONE, Question, romi_report
from attribution.runs import newest_run
from attribution.sharing import DealerShare
from attribution.visibility import EVERYTHING, Visibility
from infra.errors import InvalidInput
from infra.sql import Statements
from infra.warehouse import Warehouse

_SQL = Statements("attribution", "comparisons")

CONVERSION_RATES = {
    "cr_lead_qualified": ("qualified", "leads"),
    "cr_qualified_visit": ("visits", "qualified"),
    "cr_visit_sale": ("sales", "visits"),
    "cr_lead_sale": ("sales", "leads"),
}
COSTS_PER = {"cpl": "leads", "cpql": "qualified", "cpv": "visits", "cps": "sales"}
COMPARABLE = (*CONVERSION_RATES, *COSTS_PER, "romi")
PEERS_APART = ", "
NOTABLE = 0.05  # the false discovery rate at which a difference is told
_MIX_OF_LEADS = ("brand", "product", "channel", "kind", "month")
_MIX_OF_COST = ("channel", "brand")
_BY_SLUG = {measure.slug: measure for measure in MEASURES}


class Peers(StrEnum):
    """With whom a dealer is compared."""

    HOLDING = "holding"
    BRAND = "brand"
    CITY = "city"
    BRAND_AND_CITY = "brand_and_city"

    @property
    def places(self) -> tuple[str, ...]:
        """The columns in which a dealer and its peers are alike."""
        return () if self is Peers.HOLDING else tuple(self.value.split("_and_"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Raises `InvalidInput` where a measure cannot be compared."""

    period: Period
    measures: tuple[str, ...] = ("cr_lead_sale", "cps", "romi")
    peers: Peers = Peers.HOLDING
    model: Model = Model.LAST_NON_DIRECT
    share: DealerShare = DealerShare.LEADS

    def __post_init__(self) -> None:
        unknown = [slug for slug in self.measures if slug not in COMPARABLE]
        if unknown or not self.measures:
            raise InvalidInput(
                f"Dealers are not compared by {unknown[0]!r}." if unknown else "No measure is named.",
                where="measures",
                help=f"Name one or several of {', '.join(COMPARABLE)}, with commas between.",
            )

    def as_dict(self) -> dict[str, Any]:
        return {
            "measures": list(self.measures),
            "peers": self.peers,
            "model": self.model,
            "share": self.share,
            "from": self.period.first_day.isoformat(),
            "to": self.period.last_day.isoformat(),
        }


def dealer_comparison(
    warehouse: Warehouse, question: Comparison, timezone: str, *, seen: Visibility = EVERYTHING
) -> Answer:
    """A row a dealer, the best first by the first measure.

    Whoever sees some dealers only is shown these, like for like with all, and `totals` of these; `holding` of `about`
    has the ratios of all. What stands on a single hidden dealer is left out. Raises `NotReady` where nothing was
    attributed yet, and `NotPermitted`.
    """
    seen.check_sees_all_contractors("The comparison of dealers", "The ROMI report has the figures of your campaigns.")
    found = _Found.ask(warehouse, question, timezone)
    rows = found.dealers.join(found.sums).join(found.reached).fillna(dict.fromkeys(_COUNTS, 0))
    for slug in question.measures:
        rows = rows.join(_without_single(_compared(found, slug, question.peers), slug, found, question.peers, seen))
    shown = found.of(seen)
    rows = rows[rows.index.isin(shown.dealers.index)]
    figures = (*_COUNTED, *(figure for slug in question.measures for figure in _figures(_BY_SLUG[slug])))
    names = ("dealer", "brand", "city", *(f"{slug}_flag" for slug in question.measures))
    rows[list(names[1:])] = rows[list(names[1:])].fillna("")
    rows = rows.reset_index().sort_values([f"{question.measures[0]}_rank", "dealer"], na_position="last")
    rows = rows[[*names, *(figure.slug for figure in figures)]].reset_index(drop=True)
    about = {
        **_holding(found, question.measures, seen),
        "adjusted_for": {slug: list(_mix(slug)) for slug in question.measures},
        "false_discovery_rate": NOTABLE,
    }
    totals = shown.totals(question.measures)
    return Answer("dealers", newest_run(warehouse), names, figures, rows, question.as_dict(), totals, about)


_COUNTED = (
    _BY_SLUG["cost"], _BY_SLUG["leads"], _BY_SLUG["qualified"], _BY_SLUG["visits"], _BY_SLUG["sales"],
    _BY_SLUG["margin"],
    Measure("cohort_leads", "Leads of the period", Unit.COUNT),
    Measure("cohort_qualified", "of these qualified", Unit.COUNT),
    Measure("cohort_visits", "of these visited", Unit.COUNT),
    Measure("cohort_sales", "of these bought", Unit.COUNT),
)  # fmt: skip
_COUNTS = tuple(figure.slug for figure in _COUNTED)
_COHORT = {"leads": "cohort_leads", "qualified": "cohort_qualified", "visits": "cohort_visits", "sales": "cohort_sales"}


def _figures(measure: Measure) -> tuple[Measure, ...]:
    slug, title, unit = measure.slug, measure.title, measure.unit
    return (
        measure,
        Measure(f"{slug}_low", f"{title}, from", unit),
        Measure(f"{slug}_high", f"{title}, to", unit),
        Measure(f"{slug}_adjusted", f"{title}, like for like", unit),
        Measure(f"{slug}_adjusted_low", f"{title}, like for like, from", unit),
        Measure(f"{slug}_adjusted_high", f"{title}, like for like, to", unit),
        Measure(f"{slug}_peers", f"{title} of its peers", unit),
        Measure(f"{slug}_q", f"{title}: rate of false discovery", Unit.SHARE),
        Measure(f"{slug}_rank", f"{title}: rank", Unit.COUNT),
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """`dealers`, `sums` of the ROMI report, and stages `reached` by the leads are by dealer; cells by their mix."""

    dealers: pd.DataFrame
    sums: pd.DataFrame
    reached: pd.DataFrame
    lead_cells: pd.DataFrame
    cost_cells: pd.DataFrame
    squares: pd.Series

    @classmethod
    def ask(cls, warehouse: Warehouse, question: Comparison, timezone: str) -> "_Found":
        first, last = question.period.first_day, question.period.last_day
        asked = Question(("dealer", "channel"), first, last, question.model, share=question.share)
        report = romi_report(warehouse, asked, timezone)
        parameters = {
            "run": report.run_read.number, "timezone": timezone, "from": first, "to": last, "by": "dealer",
            "then_by": "everything", **credit_by(warehouse, report.run_read.number, question.model),
            **EVERYTHING.parameters,
        }  # fmt: skip
        dealers = warehouse.frame(_SQL["dealers_known"], parameters)
        dealers = dealers.reindex(columns=["dealer", "brand", "city"]).set_index("dealer")
        costs = report.rows[report.rows["dealer"].isin(dealers.index)].rename(columns={"dealer": "group"})
        costs = costs.assign(brand=costs["group"].map(dealers["brand"]))
        leads = warehouse.frame(_SQL["lead_cells"], parameters)
        leads = leads.reindex(columns=["dealer", *_MIX_OF_LEADS, *_COHORT]).rename(columns={"dealer": "group"})
        squares = warehouse.frame(_SQL["margin_squares"], parameters).reindex(columns=["by", "squares"])
        return cls(
            dealers,
            costs.groupby("group")[["cost", *COSTS_PER.values(), "margin"]].sum(),
            leads.groupby("group")[list(_COHORT)].sum().rename(columns=_COHORT),
            leads,
            costs,
            squares.set_index("by")["squares"].astype(float),
        )

    def of(self, seen: Visibility) -> "_Found":
        """Of the dealers that are seen alone."""
        if seen.dealers is None:
            return self
        names = sorted(seen.dealers)
        return _Found(
            self.dealers[self.dealers.index.isin(names)],
            self.sums[self.sums.index.isin(names)],
            self.reached[self.reached.index.isin(names)],
            self.lead_cells[self.lead_cells["group"].isin(names)],
            self.cost_cells[self.cost_cells["group"].isin(names)],
            self.squares[self.squares.index.isin(names)],
        )

    def totals(self, measures: tuple[str, ...]) -> dict[str, Any]:
        """Of all dealers together."""
        sums = pd.concat([self.sums.sum(), self.reached.sum()]).to_frame().T
        values = {slug: float(sums[slug].iloc[0]) for slug in _COUNTS}
        for slug in measures:
            of, over = self.parts(slug)
            value = _ratio(sums[over], sums[of]) if slug in COSTS_PER else _ratio(sums[of], sums[over])
            values[slug] = float(value.iloc[0]) - (slug == "romi")
        return {slug: None if np.isnan(value) else value for slug, value in values.items()}

    def parts(self, slug: str) -> tuple[str, str]:
        """The columns of what happened and of what it is counted by: leads of a stage, or cost."""
        if slug in CONVERSION_RATES:
            of, over = CONVERSION_RATES[slug]
            return _COHORT[of], _COHORT[over]
        return COSTS_PER.get(slug, "margin"), "cost"


def _holding(found: _Found, measures: tuple[str, ...], seen: Visibility) -> dict[str, Any]:
    """The ratios of all dealers together, for whoever sees some of them; nothing where one alone is hidden."""
    hidden = [dealer for dealer in found.dealers.index if not seen.sees_dealer(dealer)]
    if seen.dealers is None or len(hidden) == 1:
        return {}
    whole = found.totals(measures)
    return {"holding": {slug: whole[slug] for slug in measures}}


def _without_single(columns: pd.DataFrame, slug: str, found: _Found, peers: Peers, seen: Visibility) -> pd.DataFrame:
    """Without what is said of peers among whom one alone is hidden: it would be told by it."""
    if seen.dealers is None:
        return columns
    names = _names_of_peers(found.dealers, peers)
    hidden = (~names.index.isin(sorted(seen.dealers))).astype(int)
    alone = pd.Series(hidden, index=names.index).groupby(names).transform("sum").reindex(columns.index) == 1
    kept = {name: columns[name].mask(alone) for name in (f"{slug}_peers", f"{slug}_q")}
    return columns.assign(**kept, **{f"{slug}_flag": columns[f"{slug}_flag"].mask(alone, "")})


def _mix(slug: str) -> tuple[str, ...]:
    return _MIX_OF_LEADS if slug in CONVERSION_RATES else _MIX_OF_COST


def _compared(found: _Found, slug: str, peers: Peers) -> pd.DataFrame:
    """The measure's columns, by dealer."""
    raw, low, high = _raw(found, slug)
    columns = pd.DataFrame({slug: raw, f"{slug}_low": low, f"{slug}_high": high})
    model = _model(found, slug)
    if model is None:
        missing = ("adjusted", "adjusted_low", "adjusted_high", "peers", "q", "rank")
        return columns.assign(**{f"{slug}_{name}": np.nan for name in missing}, **{f"{slug}_flag": ""})
    adjusted = _adjusted(found, slug, model)
    names = _names_of_peers(found.dealers, peers).reindex(adjusted.index)
    against = model.against(names.tolist())
    cheaper_is_better = slug in COSTS_PER
    told = against["q"] <= NOTABLE
    better = told & (against["difference"] > 0)
    flags = pd.Series(np.select([better, told], ["better", "worse"], ""), index=adjusted.index)
    added = {
        f"{slug}_adjusted": adjusted["mean"],
        f"{slug}_adjusted_low": adjusted["low"],
        f"{slug}_adjusted_high": adjusted["high"],
        f"{slug}_peers": adjusted["mean"].groupby(names).transform("mean"),
        f"{slug}_q": against["q"],
        f"{slug}_rank": adjusted["mean"].rank(ascending=cheaper_is_better, method="min"),
        f"{slug}_flag": flags,
    }
    return columns.join(pd.DataFrame(added))


def _raw(found: _Found, slug: str) -> tuple[Any, Any, Any]:
    """The measure as it is and its interval, by dealer."""
    of, over = found.parts(slug)
    table = found.reached if slug in CONVERSION_RATES else found.sums
    happened, out_of = table[of].astype(float), table[over].astype(float)
    if slug in CONVERSION_RATES:
        return _ratio(happened, out_of), *share_interval(happened, out_of)
    if slug in COSTS_PER:
        low, high = rate_interval(happened, out_of)
        return _ratio(out_of, happened), _ratio(1.0, high), _ratio(1.0, low)
    squares = found.squares.reindex(table.index).fillna(0)
    low, high = sum_interval(happened, squares)
    return _ratio(happened, out_of) - 1, _ratio(low, out_of) - 1, _ratio(high, out_of) - 1


def _model(found: _Found, slug: str) -> Compared | None:
    if slug in CONVERSION_RATES:
        of, over = CONVERSION_RATES[slug]
        return compare(found.lead_cells, _mix(slug), of, over, SHARES)
    of, over = found.parts(slug)
    dispersion = None
    if slug == "romi" and found.sums[of].sum() > 0:
        dispersion = float(found.squares.reindex(found.sums.index).sum() / found.sums[of].sum())
    return compare(found.cost_cells, _mix(slug), of, over, RATES, dispersion)


def _adjusted(found: _Found, slug: str, model: Compared) -> pd.DataFrame:
    """In the measure's own unit. Figures of cost scale the holding's by how much more or less its mix would bring."""
    share = model.standardised()
    if slug in CONVERSION_RATES:
        return share
    of, over = found.parts(slug)
    costing = found.cost_cells[found.cost_cells["cost"] > 0]
    times = share / (costing[of].sum() / costing[over].sum())
    holding = float(found.sums[of].sum() / found.sums[over].sum())
    if slug == "romi":
        return times * holding - 1
    flipped = 1 / (times * holding)
    return flipped.rename(columns={"low": "high", "high": "low"})


def _names_of_peers(dealers: pd.DataFrame, peers: Peers) -> pd.Series:
    names = pd.Series("", index=dealers.index)
    for place in peers.places:
        names = names.str.cat(dealers[place].replace("", NONE), PEERS_APART if place != peers.places[0] else "")
    return names


def _ratio(above: Any, below: Any) -> Any:
    """Missing where there is nothing below."""
    return above / np.where(below != 0, below, np.nan)
