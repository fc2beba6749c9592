"""What the page of cohorts shows: a triangle by the month in which persons began, and what each channel's are worth."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.page_periods import PagePeriod, exports_of
from api.shading import ShadedRow, shaded, short_money
from attribution.answer import Answer
from attribution.cohorts import AGE, CELLS, HORIZONS, CohortQuestion, Start, cohort_report
from attribution.measures import Measure, Unit
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.errors import InvalidInput

SHOWN = ("margin_per_person", "revenue_per_person", "retention", "sales", "service_visits", "margin")
GROUPINGS = ("first_channel", "first_source", "first_campaign", "contractor", "dealer", "brand")
MOST_MONTHS, MOST_ROWS = 24, 200
_CELLS = {measure.slug: measure for measure in CELLS}


@dataclass(frozen=True, slots=True)
class CohortsPage:
    """Raises `InvalidInput`."""

    period: PagePeriod
    start: Start = Start.TOUCH
    shown: str = "margin_per_person"
    by: str = "first_channel"

    def __post_init__(self) -> None:
        for name, value, known in (("shown", self.shown, SHOWN), ("by", self.by, GROUPINGS)):
            if value not in known:
                told = f"Choose one of {', '.join(known)}."
                raise InvalidInput(f"Cohorts are not shown by {value!r}.", where=name, help=told)

    @property
    def others(self) -> dict[str, str]:
        return {"start": self.start.value, "shown": self.shown, "by": self.by}


def cohorts_view(services: Services, seen: Visibility, question: CohortsPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    triangle, worth = _find(services, seen, question)
    measure = _CELLS[question.shown]
    rows = _triangle(triangle, measure)
    horizons = [months for months in HORIZONS if worth.rows[f"observed_{months}"].astype(float).max() > 0]
    asked = {**question.period.days, "start": question.start.value}
    return {
        "question": question,
        "starts": list(Start),
        "shown": [_CELLS[slug] for slug in SHOWN],
        "groupings": GROUPINGS,
        "chosen": measure,
        "periods": question.period.links("/journeys/cohorts", question.others),
        "is_empty": not rows,
        "months": range(max((len(row.cells) for row in rows), default=0)),
        "triangle": rows,
        "horizons": horizons or [HORIZONS[0]],
        "worth": _worth(worth, horizons),
        "more_rows": max(0, len(worth.rows) - MOST_ROWS),
        "totals": worth.totals,
        "cell_exports": exports_of("/api/reports/cohorts", {**asked, "by": f"month,{AGE}"}),
        "worth_exports": exports_of("/api/reports/cohorts", {**asked, "by": question.by}),
        "until": worth.about["until"],
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": worth.run_read,
    }


def _find(services: Services, seen: Visibility, question: CohortsPage) -> tuple[Answer, Answer]:
    warehouse, settings = services.warehouse, services.settings
    run = newest_run(warehouse).number
    triangle = CohortQuestion(("month", AGE), question.period.period, question.start)
    worth = replace(triangle, by=(question.by,))

    def asked(told: CohortQuestion) -> Answer:
        return services.per_run.answer(
            run, ("cohorts", told, seen), lambda: cohort_report(warehouse, told, settings, seen=seen)
        )

    return asked(triangle), asked(worth)


def _triangle(answer: Answer, measure: Measure) -> list[ShadedRow]:
    """A row a month; of a figure per person, cells of months that are over for nobody are empty."""
    found: dict[str, dict[int, Any]] = {}
    persons: dict[str, float] = {}
    for row in answer.items():
        found.setdefault(row["month"], {})[int(row[AGE])] = row[measure.slug]
        persons[row["month"]] = row["persons"]
    months = sorted(found)
    width = min(MOST_MONTHS, max((len(cells) for cells in found.values()), default=0))
    return shaded(
        [[found[month].get(age) for age in range(width)] for month in months],
        [(dated(date.fromisoformat(month), "MMM y"), written_in(Unit.COUNT, persons[month])) for month in months],
        lambda value: _short(measure.unit, value),
        lambda place, age, value: (
            _("%(month)s, month %(number)s: %(value)s")
            % {
                "month": dated(date.fromisoformat(months[place]), "MMM y"),
                "number": age + 1,
                "value": written_in(measure.unit, value),
            }
        ),
    )


def _short(unit: Unit, value: float) -> str:
    if not value:
        return "0"
    if unit is Unit.SHARE:
        return f"{value * 100:.1f}%"
    return short_money(value) if unit is Unit.MONEY else written_in(unit, value)


def _worth(answer: Answer, horizons: list[int]) -> list[dict[str, Any]]:
    """The groups with the most persons first, each with its LTV and how long its bar is."""
    rows = answer.items(MOST_ROWS)
    longest = f"ltv_{horizons[-1]}" if horizons else "ltv_3"
    greatest = max((row[longest] or 0 for row in rows), default=0) or 1
    for row in rows:
        row["name"] = row[answer.names[0]]
        row["width"] = round(100 * max(0.0, row[longest] or 0) / greatest, 2)
        row["few"] = row["persons"] < 30
        row["ltvs"] = [(row[f"ltv_{months}"], row[f"observed_{months}"]) for months in horizons]
        last = next((ltv for ltv, _ in reversed(row["ltvs"]) if ltv is not None), None)
        row["pays"] = last >= row["cac"] if last is not None and row["cac"] is not None else None
    return rows
