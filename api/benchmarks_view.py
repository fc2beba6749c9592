"""The page of benchmarks: funnels side by side, and where ours are better or worse beyond their interval."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData

from api.bootstrap import Services
from api.forms import text_of
from api.language import gettext as _
from api.numbers import written_in
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.measures import Unit
from attribution.runs import newest_run
from attribution.visibility import Visibility
from infra.access.rights import Right
from infra.errors import InvalidInput, NotReady
from planning.benchmarks.beside import benchmark_answer, verdict_of
from planning.benchmarks.figures import AMOUNTS, SHARES, Benchmark, BusinessModel, ToldFigure, published
from planning.benchmarks.own import Own, Place, own_figures, own_span
from planning.benchmarks.register import known_figures

_FORMS = ("csv", "xlsx", "parquet", "json")


def own_of(services: Services, seen: Visibility) -> Mapping[Place, Own]:
    """Empty where nothing was attributed yet: what is published can be read all the same."""
    try:
        run = newest_run(services.warehouse).number
    except NotReady:
        return {}
    today, timezone = services.today, services.settings.timezone
    return services.per_run.answer(
        run,
        ("benchmarks", today, timezone, seen),
        lambda: own_figures(services.warehouse, today, timezone, seen=seen),
    )


def known_benchmarks(services: Services) -> list[Benchmark]:
    """Those that ship, then those that users entered."""
    return [*published(), *known_figures(services.database)]


def benchmarks_answer(services: Services, seen: Visibility) -> Answer:
    span, own = own_span(services.today), own_of(services, seen)
    days = {"from": span.first.first.isoformat(), "to": span.last.last.isoformat()}
    run = newest_run(services.warehouse) if own else None
    return benchmark_answer(known_benchmarks(services), own, run, services.settings.currency, days)


def benchmarks_view(services: Services, viewer: Viewer, filled: Mapping[str, str] | None = None) -> dict[str, Any]:
    own, known, currency = own_of(services, viewer.seen), known_benchmarks(services), services.settings.currency
    span = own_span(services.today)
    models = [each for each in BusinessModel if each is not BusinessModel.ALL]
    return {
        "funnels": [_funnel(model, known, own, currency) for model in models],
        "amounts": [_amount(each, own, currency) for each in known if each.told.figure in AMOUNTS],
        "entered": [_entered(each) for each in known if each.id],
        "is_measured": bool(own),
        "first": span.first.first,
        "last": span.last.last,
        "verdicts": _verdicts(),
        "models": _models(),
        "figures": _titles(),
        "currency": currency,
        "filled": filled or {},
        "may_change": viewer.may(Right.PLANS) and not viewer.is_limited,
        "exports": [(form, f"/api/benchmarks?format={form}") for form in _FORMS],
    }


def _models() -> dict[str, str]:
    return {
        "new_internet": _("New cars, internet"),
        "new_phone": _("New cars, phone"),
        "used_internet": _("Used cars, internet"),
        "used_phone": _("Used cars, phone"),
        "all": _("Money of a car"),
    }


def _titles() -> dict[str, str]:
    return {
        "contact": _("Lead → contact"),
        "appointment": _("Contact → appointment"),
        "show": _("Appointment → show"),
        "close": _("Visit → sale"),
        "lead_sale": _("Lead → sale"),
        "advertising_per_new": _("Advertising for a new car sold"),
        "gross_per_new": _("Gross of a new car"),
        "gross_per_used": _("Gross of a used car"),
        "fi_per_unit": _("Finance and insurance of a car"),
    }


def _verdicts() -> dict[str, str]:
    return {
        "better": _("better"),
        "worse": _("worse"),
        "alike": _("no difference beyond chance"),
        "unknown": "—",
    }


def _funnel(model: BusinessModel, known: list[Benchmark], own: Mapping[Place, Own], currency: str) -> dict[str, Any]:
    return {
        "model": model.value,
        "title": _models()[model.value],
        "stages": [_stage(model, figure, known, own, currency) for figure in SHARES],
    }


def _stage(
    model: BusinessModel, figure: str, known: list[Benchmark], own: Mapping[Place, Own], currency: str
) -> dict[str, Any]:
    """Our bar with its interval, and one of each benchmark below it."""
    ours = own.get((model, figure), Own(None, None, None, 0))
    others = [each for each in known if (each.told.model, each.told.figure) == (model, figure)]
    return {
        "title": _titles()[figure],
        "own": None if ours.value is None else _percent(ours.value),
        "low": _percent(ours.low),
        "high": _percent(ours.high),
        "value": written_in(Unit.SHARE, ours.value),
        "interval": _interval(ours),
        "count": written_in(Unit.COUNT, ours.count),
        "others": [
            {
                "who": each.told.who,
                "dated": each.told.dated,
                "source": each.told.source,
                "width": _percent(each.told.share),
                "value": written_in(Unit.SHARE, each.told.share),
                "verdict": verdict_of(each, ours, currency),
            }
            for each in others
        ],
    }


def _percent(share: float | None) -> float:
    return round(100 * min(share or 0.0, 1.0), 2)


def _interval(own: Own) -> str:
    if own.low is None or own.high is None:
        return "—"
    return _("%(low)s to %(high)s") % {
        "low": written_in(Unit.SHARE, own.low),
        "high": written_in(Unit.SHARE, own.high),
    }


def _amount(benchmark: Benchmark, own: Mapping[Place, Own], currency: str) -> dict[str, Any]:
    told = benchmark.told
    ours = own.get((BusinessModel.ALL, told.figure), Own(None, None, None, 0))
    ends = [written_in(Unit.MONEY, each / 100) for each in (told.amount, told.amount_to) if each is not None]
    return {
        "title": _titles()[told.figure],
        "who": told.who,
        "value": f"{' – '.join(ends)} {told.currency}",
        "own": "—" if ours.value is None else f"{written_in(Unit.MONEY, ours.value)} {currency}",
        "count": written_in(Unit.COUNT, ours.count) if ours.count else "—",
        "verdict": verdict_of(benchmark, ours, currency),
        "is_other_money": told.currency != currency,
        "source": told.source,
        "dated": told.dated,
    }


def _entered(benchmark: Benchmark) -> dict[str, Any]:
    told = benchmark.told
    value = written_in(Unit.SHARE, told.share) if told.share is not None else _amount(benchmark, {}, "")["value"]
    return {
        "id": benchmark.id, "revision": benchmark.revision, "who": told.who, "model": told.model.value,
        "figure": told.figure, "value": value, "source": told.source, "dated": told.dated, "notes": told.notes,
        "by": benchmark.changed_by,
    }  # fmt: skip


def read_figure(form: FormData) -> ToldFigure:
    """As the form sends it: a share in percent, or whole money. Raises `InvalidInput`."""
    figure, model = text_of(form, "figure"), text_of(form, "model")
    if figure not in (*SHARES, *AMOUNTS):
        raise InvalidInput(f"There is no figure {figure!r}.", where="figure", help="Choose one of the list.")
    if model not in set(BusinessModel):
        raise InvalidInput(f"There is no business model {model!r}.", where="model", help="Choose one of the list.")
    is_share, value, last = figure in SHARES, _number(form, "value"), _number(form, "value_to")
    if value is None:
        raise InvalidInput("The figure itself is missing.", where="value", help="Write it as 60, or as 1840.")
    return ToldFigure(
        text_of(form, "who")[:200],
        BusinessModel(model),
        figure,
        text_of(form, "source")[:2000],
        text_of(form, "dated"),
        value / 100 if is_share else None,
        None if is_share else round(value * 100),
        None if is_share or last is None else round(last * 100),
        text_of(form, "currency"),
        text_of(form, "notes")[:2000],
    )


def _number(form: FormData, name: str) -> float | None:
    text = "".join(text_of(form, name).replace(",", ".").split())
    if not text:
        return None
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if found != found or abs(found) > 1e13:
        raise InvalidInput(f"{name}: {text!r} is no number.", where=name, help="Write it as 60 or 1840.5.")
    return found
