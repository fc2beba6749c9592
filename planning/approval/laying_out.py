"""Which approvals a submitted version needs: a stage's for each dealer, brand or holding whose numbers are in it.

Law: an agreement is carried over from the version that this one was made from only where the stage asks the same
people, and the numbers of all its dealers are the same in both.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from infra.errors import InvalidInput
from planning.approval.approvals import Approval
from planning.approval.deadlines import planned_deadline
from planning.approval.figures import Lines, planned
from planning.approval.process import Limit, Per, Stage
from planning.approval.states import ApprovalState
from planning.dimensions import Network
from planning.measures import PLANNED
from planning.plans import Plan


@dataclass(frozen=True)
class Earlier:
    """The version that this one was made from, where it was submitted and did not come through.

    `changed` are dealers whose numbers are other than in it.
    """

    number: int
    approvals: Sequence[Approval]
    changed: frozenset[str]

    def agreed(self, approval: Approval) -> Approval | None:
        """The same approval, where it was agreed to and still holds."""
        if self.changed & approval.dealers:
            return None
        for each in self.approvals:
            same = (each.stage, each.per, each.scope) == (approval.stage, approval.per, approval.scope)
            asks_the_same = (each.role, each.people, each.dealers) == (approval.role, approval.people, approval.dealers)
            if same and asks_the_same and each.state is ApprovalState.AGREED:
                return each
        return None


def lay_out(
    version: int,
    plan: Plan,
    stages: Sequence[Stage],
    network: Network,
    lines: Mapping[str, Lines],
    about: Collection[str],
    earlier: Earlier | None,
    today: date,
) -> list[Approval]:
    """`about` are the dealers who have to be asked. None is open yet. Raises `InvalidInput` for mixed currencies.

    Of deadlines that are over by `today`, those count that stages have once they open.
    """
    found = []
    for place, stage in enumerate(stages):
        if stage.only_above:
            _check_currency(stage, stage.only_above, plan)
        for scope, dealers in _scopes(stage.per, network, about):
            planned = planned_deadline(stage, plan)
            due_on = planned if planned and planned > today else None
            approval = _waiting(version, stage, place, scope, dealers, due_on)
            found.append(_settled(approval, stage, plan, lines, earlier))
    return found


def _scopes(per: Per, network: Network, about: Collection[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Of each approval, what it is of and whose numbers it is about."""
    places = [place for place in network.dealers if place.id in about]
    if per is Per.ONCE:
        yield "", frozenset(about)
    elif per is Per.DEALER:
        yield from ((place.id, frozenset({place.id})) for place in places)
    elif per is Per.BRAND:  # a dealer without a brand has nobody to ask
        for brand in dict.fromkeys(place.brand for place in places if place.brand):
            yield brand, frozenset(place.id for place in places if place.brand == brand)
    else:
        for holding in dict.fromkeys(place.holding for place in places):
            yield holding, frozenset(place.id for place in places if place.holding == holding)


def _waiting(
    version: int, stage: Stage, place: int, scope: str, dealers: frozenset[str], due_on: date | None
) -> Approval:
    return Approval(
        id=0,
        version=version,
        stage=stage.id,
        place=place,
        per=stage.per,
        scope=scope,
        dealers=dealers,
        role=stage.role,
        people=stage.people,
        state=ApprovalState.WAITING,
        due_on=due_on,
        opened_at=None,
        decided_at=None,
        decided_by="",
        decided_for="",
        comment="",
        proposed=(),
        carried_over=False,
        revision=1,
    )


def _settled(
    approval: Approval, stage: Stage, plan: Plan, lines: Mapping[str, Lines], earlier: Earlier | None
) -> Approval:
    """Skipped, or agreed to before; else as it is."""
    limit = stage.only_above
    if limit is not None:
        measure = PLANNED[limit.measure]
        amount = planned(lines, approval.dealers, limit.measure)
        if amount <= measure.kept(limit.amount):
            unit = f" {plan.currency}" if measure.is_money else ""
            why = f"{measure.title} of {measure.shown(amount):,}{unit} does not exceed {limit.amount:,}{unit}."
            return replace(approval, state=ApprovalState.SKIPPED, comment=why)
    before = earlier.agreed(approval) if earlier else None
    if earlier is None or before is None:
        return approval
    return replace(
        approval,
        state=ApprovalState.AGREED,
        decided_at=before.decided_at,
        decided_by=before.decided_by,
        decided_for=before.decided_for,
        comment=before.comment,
        carried_over=True,
    )


def _check_currency(stage: Stage, limit: Limit, plan: Plan) -> None:
    if limit.currency and PLANNED[limit.measure].is_money and limit.currency != plan.currency:
        raise InvalidInput(
            f"The limit of the stage «{stage.title}» is in {limit.currency}, and the plan in {plan.currency}.",
            where="only_above.currency",
            help="Write the limit in the plan's currency on the page of the process, or leave its currency out.",
        )
