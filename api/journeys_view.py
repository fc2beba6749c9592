"""What the page of journeys shows: paths, their length and time, and which channels open, help and close."""

from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.numbers import written_in
from api.page_periods import PagePeriod, exports_of
from attribution.answer import Answer
from attribution.measures import Unit
from attribution.paths import (
    NO_TOUCH,
    PATH_KINDS,
    PathQuestion,
    Step,
    assisted_report,
    path_length_report,
    path_report,
    time_to_conversion_report,
)
from attribution.runs import newest_run
from attribution.visibility import Visibility

SHOWN_PATHS = (20, 50, 200)


@dataclass(frozen=True, slots=True)
class JourneysPage:
    """Raises `InvalidInput`."""

    period: PagePeriod
    kind: str = "sale"
    of: Step = Step.CHANNEL
    folded: bool = True
    limit: int = SHOWN_PATHS[0]

    def __post_init__(self) -> None:
        _ = self.asked

    @property
    def asked(self) -> PathQuestion:
        return PathQuestion(self.period.period, self.kind, self.of, self.folded, self.limit)

    @property
    def others(self) -> dict[str, str]:
        folded = "true" if self.folded else "false"
        return {"kind": self.kind, "of": self.of.value, "folded": folded, "limit": str(self.limit)}


def journeys_view(services: Services, seen: Visibility, question: JourneysPage) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    paths, lengths, times, assisted = _find(services, seen, question)
    asked = {**question.period.days, **question.others}
    step = {**question.period.days, "kind": question.kind, "of": question.of.value}
    span = {**question.period.days, "kind": question.kind}
    return {
        "question": question,
        "kinds": PATH_KINDS,
        "steps": list(Step),
        "limits": SHOWN_PATHS,
        "periods": question.period.links("/journeys", question.others),
        "is_empty": not paths.totals.get("conversions"),
        "totals": paths.totals,
        "paths": _with_widths(paths, "conversions", [_steps(row["path"]) for row in paths.items()]),
        "paths_in_all": paths.groups or 0,
        "lengths": _with_widths(lengths, "conversions"),
        "times": _with_widths(times, "conversions"),
        "days_median": times.about["days_median"],
        "days_p90": times.about["days_p90"],
        "several": _share_of_several(lengths),
        "untouched": next((row["share"] for row in lengths.items() if row["touches"] == NO_TOUCH), 0.0),
        "assisted": _assisted(assisted),
        "assisted_totals": assisted.totals,
        "path_exports": exports_of("/api/reports/paths", {**asked, "limit": "1000"}),
        "length_exports": exports_of("/api/reports/path-lengths", span),
        "time_exports": exports_of("/api/reports/time-to-conversion", span),
        "assisted_exports": exports_of("/api/reports/assisted", step),
        "lookback": services.settings.lookback_days,
        "currency": services.settings.currency,
        "zone": services.settings.zone,
        "run": paths.run_read,
    }


def _find(services: Services, seen: Visibility, question: JourneysPage) -> tuple[Answer, Answer, Answer, Answer]:
    warehouse, asked = services.warehouse, question.asked
    run = newest_run(warehouse).number
    found: tuple[Answer, Answer, Answer, Answer] = services.per_run.answer(
        run,
        ("paths", asked, seen),
        lambda: (
            path_report(warehouse, asked, seen=seen),
            path_length_report(warehouse, asked, seen=seen),
            time_to_conversion_report(warehouse, asked, seen=seen),
            assisted_report(warehouse, asked, seen=seen),
        ),
    )
    return found


def _steps(path: str) -> list[str]:
    return path.split(" → ")


def _with_widths(answer: Answer, slug: str, steps: list[list[str]] | None = None) -> list[dict[str, Any]]:
    """Rows with the width of their bar, from 0 to 100; without those at the end that hold nothing."""
    rows = answer.items()
    greatest = max((row[slug] for row in rows), default=0) or 1
    for place, row in enumerate(rows):
        row["width"] = round(100 * row[slug] / greatest, 2)
        if steps:
            row["steps"] = steps[place]
    while rows and not rows[-1][slug]:
        rows.pop()
    return rows


def _share_of_several(lengths: Answer) -> str:
    """Of the conversions with a touch, the share that had more than one."""
    rows = [row for row in lengths.items() if row["touches"] != NO_TOUCH]
    touched = sum(row["conversions"] for row in rows)
    several = sum(row["conversions"] for row in rows if row["touches"] != "1")
    return written_in(Unit.SHARE, several / touched if touched else None)


def _assisted(answer: Answer) -> list[dict[str, Any]]:
    """With the two parts of each bar: what the channel closed, and what it helped with."""
    rows = answer.items()
    greatest = max((row["on_path"] for row in rows), default=0) or 1
    for row in rows:
        row["name"] = row[answer.names[0]]
        row["closed_width"] = round(100 * row["closed"] / greatest, 2)
        row["assisted_width"] = round(100 * row["assisted"] / greatest, 2)
    return rows
