"""What the pages of managers and of products show: what each brings, and who stands out by more than chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.funnel_view import whisker
from api.page_periods import PagePeriod, address, exports_of
from attribution.answer import Answer
from attribution.measures import Unit
from attribution.opportunities import NONE
from attribution.performance import PERFORMANCE, PerformanceQuestion, performance_report
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.errors import InvalidInput

MOST_ROWS = 150
FEW = 10
RATES = ("cr_lead_sale", "cr_lead_qualified", "cr_qualified_visit", "cr_visit_sale")
_COUNTED_IN = {"cr_lead_sale": "leads", "cr_lead_qualified": "leads", "cr_qualified_visit": "qualified",
               "cr_visit_sale": "visits"}  # fmt: skip
_MEASURES = {measure.slug: measure for measure in PERFORMANCE}
_TITLES = {"manager": "Managers", "product": "Products"}
_ADDRESSES = {"manager": "/managers", "product": "/managers/products"}


@dataclass(frozen=True, slots=True)
class PerformancePage:
    """`subject` is manager or product; `rate` is the conversion whose interval is drawn. Raises `InvalidInput`."""

    period: PagePeriod
    subject: str
    rate: str = "cr_lead_sale"
    dealer: str = ""

    def __post_init__(self) -> None:
        if self.rate not in RATES:
            raise InvalidInput(
                f"There is no conversion {self.rate!r} here.", where="rate", help=f"Choose one of {', '.join(RATES)}."
            )

    @property
    def path(self) -> str:
        return _ADDRESSES[self.subject]

    @property
    def by(self) -> tuple[str, ...]:
        """Sales people of one name work at several dealers; a product is the same at all, unless one is asked for."""
        return ("manager", "dealer") if self.subject == "manager" else ("product", *(["dealer"] if self.dealer else []))

    @property
    def others(self) -> dict[str, str]:
        return {"rate": self.rate, "dealer": self.dealer}


def performance_view(services: Services, seen: Visibility, question: PerformancePage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    answer, dealers = _find(services, seen, question)
    rows = [row for row in answer.items() if question.dealer in ("", row.get("dealer"))]
    mean = _share(rows, question.rate) if question.dealer else answer.totals.get(question.rate)
    shown = rows[:MOST_ROWS]
    return {
        "question": question,
        "title": _TITLES[question.subject],
        "rows": [_judged(row, question.rate, mean, _top(shown, question.rate)) for row in shown],
        "more_rows": len(rows) - len(shown),
        "totals": answer.totals if not question.dealer else _sums(rows),
        "rate": _MEASURES[question.rate],
        "rates": [_MEASURES[slug] for slug in RATES],
        "dealers": dealers,
        "periods": question.period.links(question.path, question.others),
        "tabs": [(_TITLES[each], address(_ADDRESSES[each], question.period.parameters)) for each in _TITLES],
        "exports": exports_of("/api/reports/performance", {**question.period.days, "by": ",".join(question.by)}),
        "nobody": NONE,
        "until": answer.about["until"],
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": answer.run_read,
    }


def _find(services: Services, seen: Visibility, question: PerformancePage) -> tuple[Answer, Sequence[str]]:
    warehouse, settings = services.warehouse, services.settings
    run = newest_run(warehouse).number

    def asked(*by: str) -> Answer:
        told = PerformanceQuestion(question.period.period, by)
        key = ("performance", told, settings.unprocessed_hours, settings.late_minutes, seen)
        return services.per_run.answer(run, key, lambda: performance_report(warehouse, told, settings, seen=seen))

    answer = asked(*question.by)
    named = answer if "dealer" in answer.rows else asked("product", "dealer")
    return answer, sorted({str(name) for name in named.rows["dealer"]})


def _share(rows: Sequence[Mapping[str, Any]], rate: str) -> float | None:
    counted = sum(row[_COUNTED_IN[rate]] for row in rows)
    return sum((row[rate] or 0) * row[_COUNTED_IN[rate]] for row in rows) / counted if counted else None


def _sums(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of one dealer's rows: sums, and shares of sums."""
    sums = {
        measure.slug: sum(row[measure.slug] or 0 for row in rows)
        for measure in PERFORMANCE
        if measure.unit is Unit.COUNT or measure.unit is Unit.MONEY
    }
    return {**sums, **{rate: _share(rows, rate) for rate in RATES}, "response_median": None}


def _top(rows: Sequence[Mapping[str, Any]], rate: str) -> float:
    """Where the scale of intervals ends: those of few leads are longer, and are cut there."""
    ends = [row[f"{rate}_high"] for row in rows if row[_COUNTED_IN[rate]] >= FEW and row[f"{rate}_high"] is not None]
    return max(ends, default=1.0) or 1.0


def _judged(row: Mapping[str, Any], rate: str, mean: float | None, top: float) -> dict[str, Any]:
    value, low, high = row[rate], row[f"{rate}_low"], row[f"{rate}_high"]
    known = value is not None and mean is not None
    return {
        **row,
        "few": row[_COUNTED_IN[rate]] < FEW,
        "verdict": "above" if known and low > mean else "below" if known and high < mean else "",
        "whisker": whisker(value, low, high, mean or 0.0, top) if known else None,
    }
