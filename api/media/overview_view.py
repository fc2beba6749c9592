"""What the page of a month's media plans shows: every dealer in a line, and what waits."""

from typing import Any
from urllib.parse import quote

from api.bootstrap import Services
from api.exports import ExportFormat
from api.language import gettext as _
from api.media.spent import overview_of
from api.media.texts import money, state_words, warning_words
from api.numbers import written_in
from api.viewer import Viewer
from attribution.measures import Unit
from infra.access.rights import Right
from planning.media.months import Month
from planning.media.overview import DealerMonth
from planning.media.waiting import address_of, waiting

_MOST_WARNINGS = 2
_EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)


def month_view(services: Services, viewer: Viewer, month: Month) -> dict[str, Any]:
    found = overview_of(services, viewer.seen, month)
    is_whole = viewer.seen.contractors is None
    with services.database.connect() as connection:
        matters = waiting(connection, services.today, seen=viewer.seen) if is_whole else []
    currencies = {each.progress.plan.currency for each in found if each.progress}
    currencies |= {each.budget.currency for each in found if each.budget}
    return {
        "month": month,
        "months": [month.before, month, month.after],
        "rows": [_row(each, month) for each in found],
        "totals": _totals(found) if len(currencies) <= 1 else None,
        "is_whole": is_whole,
        "has_budget": any(each.budget for each in found),
        "currency": next(iter(currencies)) if len(currencies) == 1 else services.settings.currency,
        "matters": [(each, _who(each.who)) for each in matters],
        "may_set": viewer.may(Right.RULES) and viewer.seen.is_everything,
        "exports": [(form.value, f"/api/media-plans?month={month}&format={form.value}") for form in _EXPORTED],
        "item_exports": [
            (form.value, f"/api/media-plans/items?month={month}&format={form.value}") for form in _EXPORTED
        ],
        "calendar": f"/calendar?month={quote(str(month))}",
    }


def _row(found: DealerMonth, month: Month) -> dict[str, Any]:
    progress, budget = found.progress, found.budget
    forecast = progress.forecast if progress else None
    warnings = list(progress.warnings) if progress else []
    whole = budget.amount if budget else progress.laid_out if progress else 0
    return {
        "name": found.dealer.shown_name,
        "address": address_of(found.dealer.id, month),
        "brand": found.dealer.brand,
        "state": state_words()[progress.plan.state] if progress else _("Not begun") if budget else _("No budget"),
        "budget": money(budget.amount if budget else None),
        "laid_out": money(progress.laid_out if progress else None),
        "rest": money(progress.rest if progress else None),
        "committed": money(progress.committed if progress else None),
        "spent": money(found.spent),
        "share": round(min(100.0, 100 * found.spent / whole), 1) if whole else 0.0,
        "is_over": bool(whole) and found.spent > whole,
        "forecast": money(forecast.expected if forecast else None),
        "interval": f"{money(forecast.low)} … {money(forecast.high)}" if forecast else "",
        "leads": written_in(Unit.COUNT, progress.leads if progress else None),
        "cpl": money(found.spent / progress.leads if progress and progress.leads else None),
        "warnings": [warning_words(each) for each in warnings[:_MOST_WARNINGS]],
        "more": len(warnings[_MOST_WARNINGS:]),
    }


def _totals(found: list[DealerMonth]) -> dict[str, str]:
    with_plan = [each.progress for each in found if each.progress]
    return {
        "budget": money(sum(each.budget.amount for each in found if each.budget)),
        "laid_out": money(sum(each.laid_out for each in with_plan)),
        "rest": money(sum(each.rest or 0 for each in with_plan)),
        "committed": money(sum(each.committed for each in with_plan)),
        "spent": money(sum(each.spent for each in found)),
        "forecast": money(sum(each.forecast.expected for each in with_plan if each.forecast)),
        "leads": written_in(Unit.COUNT, sum(each.leads for each in with_plan)),
    }


def _who(who: str) -> str:
    return _("the director") if who == "director" else _("who plans the dealer")
