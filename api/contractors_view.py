"""What the page of contractors shows: who earns what they cost, what they take, what they claim, month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.contractors_questions import ContractorsQuestion
from api.dealers_view import MEASURE_OF, Row, footing, interval
from api.exports import ExportFormat
from api.language import gettext as _
from api.numbers import written_in
from api.periods import LongPeriod, in_words
from api.trend import SPARK_HEIGHT, SPARK_WIDTH, Points, draw_spark
from api.whiskers import Triple, Whisker, place, scale_for, whisker
from attribution.answer import Answer
from attribution.contractor_register import contractors_seen, fee_in_words
from attribution.contractors import NOBODYS, POOLED, ContractorQuestion, contractor_report
from attribution.meanings import MEANINGS
from attribution.measures import Unit
from attribution.models import Model
from attribution.reference import newest_reference
from attribution.reference_document import Contractor
from attribution.runs import newest_run
from attribution.standings import FEW
from attribution.visibility import Visibility

CHEAPER_IS_BETTER = ("cpl", "cps")
EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)
_COUNTED = {"cpl": "leads", "cps": "sales", "romi": "sales", "cr_lead_sale": "cohort_sales"}


@dataclass(frozen=True, slots=True)
class Ranked:
    """A contractor in the ranking: `pooled` is drawn towards the others, `raw` as it is; both with their interval."""

    place: int
    name: str
    address: str
    pooled: str
    pooled_interval: str
    raw: str
    raw_interval: str
    pooled_whisker: Whisker | None
    raw_whisker: Whisker | None
    counted: str
    is_few: bool
    loses: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed beside what was measured on the days claimed; places are in percent of one scale for all."""

    name: str
    address: str
    days: str
    claimed: str
    measured: str
    difference: str
    is_short: bool
    claimed_at: float | None
    measured_at: float | None


def reported(services: Services, seen: Visibility, question: ContractorQuestion) -> Answer:
    """The same answer for all who ask, until there is a newer run or register. Raises `NotReady`."""
    warehouse, engine, timezone = services.warehouse, services.database, services.settings.timezone
    return services.per_run.answer(
        newest_run(warehouse).number,
        ("contractors", question, newest_reference(engine), seen),
        lambda: contractor_report(warehouse, engine, question, timezone, seen=seen),
    )


def contractors_view(services: Services, seen: Visibility, question: ContractorsQuestion) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    answer = reported(services, seen, question.report)
    rows = known_rows(answer)
    together = answer.about["contractors"]
    owners, currency = contractors_seen(services.database, seen), services.settings.currency
    ranked = MEASURE_OF[question.ranked]
    return {
        "question": question,
        "report": question.report,
        "period": in_words(question.report.period),
        "ranked": ranked,
        "rankable": [MEASURE_OF[slug] for slug in POOLED],
        "ranking": _ranking(rows, together, question),
        "costs": [_cost(row, rows, question) for row in rows],
        "cost_totals": _cost_totals(rows),
        "claims": [_claims(rows, owners, question, slug) for slug in ("budget", "romi")],
        "sees_claims": seen.dealers is None,
        "months": _months(known_rows(reported(services, seen, question.months())), question),
        "register": [_registered(owner, question, currency) for owner in owners],
        "meanings": MEANINGS,
        "few": FEW,
        "models": list(Model),
        "spark_width": SPARK_WIDTH,
        "spark_height": SPARK_HEIGHT,
        "periods": [(each.label, question.address(named=each), question.named is each) for each in LongPeriod],
        "exports": [(form.value, question.export(form.value)) for form in EXPORTED],
        "month_exports": [(form.value, question.export(form.value, by="contractor,month")) for form in EXPORTED],
        "register_exports": [
            (form.value, f"/api/reports/contractor-register?format={form.value}") for form in EXPORTED
        ],
        **footing(services, answer),
    }


def known_rows(answer: Answer) -> list[Row]:
    """Without what is nobody's."""
    return [row for row in answer.items() if row["contractor"] not in NOBODYS]


def shown_name(row: Row) -> str:
    name: str = row["name"] or row["contractor"]
    return name


def pooled(row: Row, slug: str) -> Triple:
    return row[f"{slug}_pooled"], row[f"{slug}_pooled_low"], row[f"{slug}_pooled_high"]


def raw(row: Row, slug: str) -> Triple:
    return row[slug], row[f"{slug}_low"], row[f"{slug}_high"]


def is_few(row: Row, slug: str) -> bool:
    return float(row[_COUNTED[slug]]) < FEW


def in_ranks(rows: Sequence[Row], slug: str) -> list[Row]:
    """The best first by the pooled figure; those without one last."""
    sign = 1 if slug in CHEAPER_IS_BETTER else -1
    return sorted(
        rows, key=lambda row: (pooled(row, slug)[0] is None, sign * (pooled(row, slug)[0] or 0), row["contractor"])
    )


def _ranking(
    rows: Sequence[Row], together: Mapping[str, float | None], question: ContractorsQuestion
) -> dict[str, Any]:
    slug = question.ranked
    scale = scale_for([pooled(row, slug) for row in rows])
    unit = MEASURE_OF[slug].unit
    return {
        "rows": [
            Ranked(
                place_of,
                shown_name(row),
                question.contractor_address(row["contractor"]),
                written_in(unit, row[f"{slug}_pooled"]),
                interval(unit, *pooled(row, slug)[1:]),
                written_in(unit, row[slug]),
                interval(unit, *raw(row, slug)[1:]),
                whisker(scale, pooled(row, slug)),
                whisker(scale, raw(row, slug)),
                written_in(Unit.COUNT, row[_COUNTED[slug]]),
                is_few(row, slug),
                slug == "romi" and (row["romi_pooled_high"] or 0) < 0,
            )
            for place_of, row in enumerate(in_ranks(rows, slug), 1)
        ],
        "ticks": scale.ticks(slug),
        "together": written_in(unit, together[slug]),
        "together_at": place(scale, together[slug]),
    }


def _cost(row: Row, rows: Sequence[Row], question: ContractorsQuestion) -> dict[str, Any]:
    dearest = max((one["cost"] for one in rows), default=0) or 1.0
    return {
        "name": shown_name(row),
        "address": question.contractor_address(row["contractor"]),
        "media_share": round(100 * row["media"] / dearest, 2),
        "fees_share": round(100 * row["fees"] / dearest, 2),
        "cells": [
            (row["cost"], written_in(Unit.MONEY, row["cost"])),
            (row["media"], written_in(Unit.MONEY, row["media"])),
            (row["fees"], written_in(Unit.MONEY, row["fees"])),
            (fee_share(row), written_in(Unit.SHARE, fee_share(row))),
            (row["leads"], written_in(Unit.COUNT, row["leads"])),
            (row["sales"], written_in(Unit.COUNT, row["sales"])),
            (row["margin"], written_in(Unit.MONEY, row["margin"])),
        ],
    }


def fee_share(row: Row) -> float | None:
    """Fees as a part of media; None where it placed none."""
    return row["fees"] / row["media"] if row["media"] else None


def _cost_totals(rows: Sequence[Row]) -> list[str]:
    sums = {slug: sum(row[slug] for row in rows) for slug in ("cost", "media", "fees", "leads", "sales", "margin")}
    told = [*((sums[slug], Unit.MONEY) for slug in ("cost", "media", "fees")), (fee_share(sums), Unit.SHARE)]
    told += [(sums["leads"], Unit.COUNT), (sums["sales"], Unit.COUNT), (sums["margin"], Unit.MONEY)]
    return [written_in(unit, value) for value, unit in told]


def _claims(
    rows: Sequence[Row], owners: Sequence[Contractor], question: ContractorsQuestion, slug: str
) -> dict[str, Any]:
    """Claimed and measured budgets, or ROMI, of all who claim one."""
    unit = Unit.MONEY if slug == "budget" else Unit.SHARE
    days = {owner.id: claimed_days(owner) for owner in owners}
    told = [row for row in rows if row[f"claimed_{slug}"] is not None]
    scale = scale_for((row[f"{side}_{slug}"], None, None) for row in told for side in ("claimed", "measured"))
    return {
        "slug": slug,
        "title": _("Budget") if slug == "budget" else "ROMI",
        "ticks": scale.ticks("cost" if slug == "budget" else "romi"),
        "rows": [
            Claim(
                shown_name(row),
                question.contractor_address(row["contractor"]),
                days.get(row["contractor"], ""),
                written_in(unit, row[f"claimed_{slug}"]),
                written_in(unit, row[f"measured_{slug}"]),
                _difference(row, slug),
                slug == "romi" and (row["measured_romi"] is None or row["measured_romi"] < row["claimed_romi"]),
                place(scale, row[f"claimed_{slug}"]),
                place(scale, row[f"measured_{slug}"]),
            )
            for row in told
        ],
    }


def _difference(row: Row, slug: str) -> str:
    """Measured less claimed: of budgets in percent, of ROMI in percentage points."""
    claimed, measured = row[f"claimed_{slug}"], row[f"measured_{slug}"]
    if measured is None or (slug == "budget" and not claimed):
        return "—"
    if slug == "budget":
        return f"{(measured - claimed) / claimed * 100:+,.0f}%".replace(",", " ")
    return f"{(measured - claimed) * 100:+,.0f} {_('pp')}".replace(",", " ")


def _months(rows: Sequence[Row], question: ContractorsQuestion) -> dict[str, Any]:
    """A row a contractor, a cell a month, the newest first: the pooled figure; and its line, as time goes."""
    slug = question.ranked
    months = sorted({row["month"] for row in rows})
    cells = {(row["contractor"], row["month"]): row for row in rows}
    names = {row["contractor"]: shown_name(row) for row in rows}
    lines: list[dict[str, Any]] = []
    for contractor in sorted(names, key=lambda each: names[each]):
        found = [cells.get((contractor, month)) for month in months]
        values = [row[f"{slug}_pooled"] if row else None for row in found]
        spark: Sequence[Points] = draw_spark(values) if values else []
        lines.append({
            "name": names[contractor],
            "address": question.contractor_address(contractor),
            "spark": spark,
            "cells": [_month(row, slug) for row in reversed(found)],
        })  # fmt: skip
    return {"names": [month[:7] for month in reversed(months)], "lines": lines}


def _month(row: Row | None, slug: str) -> dict[str, str]:
    if row is None:
        return {"value": "—", "interval": "", "few": ""}
    unit = MEASURE_OF[slug].unit
    return {
        "value": written_in(unit, row[f"{slug}_pooled"]),
        "interval": interval(unit, *pooled(row, slug)[1:]),
        "few": "few" if is_few(row, slug) else "",
    }


def _registered(owner: Contractor, question: ContractorsQuestion, currency: str) -> dict[str, Any]:
    return {
        "contractor": owner.id,
        "name": owner.name or owner.id,
        "address": question.contractor_address(owner.id),
        "campaigns": [str(each) for each in owner.campaigns],
        "fees": [fee_in_words(fee, currency) for fee in owner.fees],
        "budget": written_in(Unit.MONEY, None if owner.claimed_budget is None else float(owner.claimed_budget)),
        "romi": written_in(Unit.SHARE, owner.claimed_romi),
        "days": claimed_days(owner),
    }


def claimed_days(owner: Contractor) -> str:
    return f"{owner.claimed_from} – {owner.claimed_to}" if owner.claimed_from else "—"
