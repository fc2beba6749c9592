"""What the page shows on which the next draft is made: what was proposed, by whom, cell by cell."""

from datetime import date
from typing import Any

from api.approval_words import decided_words
from api.bootstrap import Services
from api.dates import dated
from api.numbers import written_in
from api.plan_view import state_names
from api.planning_people import person_asking
from api.viewer import Viewer
from planning.approval.approvals import approvals_of
from planning.approval.inbox import scope_name
from planning.approval.redrafting import proposals_for
from planning.approval.states import ApprovalState
from planning.dimensions import known_network
from planning.directions import directions_in
from planning.measures import PLANNED


def redraft_view(services: Services, viewer: Viewer, plan: int, number: int) -> dict[str, Any]:
    """Raises `NotFound`."""
    version = services.plans.version_of(plan, number)
    found_plan = services.plans.get(plan)
    actor = services.approvals.actor(person_asking(services, viewer))
    with services.database.connect() as connection:
        network = known_network(connection)
        directions = {each.id: each.name for each in directions_in(connection)}
        found = [each for each in proposals_for(connection, version.id) if actor.reads(each.approval)]
        returned = [
            each
            for each in approvals_of(connection, version.id)
            if each.state is ApprovalState.RETURNED and actor.reads(each)
        ]
    rows = []
    for each in found:
        key, measure = each.number.key, PLANNED[each.number.key.measure]
        dealer = network.by_id.get(key.dealer)
        line = [directions.get(key.direction, key.direction), key.channel, key.contractor]
        rows.append(
            {
                "id": each.id,
                "dealer": dealer.shown_name if dealer else key.dealer,
                "measure": measure.title,
                "line": ", ".join(filter(None, line)),
                "month": dated(date(found_plan.year, each.number.month, 1), "LLLL"),
                "was": written_in(measure.unit, measure.shown(each.number.was)),
                "value": written_in(measure.unit, measure.shown(each.number.value)),
                "by": decided_words(each.approval),
            }
        )
    comments = [(decided_words(each), scope_name(each, network), each.comment) for each in returned]
    return {
        "plan": found_plan,
        "version": version,
        "state": state_names()[version.state],
        "proposals": rows,
        "comments": comments,
    }
