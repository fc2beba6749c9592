"""What the pages of data health show, one function a page."""

from collections import defaultdict
from typing import Any

from api.bootstrap import Services
from api.concerns import report_on
from api.forwarding_view import forward_row, target_rows
from api.health_view import ShownTable, shown_table
from api.language import gettext as _
from api.numbers import written_in
from api.routes.notices import read_states
from api.viewer import Viewer
from attribution.anomalies.notices import Notice
from attribution.answer import Answer, Period
from attribution.cost_matching import MatchState, cost_matching
from attribution.measures import Unit
from attribution.noise.report import NoiseQuestion, noise_examples, noise_report
from attribution.noise.rules import Action
from attribution.outbound.ledger import count_handovers
from attribution.rates import list_rates, missing_rates
from attribution.runs import newest_run
from attribution.same_campaigns import list_same
from infra.access.rights import Right
from infra.errors import NotReady

_LEADS = 50


def report_view(answer: Answer, period: Period) -> dict[str, Any]:
    """A page that is one report."""
    return _days(period) | {"table": shown_table(answer), "about": answer.about, "report": answer.subject}


def noise_view(services: Services, period: Period, reason: str) -> dict[str, Any]:
    """Noise by rule; with a reason, its newest examples as well."""
    timezone = services.settings.timezone
    answer = noise_report(services.warehouse, NoiseQuestion("reason", period), timezone)
    actions = {each["reason"]: each["action"] for each in answer.about["rules"]["items"]}
    examples = noise_examples(services.warehouse, period, timezone, reason, 25) if reason else None
    return _days(period) | {
        "table": shown_table(answer),
        "report": "noise",
        "does": {name: action == Action.EXCLUDE for name, action in actions.items()},
        "reason": reason,
        "examples": shown_table(examples) if examples else None,
    }


def matching_view(services: Services, viewer: Viewer, period: Period, done: str) -> dict[str, Any]:
    answer = cost_matching(services.warehouse, period)
    return _days(period) | {
        "cost_alone": _of_state(answer, MatchState.COST_ALONE),
        "touches_alone": _of_state(answer, MatchState.TOUCHES_ALONE),
        "matched": _of_state(answer, MatchState.MATCHED),
        "by_rule": [
            each | {"cost": written_in(Unit.MONEY, each["cost"]), "share": written_in(Unit.SHARE, each["share"])}
            for each in answer.about["by_rule"]
        ],
        "same": list_same(services.database),
        "report": answer.subject,
        "said": {
            "joined": _("They belong together from the next run on, which is asked for by itself."),
            "parted": _("The rules match that spend again, from the next run on."),
        }.get(done, ""),
        "may_change": viewer.may(Right.RULES),
    }


def rates_view(services: Services, viewer: Viewer, done: str) -> dict[str, Any]:
    found, total = list_rates(services.database)
    return {
        "missing": _missing(services),
        "rates": found[:200],
        "total": total,
        "currency": services.settings.currency,
        "today": services.today.isoformat(),
        "said": {
            "set": _("The rate is set. A new run is asked for by itself: its money is in reports when that ends.")
        }.get(done, ""),
        "may_change": viewer.may(Right.RULES),
    }


def notices_view(services: Services, viewer: Viewer, state: str) -> dict[str, Any]:
    states = read_states(state)
    return {
        "notices": [_notice(each) for each in services.notices.all(states, seen=viewer.seen)],
        "state": ",".join(states),
        "zone": services.settings.zone,
        "may_change": viewer.may(Right.RULES),
        "currency": services.settings.currency,
    }


def handover_view(services: Services) -> dict[str, Any]:
    counts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in count_handovers(services.database):
        counts[each.destination].append(
            {"kind": each.kind, "state": each.state, "reason": each.reason, "count": each.count}
        )
    stuck = [
        forward_row(each)
        for state in ("failed", "uncertain")
        for each in services.forward_ledger.find(state=state, most=_LEADS)
    ]
    return {
        "targets": target_rows(services),
        "stuck": stuck,
        "destinations": [
            {"id": each.id, "system": each.system, "error": each.error, "counts": counts[each.id]}
            for each in services.destinations.states()
        ],
        "zone": services.settings.zone,
        "now": services.clock.now(),
    }


def _days(period: Period) -> dict[str, str]:
    return {"first": period.first_day.isoformat(), "last": period.last_day.isoformat()}


def _of_state(answer: Answer, state: MatchState) -> ShownTable:
    rows = answer.rows[answer.rows["state"] == state.value]
    part = Answer(answer.subject, answer.run, answer.names, answer.figures, rows, answer.asked)
    return shown_table(part)


def _missing(services: Services) -> list[dict[str, Any]]:
    try:
        found = missing_rates(services.warehouse, newest_run(services.warehouse))
    except NotReady:
        return []
    return [each.as_dict() | {"written": written_in(Unit.MONEY, float(each.amount))} for each in found]


def _notice(notice: Notice) -> dict[str, Any]:
    unit = Unit.MONEY if notice.kind.startswith("spend") else Unit.COUNT
    return {
        "notice": notice,
        "observed": written_in(unit, notice.observed),
        "expected": written_in(unit, notice.expected),
        "money": "" if notice.money is None else written_in(Unit.MONEY, float(notice.money)),
        "report": "/sources" if notice.subject_kind == "source" else report_on(notice),
    }
