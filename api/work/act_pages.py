"""What pages of acts show: what was ordered, accepted and spent, the acts, one act with its story, and its form."""

from typing import Any

from sqlalchemy import Connection

from api.bootstrap import Services
from api.exports import ExportFormat
from api.viewer import Viewer
from api.work.board import sees_several
from api.work.choices import Names, names_seen
from api.work.forms import Filled
from api.work.spend import Spent, measured_spend
from api.work.words import (
    act_buttons,
    act_states,
    done_names,
    purpose_names,
    step_names,
    written_units,
)
from api.work.workers import worker_of
from planning.money import amount_of
from planning.work.act_register import SIGNED
from planning.work.acts import Act, find_act, lines_of, list_acts
from planning.work.briefs import list_briefs
from planning.work.documents import days_of, month_of
from planning.work.ordered import Settlement, settlements
from planning.work.people import Party, may_act
from planning.work.states import ACT_WAYS, ActState, ActStep, act_steps_from
from planning.work.story import story_of_act
from planning.work.tasks import TaskFilter, list_tasks

EXPORTED = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.PARQUET)
_PAGE, _MOST_SETTLEMENTS, _MOST_CHOICES, _EMPTY_LINES = 50, 60, 200, 3


def acts_view(
    services: Services, viewer: Viewer, *, state: str = "", contractor: str = "", month: str = "", before: int = 0
) -> dict[str, Any]:
    states = [ActState(state)] if state in set(ActState) else []
    with services.database.connect() as connection:
        names = names_seen(connection, viewer.seen)
        found, total = list_acts(
            connection, viewer.seen, states=states, contractor=contractor, month=month, most=_PAGE, before=before
        )
        settled = settlements(connection, viewer.seen, month=month, contractor=contractor)[:_MOST_SETTLEMENTS]
    spent = measured_spend(services, viewer.seen, [each.month for each in settled])
    query = "".join(f"&{name}={value}" for name, value in (("month", month), ("contractor", contractor)) if value)
    return {
        "rows": [_row(each, names) for each in found],
        "total": total,
        "settlements": [_settled(each, names, spent, services.settings.currency) for each in settled],
        "names": names,
        "states": act_states(),
        "state": state,
        "contractor": contractor,
        "month": month,
        "next": found[-1].id if len(found) == _PAGE else None,
        "sees_all_contractors": sees_several(viewer.seen),
        "exports": [(form.value, f"/api/acts/settlements?format={form.value}{query}") for form in EXPORTED],
    }


def act_view(
    services: Services, viewer: Viewer, key: int, done: str = "", filled: Filled | None = None
) -> dict[str, Any]:
    """Raises `NotFound`."""
    desk, worker = services.desk, worker_of(viewer)
    with services.database.connect() as connection:
        act = find_act(connection, key, viewer.seen)
        names = names_seen(connection, viewer.seen)
        files = desk.files.list(connection, act.subject)
        found = settlements(connection, viewer.seen, month=act.month, contractor=act.contractor)
        settled = next((each for each in found if each.currency == act.currency), None)
        view = {
            "lines": [(each, written_units(each.net), written_units(each.vat)) for each in lines_of(connection, key)],
            "story": story_of_act(connection, key, viewer.seen),
        }
    buttons, is_open = act_buttons(), act.state.can_be_changed and may_act(worker, Party.CONTRACTOR)
    return {
        **view,
        "act": act,
        "names": names,
        "amounts": {name: written_units(getattr(act, name)) for name in ("net", "vat", "gross")},
        "settled": settled and _settled(settled, names, {}, act.currency),
        "files": files,
        "lacks_signed": not any(each.purpose == SIGNED for each in files),
        "purposes": purpose_names(),
        "may_change": is_open,
        "buttons": [
            (step, buttons[step], ACT_WAYS[step].says_why)
            for step in act_steps_from(act.state)
            if may_act(worker, ACT_WAYS[step].party)
        ],
        "pay": ActStep.PAY,
        "states": act_states(),
        "steps": step_names(),
        "zone": desk.zone,
        "today": desk.today,
        "done": done_names().get(done, ""),
        "filled": filled or Filled(),
    }


def act_form_view(
    services: Services, viewer: Viewer, key: int | None = None, filled: Filled | None = None
) -> dict[str, Any]:
    """As it is kept, or as it was filled in. Raises `NotFound`."""
    with services.database.connect() as connection:
        act = find_act(connection, key, viewer.seen) if key else None
        names = names_seen(connection, viewer.seen)
        usual = _filled_from(connection, act) if act else _empty(services, names)
        about = _about(connection, viewer, names)
    told = filled or usual
    told.lines = [*told.lines, *({} for _ in range(_EMPTY_LINES))]
    return {
        "act": act,
        "names": names,
        "filled": told,
        "about": about,
        "currency": services.settings.currency,
        "revision": (filled and filled.values.get("revision")) or (act.revision if act else 0),
    }


def _about(connection: Connection, viewer: Viewer, names: Names) -> list[tuple[str, str]]:
    """What a line can be about: briefs and tasks of contractors, the newest first."""
    briefs, _total = list_briefs(connection, viewer.seen, most=_MOST_CHOICES)
    tasks, _total = list_tasks(connection, viewer.seen, TaskFilter(), most=_MOST_CHOICES)
    of_tasks: dict[int, list[tuple[str, str]]] = {}
    for task in tasks:
        if task.contractor:
            told = f"— {task.title} ({names.contractor(task.contractor)})"
            of_tasks.setdefault(task.brief, []).append((f"task-{task.id}", told))
    found: list[tuple[str, str]] = []
    for brief in briefs:
        if brief.contractor and viewer.seen.sees_contractor(brief.contractor):
            told = f"{brief.title}, {brief.month} ({names.contractor(brief.contractor)})"
            found.append((f"brief-{brief.id}", told))
        found += of_tasks.get(brief.id, [])
    return found


def _row(act: Act, names: Names) -> dict[str, Any]:
    amounts = {name: written_units(getattr(act, name)) for name in ("net", "vat", "gross")}
    return {"act": act, "contractor": names.contractor(act.contractor), **amounts}


def _settled(settlement: Settlement, names: Names, spent: Spent, currency: str) -> dict[str, Any]:
    """Widths of bars are in percent of the largest amount of the row."""
    amounts = {name: getattr(settlement, name) for name in ("ordered", "waiting", "accepted", "paid")}
    largest = max(settlement.ordered, settlement.accepted + settlement.waiting, 1)
    cost = spent.get((settlement.contractor, settlement.month)) if settlement.currency == currency else None
    return {
        "settlement": settlement,
        "contractor": names.contractor(settlement.contractor),
        **{name: written_units(units) for name, units in amounts.items()},
        "spent": written_units(None if cost is None else int(cost * 100)),
        "rest": written_units(settlement.rest),
        "is_over": settlement.rest < 0,
        "widths": {name: round(100 * units / largest, 2) for name, units in amounts.items()},
    }


def _empty(services: Services, names: Names) -> Filled:
    today = services.today
    first, last = days_of(month_of(today))
    only = next(iter(names.contractors)) if len(names.contractors) == 1 else ""
    days = {"day": today.isoformat(), "first_day": first.isoformat(), "last_day": last.isoformat()}
    return Filled("act", {**days, "contractor": only})


def _filled_from(connection: Connection, act: Act) -> Filled:
    names = ("number", "invoice", "day", "contractor", "first_day", "last_day", "currency", "comment")
    lines = [
        {
            "what": line.what,
            "about": f"task-{line.task}" if line.task else f"brief-{line.brief}" if line.brief else "",
            "net": f"{amount_of(line.net):f}",
            "vat": f"{amount_of(line.vat):f}",
            "media_item": str(line.media_item or ""),
            "purchase_order": str(line.purchase_order or ""),
        }
        for line in lines_of(connection, act.id)
    ]
    return Filled("act", {name: str(getattr(act, name)) for name in names}, lines=lines)
