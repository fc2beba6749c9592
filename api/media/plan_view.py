"""What the page of a dealer's media plan shows."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.bootstrap import Services
from api.language import gettext as _
from api.media.chart import draw_plan
from api.media.deciding import may_decide
from api.media.item_form import cells_of_item, edited_table, new_cells
from api.media.spent import overview_of
from api.media.texts import change_words, layout_words, money, state_words, warning_words
from api.numbers import written_in
from api.table_forms import Cells
from api.viewer import Viewer
from attribution.channel_rules import rule_versions
from attribution.measures import Unit
from attribution.reference import reference_document
from infra.access.rights import Right
from infra.errors import ClosedLoopError, NotFound
from planning.dimensions import known_network
from planning.media.changes import MediaChange
from planning.media.curve import curve_of
from planning.media.forecast import Forecast
from planning.media.measured import Measured, measured_channels
from planning.media.months import Month
from planning.media.overview import DealerMonth
from planning.media.plans import MediaState
from planning.media.progress import ItemProgress, PlanProgress
from planning.media.reallocation import movable_items
from planning.media.spending import Spending
from planning.media.waiting import address_of

_MOST_CHANGES = 30


def plan_view(
    services: Services,
    viewer: Viewer,
    dealer: str,
    month: Month,
    *,
    lines: Sequence[Cells] | None = None,
    error: ClosedLoopError | None = None,
    at: str = "",
    told: Mapping[str, str] | None = None,
    based_on: int | None = None,
    done: str = "",
) -> dict[str, Any]:
    """`lines` are items as they are being written, `told` the fields of the form `at` which `error` was found.

    Raises `NotFound`.
    """
    (found,) = overview_of(services, viewer.seen, month, dealer) or _nothing(dealer)
    progress = found.progress
    may_change = viewer.may(Right.PLANS) and viewer.seen.contractors is None
    view = {
        "dealer": found.dealer,
        "month": month,
        "address": address_of(dealer, month),
        "before": address_of(dealer, month.before),
        "after": address_of(dealer, month.after),
        "budget": found.budget,
        "plan": progress.plan if progress else None,
        "may_change": may_change,
        "may_decide": may_change and may_decide(viewer),
        "is_whole": viewer.seen.contractors is None,
        "currency": services.settings.currency,
        "money": money,
        "error": error,
        "at": at,
        "told": told or {},
        "said": _said(done),
    }
    if progress is None:
        return view
    view["based_on"] = progress.plan.revision if based_on is None else based_on
    return view | _of_plan(services, viewer, found, progress, lines, error if at == "items" else None)


def _nothing(dealer: str) -> list[DealerMonth]:
    raise NotFound(f"{dealer} has no media plan in this month.", where="dealer", help="Choose another month.")


def _of_plan(
    services: Services,
    viewer: Viewer,
    found: DealerMonth,
    progress: PlanProgress,
    lines: Sequence[Cells] | None,
    error: ClosedLoopError | None,
) -> dict[str, Any]:
    plan, month = progress.plan, progress.plan.month
    spending = services.spending(month)
    measured = measured_channels(spending, plan.dealer)
    known = reference_document(services.database)
    contractors = [each.id for each in known.contractors]
    drafted = list(lines) if lines is not None else [cells_of_item(each.item) for each in progress.items]
    if lines is None and not drafted:
        drafted = [new_cells(month)]
    is_open = plan.state is MediaState.DRAFT
    budget = found.budget.amount if found.budget else None
    return {
        "currency": plan.currency,
        "progress": progress,
        "state_words": state_words(),
        "is_open": is_open,
        "is_submitted": plan.state is MediaState.SUBMITTED,
        "is_approved": plan.state is MediaState.APPROVED,
        "layouts": [(each.value, words) for each, words in layout_words().items()],
        "table": edited_table(drafted, error, _channels(services, spending), contractors),
        "rows": [_row(each, measured.get(each.item.channel)) for each in progress.items],
        "unplanned": [
            {
                "title": " / ".join(filter(None, (line.channel, line.campaign, line.contractor))) or "—",
                "cost": money(line.total.cost),
                "leads": written_in(Unit.COUNT, line.total.leads),
            }
            for line in sorted(progress.matched.unplanned, key=lambda line: -line.total.cost)
            if line.total.cost
        ],
        "warnings": [warning_words(each) for each in progress.warnings],
        "chart": draw_plan(curve_of(progress), services.today, budget=budget, forecast=progress.forecast),
        "tiles": _tiles(progress, budget),
        "interval": _interval(progress.forecast),
        "shared": money(spending.shared.get(plan.dealer, 0.0)),
        "measured": sorted((channel, each, money(each.cpl)) for channel, each in measured.items()),
        "contractors": contractors,
        "orders": services.commitments.of_plan(plan.id, seen=viewer.seen),
        "titles": {each.item.id: each.item.title for each in progress.items},
        "today": services.today,
        **_of_dealers(services, viewer, progress),
    }


def _of_dealers(services: Services, viewer: Viewer, progress: PlanProgress) -> dict[str, Any]:
    """What only those see who see whole plans."""
    if not progress.is_whole:
        return {"moves": [], "changes": [], "givers": [], "takers": [], "item_names": {}}
    plan = progress.plan
    changes = services.media_plans.changes(plan.id)[:_MOST_CHANGES]
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
    items = movable_items(services.database, plan.month, seen=viewer.seen)
    names = {each.item: f"{network.dealer(each.dealer).shown_name}: {each.title}" for each in items}
    return {
        "moves": services.reallocations.of_month(plan.month, plan=plan.id, seen=viewer.seen),
        "item_names": names,
        "givers": [(each.item, names[each.item], money(each.free)) for each in items if each.dealer == plan.dealer],
        "takers": list(names.items()),
        "changes": [_change(each, services) for each in changes],
    }


def _channels(services: Services, spending: Spending) -> list[str]:
    """Those that rules make, and those that cost anything."""
    made = {rule.channel for rule in rule_versions(services.database)[0].rules}
    paid = {line.channel for lines in (*spending.before.values(), *spending.lines.values()) for line in lines}
    return sorted((made | paid) - {""})


def _row(told: ItemProgress, measured: Measured | None) -> dict[str, Any]:
    item, figures, forecast = told.item, told.figures, told.forecast
    share = min(100.0, 100 * figures.cost / item.budget) if item.budget else 0.0
    return {
        "item": item,
        "budget": money(item.budget),
        "cpl": money(item.cpl),
        "cpl_of": item.cpl_of,
        "measured": money(measured.cpl) if measured else "",
        "committed": money(told.committed),
        "spent": money(figures.cost),
        "share": round(share, 1),
        "is_over": figures.cost > item.budget,
        "leads": written_in(Unit.COUNT, figures.leads),
        "actual_cpl": money(figures.cost / figures.leads if figures.leads > 0 else None),
        "forecast": money(forecast.expected if forecast else None),
        "interval": _interval(forecast),
    }


def _tiles(progress: PlanProgress, budget: int | None) -> list[tuple[str, str]]:
    whole = [(_("Approved budget"), money(budget)), (_("Not laid out"), money(progress.rest))]
    forecast = progress.forecast
    return [
        *(whole if progress.is_whole else []),
        (_("Laid out"), money(progress.laid_out)),
        (_("Ordered"), money(progress.committed)),
        (_("Spent"), money(progress.spent)),
        (_("Forecast of month end"), money(forecast.expected if forecast else None)),
        (_("Leads"), written_in(Unit.COUNT, progress.leads)),
    ]


def _interval(forecast: Forecast | None) -> str:
    return f"{money(forecast.low)} … {money(forecast.high)}" if forecast and forecast.high > forecast.low else ""


def _change(told: MediaChange, services: Services) -> dict[str, Any]:
    return {
        "at": told.at.astimezone(services.settings.zone),
        "author": told.author,
        "what": change_words().get(told.kind, told.kind),
        "why": told.why,
    }


def _said(done: str) -> str:
    return {
        "kept": _("The items are kept."),
        "layout": _("The budget is laid out: look through the items, and change what you know better."),
        "submit": _("The media plan waits for approval."),
        "approve": _("The media plan is approved."),
        "return": _("The media plan is sent back."),
        "reopen": _("The media plan is a draft again."),
        "order": _("The order is entered: its money stays with its items."),
        "cancel": _("The order is cancelled."),
        "moved": _("The money is moved."),
        "asked": _("The reallocation waits for the director."),
        "refused": _("The reallocation is refused."),
    }.get(done, "")
