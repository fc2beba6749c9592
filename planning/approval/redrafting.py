"""From a version that was sent back to the next draft, with those of the proposed numbers that its author chooses."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from attribution.visibility import EVERYTHING, Visibility
from infra.clock import Clock
from infra.errors import Conflict, InvalidInput
from planning.approval.approvals import Approval, ProposedNumber, approvals_of
from planning.editing import Cell, Editor
from planning.plans import Plans, PlanVersion, State


@dataclass(frozen=True, slots=True)
class Proposal:
    """One proposed number. `place` counts from 0 within its approval."""

    approval: Approval
    place: int
    number: ProposedNumber

    @property
    def id(self) -> str:
        return f"{self.approval.id}.{self.place}"


def proposals_for(connection: Connection, version: int) -> Sequence[Proposal]:
    """What was proposed for it, by approval; in dealers' order of stages, so that a later one stands behind."""
    return [
        Proposal(approval, place, number)
        for approval in approvals_of(connection, version)
        for place, number in enumerate(approval.proposed)
    ]


class Redrafting:
    """Safe to repeat: whoever is interrupted finds the draft, and can apply the numbers again."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._plans = Plans(engine, clock)
        self._editor = Editor(engine, clock)

    def redraft(
        self, version: int, chosen: Collection[str], *, author: str, why: str = "", seen: Visibility = EVERYTHING
    ) -> PlanVersion:
        """The draft that follows the version, made where there is none, with the chosen proposals in it.

        Raises `NotFound`, `Conflict` for a version that was not sent back, or has a later one, and `InvalidInput`.
        """
        source = self._plans.version(version)
        if source.state not in (State.RETURNED, State.WITHDRAWN):
            raise Conflict(
                f"Version {source.number} is {source.state}.",
                where="version",
                help="A new draft is made from one that was sent back or withdrawn.",
            )
        cells = self._chosen(version, chosen)
        draft = self._draft_of(source, author, why)
        if cells:
            told = f"Proposed for version {source.number}."
            self._editor.put(draft.id, cells, author=author, why=told, kind="proposed", seen=seen)
        return self._plans.version(draft.id)

    def _chosen(self, version: int, chosen: Collection[str]) -> list[Cell]:
        """Of two proposals for the same cell, that of the later stage."""
        with self._engine.connect() as connection:
            known = {proposal.id: proposal for proposal in proposals_for(connection, version)}
        if missing := next((each for each in chosen if each not in known), ""):
            raise InvalidInput(
                f"Nobody proposed {missing!r} for this version.", where="apply", help="Choose among its proposals."
            )
        cells = {
            (each.number.key, each.number.month): each.number.value for each in known.values() if each.id in chosen
        }
        return [Cell(key, month, value) for (key, month), value in cells.items()]

    def _draft_of(self, source: PlanVersion, author: str, why: str) -> PlanVersion:
        newest = self._plans.versions(source.plan)[0]
        if newest.is_open and newest.based_on == source.id:
            return newest
        return self._plans.new_version(source.plan, author=author, why=why or source.why, based_on=source.id)
