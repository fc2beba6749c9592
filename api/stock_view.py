"""The page of stock: how long it lasts by model, what runs out, what to order."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from fastapi.responses import Response

from api.bootstrap import Services
from api.language import gettext as _
from api.numbers import written_in
from api.plan_files import PlanFormat
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.measures import Unit
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.access.rights import Right
from infra.errors import NotReady
from planning.dimensions import Network, known_network
from planning.importing.known import known_names
from planning.importing.names import Named, Names
from planning.importing.words import Role
from planning.stock.files import stock_csv, stock_rows, stock_workbook
from planning.stock.levels import Level, known_levels
from planning.stock.position import Position
from planning.stock.report import StockQuestion, about_position, group_rows, grouped_position, stock_report

_MOST_DRAWN = 24
_FAR_MONTHS = 6.0
_FORMS = ("csv", "xlsx", "parquet", "json")
_MEDIA = {
    PlanFormat.CSV: "text/csv; charset=utf-8",
    PlanFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def stock_answer(services: Services, seen: Visibility, question: StockQuestion) -> Answer:
    """Raises `NotReady` where nothing was attributed yet."""
    position = services.stock_position(question.direction, months=question.months, seen=seen)
    return stock_report(position, question, newest_run(services.warehouse))


def stock_names(services: Services, viewer: Viewer) -> tuple[Names, Names]:
    """Dealers and models that a table of stock may name: models as deals or earlier tables spell them."""
    with services.database.connect() as connection:
        dealers = known_names(connection, viewer.seen, reader=viewer.name)[Role.DEALER]
        models = {model for _dealer, model in known_levels(connection, viewer.seen)}
    with suppress(NotReady):
        models |= set(services.stock_position(seen=viewer.seen).selling.models)
    return dealers, Names([Named(each) for each in sorted(models)])


def stock_file(services: Services, viewer: Viewer, form: PlanFormat) -> Response:
    """A line a dealer's model that was sold or is there: to be filled in, and sent back."""
    with services.database.connect() as connection:
        levels = known_levels(connection, viewer.seen)
    rows = [*stock_rows(levels.values()), *_empty_rows(services, viewer, levels)]
    data = stock_csv(rows) if form is PlanFormat.CSV else stock_workbook(rows)
    headers = {"Content-Disposition": f'attachment; filename="stock.{form}"'}
    return Response(data, media_type=_MEDIA[form], headers=headers)


def _empty_rows(services: Services, viewer: Viewer, levels: Mapping[tuple[str, str], Level]) -> list[list[Any]]:
    try:
        position = services.stock_position(seen=viewer.seen)
    except NotReady:
        return []
    keys = zip((each.id for each in position.dealers), position.models, strict=True)
    return [[*key, "", "", "", ""] for key in keys if key not in levels]


def stock_view(services: Services, viewer: Viewer, question: StockQuestion) -> dict[str, Any]:
    """Raises `NotReady` where nothing was attributed yet."""
    position = services.stock_position(question.direction, months=question.months, seen=viewer.seen)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    rows = stock_report(position, question, None).items()
    models = group_rows(grouped_position(position, question, ("model",)), position.level).to_dict("records")
    about = about_position(position)
    return {
        "question": question,
        "network": network,
        "brands": sorted({each.brand for each in network.dealers if each.brand}),
        "is_told": bool(position.levels),
        "tiles": _tiles(rows),
        "drawn": [_drawn(row) for row in models[:_MOST_DRAWN]],
        "undrawn": max(0, len(models) - _MOST_DRAWN),
        "months_drawn": int(_FAR_MONTHS),
        "rows": [_written(row, network) for row in rows],
        "by_month": _months(position, question),
        "about": about,
        "covered": written_in(Unit.SHARE, about["mix_backtest"]["covered"]),
        "nominal": written_in(Unit.SHARE, about["mix_backtest"]["nominal"]),
        "unnamed": written_in(Unit.SHARE, about["sales_without_model"]),
        "exports": [(form, _export(question, form)) for form in _FORMS],
        "may_change": viewer.may(Right.PLANS),
        "may_set": viewer.may(Right.RULES) and not viewer.is_limited,
        "state_words": _state_words(),
    }


def _export(question: StockQuestion, form: str) -> str:
    asked = {
        "by": ",".join(question.by), "dealer": question.dealer, "brand": question.brand, "model": question.model,
        "months": question.months, "format": form,
    }  # fmt: skip
    return f"/api/stock-need?{urlencode({name: value for name, value in asked.items() if value})}"


def _state_words() -> dict[str, str]:
    return {
        "short": _("runs out before an order could come"),
        "order": _("to be ordered"),
        "enough": _("enough"),
        "too_much": _("too much"),
        "unsold": _("none expected, none there"),
    }


def _tiles(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    def total(name: str) -> str:
        return written_in(Unit.COUNT, round(sum(row[name] or 0 for row in rows)))

    short = sum(row["state"] == "short" for row in rows)
    return [
        (_("Expected"), total("expected"), _("until the next order could arrive")),
        (_("In stock"), total("in_stock"), ""),
        (_("On its way"), total("in_transit"), _("arriving by then")),
        (_("To order"), total("to_order"), _("expected − in stock − on its way")),
        (_("With safety stock"), total("to_order_safely"), ""),
        (_("Too late for an order"), written_in(Unit.COUNT, short), _("lines that run out before it comes")),
        (_("Too much"), total("surplus"), _("cars beyond the most months of sales")),
    ]


def _drawn(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A bar of cover, on a scale of half a year, with the lead time as a mark."""
    cover = row["cover"]
    is_far = cover is None or cover != cover or cover > _FAR_MONTHS
    return {
        "model": row["model"],
        "state": row["state"],
        "width": round(100 * (1.0 if is_far else cover / _FAR_MONTHS), 1),
        "lead": round(min(row["lead_days"] / 30.4375 / _FAR_MONTHS, 1.0) * 100, 1),
        "cover": _("more than a year") if cover != cover else written_in(Unit.TIMES, cover),
        "runs_out": row["runs_out"] or "—",
        "order": written_in(Unit.COUNT, round(row["to_order_safely"])),
        "shared": written_in(Unit.COUNT, round(row["to_order_shared"])),
    }


def _written(row: Mapping[str, Any], network: Network) -> dict[str, Any]:
    whole = ("in_stock", "in_transit", "to_order", "to_order_safely", "surplus")
    dealer = row.get("dealer", "")
    return {
        **{name: written_in(Unit.COUNT, round(row[name])) for name in whole},
        "dealer": network.by_id[dealer].shown_name if dealer else "",
        "dealer_id": dealer,
        "model": row.get("model", ""),
        "state": row["state"],
        "expected": written_in(Unit.COUNT, row["expected"]),
        "interval": _interval(row["expected_low"], row["expected_high"]),
        "safety": written_in(Unit.COUNT, row["safety"]),
        "cover": written_in(Unit.TIMES, row["cover"]),
        "lead": written_in(Unit.DAYS, row["lead_days"]),
        **{name: row[name] or "—" for name in ("runs_out", "runs_out_early", "order_by")},
    }


def _interval(low: float, high: float) -> str:
    return _("%(low)s to %(high)s") % {"low": written_in(Unit.COUNT, low), "high": written_in(Unit.COUNT, high)}


def _months(position: Position, question: StockQuestion) -> dict[str, Any]:
    """Orders by the month in which they are to arrive, a row a model."""
    asked = StockQuestion(("model", "month"), question.dealer, question.brand, question.model)
    rows = stock_report(position, asked, None).items()
    months = [str(each) for each in position.need.calendar.months][:6]
    lines: dict[str, list[str]] = {}
    for row in rows:
        if row["month"] in months:
            lines.setdefault(row["model"], []).append(written_in(Unit.COUNT, row["to_order_safely"]))
    return {"names": months, "lines": lines}
