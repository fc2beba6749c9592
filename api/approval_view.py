"""What the page of one approval shows: what is asked, the numbers it is about, and who says what so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import orjson

from api.approval_words import decided_words, due_words, state_words
from api.bootstrap import Services
from api.dates import dated
from api.language import gettext as _
from api.markdown import as_html
from api.numbers import written_in
from api.planning_people import person_asking
from api.told import told
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import InvalidInput
from planning.approval.approvals import ProposedNumber
from planning.approval.inbox import scope_name
from planning.approval.office import Found
from planning.approval.states import ApprovalState
from planning.dimensions import Network, known_network
from planning.directions import directions_in
from planning.grid import Grid, LineKey
from planning.lines import read_lines
from planning.measures import PLANNED, planned_measure
from planning.plans import Plan, State


@dataclass(frozen=True)
class ApprovalPage:
    """Everything that the page reads, once."""

    found: Found
    plan: Plan
    network: Network
    directions: Mapping[str, str]
    grid: Grid


def read_page(services: Services, viewer: Viewer, key: int) -> ApprovalPage:
    """Raises `NotFound`."""
    found = services.approvals.find(key, person=person_asking(services, viewer))
    plan = services.plans.get(found.version.plan)
    dealers = sorted(found.actor.dealers_of(found.approval))
    with services.database.connect() as connection:
        network = known_network(connection)
        directions = {each.id: each.name for each in directions_in(connection)}
        grid = read_lines(connection, found.version.id, dealers=dealers)
    return ApprovalPage(found, plan, network, directions, grid)


def approval_view(services: Services, viewer: Viewer, page: ApprovalPage, dealer: str = "") -> dict[str, Any]:
    """With the lines of a dealer, where the approval is of one or one is chosen; else what each dealer has."""
    approval, stage = page.found.approval, page.found.submission.stage(page.found.approval.stage)
    dealers = [place for place in page.network.dealers if place.id in page.found.actor.dealers_of(approval)]
    chosen = dealer if any(place.id == dealer for place in dealers) else dealers[0].id if len(dealers) == 1 else ""
    under_way = page.found.version.state is State.SUBMITTED
    decides = viewer.session is not None and viewer.may(Right.PLANS) and page.found.actor.acts_for(approval) is not None
    leads = viewer.session is not None and page.found.actor.person.leads
    return {
        "plan": page.plan,
        "version": page.found.version,
        "approval": approval,
        "stage": stage,
        "scope": scope_name(approval, page.network),
        "instruction": as_html(told(stage.instruction)) if stage.instruction else "",
        "state": state_words()[approval.state],
        "due": due_words(approval, services.today),
        "is_late": approval.days_late(services.today) > 0,
        "decided": decided_words(approval),
        "decided_at": approval.decided_at.astimezone(services.settings.zone) if approval.decided_at else None,
        "comment": approval.comment if page.found.actor.reads(approval) else "",
        "proposed": _proposed(page) if page.found.actor.reads(approval) else [],
        "can_decide": decides and under_way and approval.state is ApprovalState.OPEN,
        "can_ask_again": under_way and leads and approval.state is ApprovalState.RETURNED,
        "for_whom": page.found.actor.acts_for(approval) or "",
        "dealers": dealers,
        "chosen": chosen,
        "months": [(month, dated(date(page.plan.year, month, 1), "LLL")) for month in page.plan.months],
        "lines": _lines(page, chosen) if chosen else [],
        "sums": [] if chosen else _sums(page, [place.id for place in dealers]),
    }


def read_proposals(page: ApprovalPage, told: Mapping[str, str], keys: list[str]) -> list[ProposedNumber]:
    """Numbers of a form that are other than those of the version. Raises `InvalidInput`."""
    found = []
    for row, written in enumerate(keys):
        key = _read_key(written)
        measure, place = planned_measure(key.measure), page.grid.places.get(key)
        if place is None:
            continue
        for month in page.plan.months:
            text = _plain(told.get(f"n|{row}|{month}", ""))
            was = int(page.grid.values[place, month - 1])
            if text and measure.kept(text) != was:
                found.append(ProposedNumber(key, month, measure.kept(text), was))
    return found


def _read_key(written: str) -> LineKey:
    """Of a hidden field that we filled. Raises `InvalidInput` where it holds anything else."""
    try:
        parts = orjson.loads(written)
    except orjson.JSONDecodeError:
        parts = None
    is_list = isinstance(parts, list) and len(parts) == len(LineKey._fields)
    if not is_list or not all(isinstance(each, str) for each in parts):
        raise InvalidInput("The form names a line that cannot be.", where="key", help="Load the page again.")
    return LineKey(*parts)


def _plain(text: str) -> str:
    """As people write numbers: with blanks between thousands, and a comma before decimals."""
    return "".join(text.split()).replace(",", ".")


def _lines(page: ApprovalPage, dealer: str) -> list[dict[str, Any]]:
    found = []
    for place, key in enumerate(page.grid.keys):
        values = page.grid.values[place]
        if key.dealer != dealer or not values.any():
            continue
        measure = PLANNED[key.measure]
        found.append(
            {
                "key": orjson.dumps(list(key)).decode(),
                "measure": measure,
                "name": _line_name(page, key),
                "values": [measure.shown(int(values[month - 1])) for month in page.plan.months],
                "whole": written_in(measure.unit, measure.shown(int(values.sum()))),
            }
        )
    order = list(PLANNED)
    return sorted(found, key=lambda line: (order.index(line["measure"].slug), line["name"]))


def _line_name(page: ApprovalPage, key: LineKey) -> str:
    parts = [page.directions.get(key.direction, key.direction), key.channel, key.contractor]
    return ", ".join(filter(None, parts)) or _("in all")


def _sums(page: ApprovalPage, dealers: list[str]) -> list[dict[str, Any]]:
    """Of each measure, what each dealer has in all."""
    owners = np.array([key.dealer for key in page.grid.keys])
    measures = np.array([key.measure for key in page.grid.keys])
    whole = page.grid.values.sum(axis=1) if len(page.grid.keys) else np.zeros(0, dtype=np.int64)
    found = []
    for slug, measure in PLANNED.items():
        of_measure = measures == slug
        if not of_measure.any():
            continue
        amounts = [int(whole[of_measure & (owners == dealer)].sum()) for dealer in dealers]
        written = [written_in(measure.unit, measure.shown(amount)) for amount in amounts]
        total = written_in(measure.unit, measure.shown(sum(amounts)))
        found.append({"measure": measure, "amounts": written, "total": total})
    return found


def _proposed(page: ApprovalPage) -> list[dict[str, Any]]:
    found = []
    for place, number in enumerate(page.found.approval.proposed):
        measure = PLANNED[number.key.measure]
        dealer = page.network.by_id.get(number.key.dealer)
        found.append(
            {
                "id": f"{page.found.approval.id}.{place}",
                "dealer": dealer.shown_name if dealer else number.key.dealer,
                "measure": measure.title,
                "line": _line_name(page, number.key),
                "month": dated(date(page.plan.year, number.month, 1), "LLLL"),
                "was": written_in(measure.unit, measure.shown(number.was)),
                "value": written_in(measure.unit, measure.shown(number.value)),
            }
        )
    return found
