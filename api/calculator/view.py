"""What the page of the calculator shows: past effectiveness, the form with measured values, and the solution."""

from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.calculator.asking import Calculated, Scoped, calculated, effectiveness_answer, scoped
from api.calculator.chart import draw_budget
from api.calculator.form import FIELDS, CalculatorForm, written_field
from api.calculator.words import caveat_words, interval_words, level_words, rate_words
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.page_periods import exports_of
from api.viewer import Viewer
from attribution.measures import Unit
from infra.errors import InvalidInput
from planning.calculator.effectiveness import By
from planning.calculator.question import CalculatorQuestion
from planning.calculator.telling import coverage_rows, grounds, measured_of
from planning.directions import known_directions
from planning.media.months import Month, month_of
from planning.rates.counts import car_directions

_UNITS = {"cpl": Unit.MONEY, "visit_rate": Unit.SHARE, "sale_rate": Unit.SHARE}
_AHEAD = 15


def calculator_view(services: Services, viewer: Viewer, form: CalculatorForm) -> dict[str, Any]:
    """Raises `NotReady` and `NotFound`. What is wrong with the form stands in it."""
    asked = CalculatorQuestion(dealer=form.dealer, direction=form.direction, month=form.month)
    error, done = None, None
    try:
        asked = form.question()
    except InvalidInput as wrong:
        error = wrong
    found = scoped(services, viewer, asked)
    try:
        done = None if error else calculated(services, found)
    except InvalidInput as wrong:
        error = wrong
    question = found.question
    return {
        "form": form,
        "question": question,
        "question_json": question.model_dump_json(exclude_defaults=True),
        "error": error,
        "has_history": found.measured.has_history,
        "currency": services.settings.currency,
        "dealers": [(each.id, each.shown_name) for each in found.network.dealers],
        "directions": [(each.id, _(each.name)) for each in car_directions(known_directions(services.database))],
        "months": _months(services),
        "month_title": dated(question.of_month.first, "LLLL y"),
        "field_titles": _field_titles(),
        "rows": _rows(found, done, form),
        "overall": _overall(done, form),
        "tiles": _tiles(done) if done else [],
        "caveats": [caveat_words(each) for each in done.solution.said] if done else [],
        "chart": _chart(done) if done else None,
        "answer": done.answer if done else None,
        "grounds": _grounds(found),
    }


def effectiveness_view(
    services: Services, viewer: Viewer, form: CalculatorForm, by: By, first: str, last: str
) -> dict[str, Any]:
    """Raises `InvalidInput`, `NotFound` and `NotReady`."""
    answer = effectiveness_answer(services, viewer, by, first, last, form.dealer)
    names = _names(services, viewer, by)
    items = answer.items()
    dearest = max((each["cost"] or 0 for each in items), default=0)
    asked = {name: str(answer.asked.get(name, ""))[:7] for name in ("from", "to")}
    parameters = {"by": by.value, **asked, "dealer": form.dealer}
    return {
        "by": by.value,
        "bys": [(each.value, title) for each, title in _bys().items()],
        "asked_months": asked,
        "known_months": [str(each) for each in services.measured_rates().places.months],
        "effects": [_effect(each, names.get(each[by.value], each[by.value]), dearest) for each in items],
        "effect_totals": _effect(answer.totals, _("Total"), dearest) if items else None,
        "effect_title": _bys()[by],
        "exports": exports_of("/api/calculator/effectiveness", parameters),
        "coverage": _coverage(services, form),
    }


def _bys() -> dict[By, str]:
    return {
        By.CHANNEL: _("Channel"), By.DEALER: _("Dealer"), By.DIRECTION: _("Direction"),
        By.SEASON: _("Month of the year"),
    }  # fmt: skip


def _names(services: Services, viewer: Viewer, by: By) -> dict[str, str]:
    if by is By.DEALER:
        return {each.id: each.shown_name for each in scoped(services, viewer, CalculatorQuestion()).network.dealers}
    if by is By.DIRECTION:
        named = {each.id: _(each.name) for each in known_directions(services.database)}
        return named | {"(none)": _("Leads of all directions")}
    if by is By.SEASON:
        return {f"{month:02}": dated(Month(2026, month).first, "LLLL") for month in range(1, 13)}
    return {}


def _effect(row: Any, name: str, dearest: float) -> dict[str, Any]:
    cost = row.get("cost") or 0
    return {
        "name": name,
        "width": round(100 * cost / dearest, 2) if dearest else 0,
        "cost": written_in(Unit.MONEY, row.get("cost")),
        "margin": written_in(Unit.MONEY, row.get("margin")),
        **{slug: written_in(Unit.COUNT, row.get(slug)) for slug in ("leads", "visits", "sales")},
        **{slug: written_in(unit, row.get(slug)) for slug, unit in _UNITS.items()},
        **{
            f"{slug}_interval": interval_words(row.get(f"{slug}_low"), row.get(f"{slug}_high"), unit)
            for slug, unit in _UNITS.items()
        },
        **{
            f"{slug}_places": [round(100 * (row.get(f"{slug}{end}") or 0), 1) for end in ("_low", "", "_high")]
            for slug in ("visit_rate", "sale_rate")
            if row.get(f"{slug}_low") is not None
        },
    }


def _coverage(services: Services, form: CalculatorForm) -> list[dict[str, Any]]:
    rates, levels = rate_words(), level_words()
    return [
        {
            "rate": rates[each["rate"]],
            "level": levels[each["level"]],
            "before": written_in(Unit.SHARE, each["before"]),
            "after": written_in(Unit.SHARE, each["after"]),
            "factor": written_in(Unit.TIMES, each["factor"]),
            "counts": written_in(Unit.COUNT, each["counts"]),
        }
        for each in coverage_rows(services.measured_rates(form.direction))
    ]


def _months(services: Services) -> list[tuple[str, str]]:
    found = [month_of(services.today)]
    while len(found) < _AHEAD:
        found.append(found[-1].after)
    return [(str(each), dated(each.first, "LLLL y")) for each in found]


def _rows(found: Scoped, done: Calculated | None, form: CalculatorForm) -> list[dict[str, Any]]:
    """A row a channel, with its fields: what is locked as it was written, the rest as it is measured or follows."""
    rows = []
    solved = done.answer["channels"] if done else [{}] * len(found.known.channels)
    for place, (channel, row) in enumerate(zip(found.known.channels, solved, strict=True)):
        measured = measured_of(found.known, place)
        values = {name: row.get(name) for name in FIELDS} if row else {}
        for name in _UNITS:
            told = measured[name]
            values[name] = values.get(name) if values.get(name) is not None else told["value"] if told else None
        rows.append(
            {
                "channel": channel,
                "is_paid": bool(found.known.is_paid[place]),
                "fields": {name: _field(name, channel, values.get(name), measured.get(name), form) for name in FIELDS},
                "leads": written_in(Unit.COUNT, _rounded(row.get("leads"))),
                "leads_interval": _interval(row, "leads"),
                "visits": written_in(Unit.COUNT, _rounded(row.get("visits"))),
                "sales": written_in(Unit.COUNT, _rounded(row.get("sales"))),
                "sales_interval": _interval(row, "sales"),
                "by_curve": row.get("response") == "curve",
            }
        )
    order = sorted(range(len(rows)), key=lambda place: (-float(found.known.usual[place]), found.known.channels[place]))
    return [rows[place] for place in order]


def _field(name: str, channel: str, value: float | None, measured: Any, form: CalculatorForm) -> dict[str, Any]:
    key = f"{name}|{channel}"
    is_locked = key in form.locks
    return {
        "name": key,
        "value": form.texts.get(key, "") if is_locked else written_field(name, value),
        "is_locked": is_locked,
        "interval": interval_words(measured["low"], measured["high"], _UNITS[name]) if measured else "",
    }


def _field_titles() -> list[tuple[str, str]]:
    return [
        ("cpl", _("CPL")),
        ("visit_rate", _("Visits of leads, %")),
        ("sale_rate", _("Sales of visits, %")),
        ("budget", _("Budget")),
        ("share", _("Share, %")),
    ]


def _overall(done: Calculated | None, form: CalculatorForm) -> list[dict[str, str]]:
    """Values of all channels together: empty unless held, with what comes of the rest beside."""
    titles = {name: title for name, title in _field_titles() if name in _UNITS}
    totals = done.answer["totals"] if done else {}
    return [
        {
            "name": name,
            "title": title,
            "value": form.texts.get(name, ""),
            "usual": written_field(name, totals.get(name)),
        }
        for name, title in titles.items()
    ]


def _tiles(done: Calculated) -> list[dict[str, str]]:
    totals = done.answer["totals"]
    titles = (
        ("budget", _("Budget"), Unit.MONEY), ("leads", _("Leads"), Unit.COUNT), ("visits", _("Visits"), Unit.COUNT),
        ("sales", _("Sales"), Unit.COUNT), ("margin", _("Margin"), Unit.MONEY),
    )  # fmt: skip
    tiles = []
    for name, title, unit in titles:
        told = totals[name]
        is_sure = told is None or (name == "budget" and done.solution.goal == "budget")
        tiles.append(
            {
                "title": title,
                "value": written_in(unit, _rounded(told["mean"]) if told else None),
                "interval": "" if is_sure else interval_words(_rounded(told["low"]), _rounded(told["high"]), unit),
            }
        )
    return [
        *tiles,
        {"title": _("Cost of a sale"), "value": written_in(Unit.MONEY, totals["cost_per_sale"]), "interval": ""},
    ]


def _chart(done: Calculated) -> Any:
    totals = done.answer["totals"]
    return draw_budget(done.answer["curve"], totals["budget"]["mean"], totals["sales"]["mean"])


def _grounds(found: Scoped) -> dict[str, Any]:
    told = grounds(found.measured, found.known)
    rates = rate_words()
    return {
        **told,
        "left_out": [(rates[name], ", ".join(months)) for name, months in told["left_out"].items()],
        "lags": [
            (rates[name], each["median"], each["p90"], each["longest"]) for name, each in told["lag_days"].items()
        ],
        "others": written_in(Unit.COUNT, told["others"]),
        "leads": written_in(Unit.COUNT, told["leads"]),
        "margin": written_in(Unit.MONEY, told["margin_of_sale"]),
    }


def _interval(row: Any, name: str) -> str:
    return interval_words(_rounded(row.get(f"{name}_low")), _rounded(row.get(f"{name}_high")), Unit.COUNT)


def _rounded(value: float | None) -> float | None:
    """Counts to tenths below a hundred: halves of sales are means."""
    return None if value is None else round(value, 1 if abs(value) < 100 else 0)


def address_of(parameters: Any) -> str:
    return f"/calculator?{urlencode(list(parameters))}"
