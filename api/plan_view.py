"""What the pages of plans show."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.numbers import written_in
from api.plan_facts import of_year
from api.viewer import Viewer
from attribution.answer import Answer
from attribution.visibility import Visibility
from infra.access.rights import Right
from infra.errors import InvalidInput
from planning.comparing import Difference, compare
from planning.dimensions import Network, known_network
from planning.directions import directions_in
from planning.facts import last_whole_month
from planning.lines import read_lines
from planning.measures import PLANNED, planned_measure
from planning.plan_fact import PlanFact, plan_fact
from planning.plans import Plan, PlanVersion, State
from planning.rolled import check_levels


def state_names() -> dict[State, str]:
    return {
        State.DRAFT: _("draft"),
        State.SUBMITTED: _("waits for approval"),
        State.RETURNED: _("sent back"),
        State.WITHDRAWN: _("withdrawn"),
        State.APPROVED: _("approved"),
        State.SUPERSEDED: _("superseded"),
    }


def chosen_version(
    services: Services, plan: int, number: int | None
) -> tuple[Plan, Sequence[PlanVersion], PlanVersion]:
    """The plan, its versions, and the one asked for, the newest unless said. Raises `NotFound`."""
    found = services.plans.get(plan)
    versions = services.plans.versions(plan)
    version = services.plans.version_of(plan, number) if number else versions[0]
    return found, versions, version


def plans_view(services: Services, viewer: Viewer) -> dict[str, Any]:
    """Every plan, with its newest version and what it sums up to."""
    items = []
    for plan in services.plans.all():
        versions = services.plans.versions(plan.id)
        sums = _sums(services, versions[0], viewer.seen)
        items.append(
            {
                "plan": plan,
                "version": versions[0],
                "state": state_names()[versions[0].state],
                "sums": [(planned_measure(slug).title, written_sum(slug, value)) for slug, value in sums.items()],
            }
        )
    return {
        "items": items,
        "may_create": viewer.may(Right.RULES),
        "currency": services.settings.currency,
        "next_year": services.today.year + 1,
        "sources": [(version.id, f"{plan.name}, {version.number}") for plan, version in _sources(services)],
        "zone": services.settings.zone,
        "month_day": lambda month: date(2000, month, 1),
    }


def _sources(services: Services) -> list[tuple[Plan, PlanVersion]]:
    """From which a new plan can begin: the newest version of each."""
    return [(plan, services.plans.versions(plan.id)[0]) for plan in services.plans.all()]


def written_sum(slug: str, value: int) -> str:
    """Of smallest units."""
    measure = planned_measure(slug)
    return written_in(measure.unit, measure.shown(value))


def _sums(services: Services, version: PlanVersion, seen: Visibility) -> dict[str, int]:
    with services.database.connect() as connection:
        lines = read_lines(connection, version.id, seen=seen)
    sums: dict[str, int] = {}
    for key, value in zip(lines.keys, lines.values.sum(axis=1).tolist(), strict=True):
        sums[key.measure] = sums.get(key.measure, 0) + value
    return sums


def fact_answer(
    services: Services,
    seen: Visibility,
    plan: int,
    number: int | None,
    by: tuple[str, ...],
    measures: tuple[str, ...],
    upto: int | None,
) -> Answer:
    """Plan against fact; up to the last month that is over unless said. Raises `InvalidInput` and `NotFound`."""
    check_levels([name for name in by if name != "month"])
    if not by or not measures:
        raise InvalidInput("A report has a level and a measure.", where="by", help="Ask for by=dealer&measures=sales.")
    for slug in measures:
        planned_measure(slug)
    found, _versions, version = chosen_version(services, plan, number)
    facts = of_year(services, found.year, seen, by_channel="channel" in by)
    with services.database.connect() as connection:
        lines = read_lines(connection, version.id, seen=seen)
        network = known_network(connection, seen)
    last = last_whole_month(found.year, services.today) if upto is None else upto
    return plan_fact(found, version, lines, facts, network, PlanFact(by, measures, last))


def address_of(plan: int, **asked: object) -> str:
    """Of a plan's page; what is empty is left out."""
    told = {name: str(value) for name, value in asked.items() if value not in ("", None)}
    return f"/plans/{plan}" + (f"?{urlencode(told)}" if told else "")


_MOST_SHOWN = 500


def compared_view(
    services: Services, viewer: Viewer, plan: int, earlier: int | None, later: int | None, measure: str
) -> dict[str, Any]:
    """The newest version beside the one before it, unless said. Raises `InvalidInput` and `NotFound`."""
    found, versions, newest = chosen_version(services, plan, later)
    before = services.plans.version_of(plan, earlier) if earlier else _one_before(versions, newest)
    with services.database.connect() as connection:
        network = known_network(connection, viewer.seen)
        names = {each.id: each.name for each in directions_in(connection)}
        differing = compare(connection, before.id, newest.id, measure=measure, seen=viewer.seen)
    return {
        "plan": found,
        "versions": versions,
        "before": before,
        "after": newest,
        "states": state_names(),
        "measures": list(PLANNED.values()),
        "measure": measure,
        "sums": _summed(differing),
        "rows": [_shown(each, network, names, found) for each in differing[:_MOST_SHOWN]],
        "more": max(len(differing) - _MOST_SHOWN, 0),
        "export": f"/api/plans/{plan}/compare?from={before.number}&to={newest.number}",
        "zone": services.settings.zone,
    }


def _one_before(versions: Sequence[PlanVersion], version: PlanVersion) -> PlanVersion:
    """The version itself where it is the first."""
    based_on = next((each for each in versions if each.id == version.based_on), None)
    return based_on or next((each for each in versions if each.number < version.number), version)


def _summed(differing: Sequence[Difference]) -> list[dict[str, Any]]:
    """By measure: how many cells differ, and by how much in all."""
    found: dict[str, list[Difference]] = {}
    for each in differing:
        found.setdefault(each.key.measure, []).append(each)
    return [
        {
            "title": planned_measure(slug).title,
            "cells": len(cells),
            "difference": signed(slug, sum(each.after - each.before for each in cells)),
        }
        for slug, cells in found.items()
    ]


def _shown(each: Difference, network: Network, names: Mapping[str, str], plan: Plan) -> dict[str, Any]:
    dealer = network.by_id.get(each.key.dealer)
    return {
        "measure": planned_measure(each.key.measure).title,
        "dealer": dealer.shown_name if dealer else each.key.dealer,
        "line": " · ".join(
            filter(None, (names.get(each.key.direction, each.key.direction), each.key.channel, each.key.contractor))
        ),
        "month": dated(date(plan.year, each.month, 1), "LLL"),
        "before": written_sum(each.key.measure, each.before),
        "after": written_sum(each.key.measure, each.after),
        "difference": signed(each.key.measure, each.after - each.before),
        "is_more": each.after > each.before,
        "who": each.who,
        "at": each.at,
        "why": each.why,
    }


def signed(slug: str, value: int) -> str:
    """Of smallest units, with its sign."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{written_sum(slug, abs(value))}"
