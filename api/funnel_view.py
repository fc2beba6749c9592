"""What the page of the funnel shows: its stages drawn, groups side by side, and what lies open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.numbers import written_in
from api.page_periods import PagePeriod, address, exports_of
from attribution.answer import Answer
from attribution.funnel import VISITOR, funnel_report
from attribution.intervals import share_interval
from attribution.measures import Unit
from attribution.models import Model
from attribution.open_deals import OpenDealsQuestion, open_deals_report
from attribution.opportunities import GROUPINGS, STAGES, OpportunityQuestion, check_groupings
from attribution.runs import newest_run
from attribution.visibility import Visibility

MOST_GROUPS = 200
WIDTH, HEIGHT = 100, 10
NEXT = {"visitor": "lead", "lead": "qualified", "qualified": "visit", "appointment": "visit", "visit": "contract",
        "test_drive": "contract", "contract": "sale"}  # fmt: skip
ON_THE_WAY = ("lead", "qualified", "visit", "contract", "sale")
"""The stages that whoever reached a later one has reached, too."""

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FunnelPage:
    """`by` is a grouping of opportunities, or empty. Raises `InvalidInput`."""

    period: PagePeriod
    by: str = ""
    model: Model = Model.LAST_NON_DIRECT

    def __post_init__(self) -> None:
        check_groupings((self.by,) if self.by else (), GROUPINGS)

    @property
    def others(self) -> dict[str, str]:
        return {"by": self.by, "model": self.model.value}


@dataclass(frozen=True, slots=True)
class Stage:
    """`shape` are the corners of its part of the drawing; `went_on` and the times are of the step to the next."""

    name: str
    reached: str
    from_lead: str
    shape: str
    went_on: str
    median: str
    late: str
    is_aside: bool
    is_worst: bool


def funnel_view(services: Services, seen: Visibility, question: FunnelPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    whole, groups, waiting = _find(services, seen, question)
    rows = whole.items()
    by = {row["stage"]: row for row in rows}
    asked = {**question.period.days, **question.others}
    return {
        "question": question,
        "groupings": GROUPINGS,
        "models": list(Model),
        "periods": question.period.links("/funnel", question.others),
        "stages": _stages(by),
        "rows": rows,
        "is_empty": not any(row["reached"] for row in rows),
        "sold": _sold(by),
        "groups": _groups(groups, question.by) if groups else [],
        "more_groups": max(0, len(groups.rows) // (len(STAGES) + 1) - MOST_GROUPS) if groups else 0,
        "waiting": waiting.items(),
        "waiting_totals": waiting.totals,
        "exports": exports_of("/api/reports/funnel", asked),
        "open_exports": exports_of("/api/reports/open-deals", {"by": "stage"}),
        "until": whole.about["until"],
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": whole.run_read,
    }


def _find(services: Services, seen: Visibility, question: FunnelPage) -> tuple[Answer, Answer | None, Answer]:
    warehouse, settings = services.warehouse, services.settings
    run = newest_run(warehouse).number

    def asked(by: tuple[str, ...]) -> Answer:
        told = OpportunityQuestion(by, question.period.period, question.model)
        return services.per_run.answer(
            run, ("funnel", told, seen), lambda: funnel_report(warehouse, told, settings, seen=seen)
        )

    waiting = services.per_run.answer(
        run,
        ("open deals", seen),
        lambda: open_deals_report(warehouse, OpenDealsQuestion(("stage",)), settings, seen=seen),
    )
    return asked(()), asked((question.by,)) if question.by else None, waiting


def _stages(by: Mapping[str, _Row]) -> list[Stage]:
    """Without those that nobody reached and one may leave out; visitors are drawn by themselves, wider than all."""
    names = [name for name in (VISITOR, *STAGES) if name in by and (name in ON_THE_WAY or by[name]["reached"])]
    leads = by["lead"]["reached"] if "lead" in by else 0
    shares = {name: min(1.0, by[name]["reached"] / leads) if leads else 0.0 for name in names}
    steps = {name: by[name]["to_next"] for name in ON_THE_WAY[:-1] if name in by and by[name]["to_next"] is not None}
    worst = min(steps, key=lambda name: steps[name]) if steps else ""
    return [_stage(name, by, shares, is_worst=name == worst) for name in names]


def _stage(name: str, by: Mapping[str, _Row], shares: Mapping[str, float], *, is_worst: bool) -> Stage:
    row, following = by[name], by.get(NEXT.get(name, ""), {})
    is_aside = name not in (*ON_THE_WAY, VISITOR)
    upper = shares[name]
    lower = upper if is_aside or name == "sale" else shares.get(NEXT[name], upper)
    own = row if is_aside else following
    return Stage(
        name,
        written_in(Unit.COUNT, row["reached"]),
        written_in(Unit.SHARE, row["from_lead"]) if name not in (VISITOR, "lead") else "",
        _shape(upper, lower),
        written_in(Unit.SHARE, row["to_next"]) if name in NEXT else "",
        written_in(Unit.DAYS, own.get("lag_median")) if name != VISITOR and own else "",
        written_in(Unit.DAYS, own.get("lag_p90")) if name != VISITOR and own else "",
        is_aside,
        is_worst,
    )


def _shape(upper: float, lower: float) -> str:
    """As wide above as those who reached it, and below as those who went on."""
    top, bottom = max(upper, 0.006) * WIDTH / 2, max(lower, 0.006) * WIDTH / 2
    middle = WIDTH / 2
    corners = ((middle - top, 0), (middle + top, 0), (middle + bottom, HEIGHT), (middle - bottom, HEIGHT))
    return " ".join(f"{x:.2f},{y}" for x, y in corners)


def _sold(by: Mapping[str, _Row]) -> dict[str, str]:
    """Of the leads the share that bought so far, with its interval, and how much of what will come has come."""
    leads, sales = (by[name]["reached"] if name in by else 0 for name in ("lead", "sale"))
    low, high = share_interval(sales, leads)
    return {
        "share": written_in(Unit.SHARE, sales / leads if leads else None),
        "interval": f"{written_in(Unit.SHARE, float(low))} … {written_in(Unit.SHARE, float(high))}",
        "seen": written_in(Unit.SHARE, by["sale"]["seen"]) if "sale" in by else "—",
    }


def _groups(answer: Answer, by: str) -> list[dict[str, Any]]:
    """A row a group: its stages, what share of them goes on, and its conversion from lead to sale with the interval."""
    told: dict[str, dict[str, _Row]] = {}
    for row in answer.items():
        told.setdefault(row[by], {})[row["stage"]] = row
    known = [(name, stages) for name, stages in told.items() if any(row["reached"] for row in stages.values())]
    leads = sum(_reached(stages, "lead") for _, stages in known)
    mean = sum(_reached(stages, "sale") for _, stages in known) / leads if leads else 0.0
    top = max((_bounds(stages)[1] for _, stages in known if _reached(stages, "lead") >= 10), default=0.0) or 1.0
    return [_group(name, stages, by, mean, top) for name, stages in known[:MOST_GROUPS]]


def _group(name: str, stages: Mapping[str, _Row], by: str, mean: float, top: float) -> dict[str, Any]:
    leads, sales = _reached(stages, "lead"), _reached(stages, "sale")
    low, high = _bounds(stages)
    share = sales / leads if leads else None
    return {
        "name": name,
        "address": address("/funnel/lost", {"by": by}),
        "stages": [stages.get(each) for each in ON_THE_WAY],
        "share": share,
        "low": low,
        "high": high,
        "few": leads < 10,
        "verdict": "" if not leads else "above" if low > mean else "below" if high < mean else "",
        "whisker": whisker(share, low, high, mean, top) if leads else None,
    }


def _reached(stages: Mapping[str, _Row], name: str) -> float:
    return float(stages[name]["reached"]) if name in stages else 0.0


def _bounds(stages: Mapping[str, _Row]) -> tuple[float, float]:
    leads = _reached(stages, "lead")
    if not leads:
        return 0.0, 0.0
    low, high = share_interval(_reached(stages, "sale"), leads)
    return float(low), float(high)


def whisker(value: float | None, low: float, high: float, mean: float, top: float) -> dict[str, float] | None:
    """Places from 0 to 100 on a scale that ends at `top`; an interval that goes on beyond it ends there."""
    if value is None:
        return None
    scale = 100 / top
    places = {"value": value, "low": low, "high": high, "mean": mean}
    return {name: round(min(100.0, place * scale), 2) for name, place in places.items()}
