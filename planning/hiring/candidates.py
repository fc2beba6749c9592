"""The register of candidates: who offers to work, for which channel, and what they claim to bring."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, func, insert, select, update

from infra.audit import note_change
from infra.clock import Clock
from infra.currency import known_currency
from infra.errors import Conflict, InvalidInput, NotFound
from planning.hiring.tables import hiring_candidates
from planning.money import told_amount

_MOST_MONTHS, _MOST_ROMI = 120, 1000.0


class CandidateState(StrEnum):
    CONSIDERED = "considered"
    ON_TRIAL = "on_trial"
    HIRED = "hired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ToldCandidate:
    """`claimed_budget` is a month's, in minor units; ROMI is a fraction, 1.5 being 150 %, of `claimed_months` months.

    `weight` is how far the claim is believed, from 0 to 1; None lets it be derived.
    """

    name: str
    channel: str
    claimed_budget: int
    currency: str
    claimed_romi: float
    claimed_months: int = 3
    weight: float | None = None
    starts_on: date | None = None
    state: CandidateState = CandidateState.CONSIDERED
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    revision: int
    changed_by: str
    told: ToldCandidate

    def as_dict(self) -> dict[str, Any]:
        found = {name: getattr(self.told, name) for name in ToldCandidate.__slots__}
        starts = self.told.starts_on
        return found | {
            "id": self.id,
            "claimed_budget": told_amount(self.told.claimed_budget),
            "starts_on": starts.isoformat() if starts else None,
            "state": self.told.state.value,
            "revision": self.revision,
            "changed_by": self.changed_by,
        }


def known_candidates(engine: Engine) -> list[Candidate]:
    """In the order of channels, the newest first."""
    its = hiring_candidates.c
    with engine.connect() as connection:
        rows = connection.execute(select(hiring_candidates).order_by(its.channel, its.id.desc()))
        return [_candidate(row) for row in rows]


def find_candidate(connection: Connection, key: int) -> Candidate:
    """Raises `NotFound`."""
    row = connection.execute(select(hiring_candidates).where(hiring_candidates.c.id == key)).one_or_none()
    if row is None:
        raise NotFound(f"There is no candidate {key}.", where="key", help="The hiring sheet lists all of them.")
    return _candidate(row)


def add_candidate(engine: Engine, clock: Clock, told: ToldCandidate, *, currency: str, author: str) -> Candidate:
    """`currency` is the account's, the only one whose claims can be compared. Raises `InvalidInput`."""
    checked = _checked(told, currency)
    with engine.begin() as connection:
        key = (connection.scalar(select(func.max(hiring_candidates.c.id))) or 0) + 1
        connection.execute(insert(hiring_candidates).values(id=key, revision=1, **_row(checked, clock, author)))
        found = find_candidate(connection, key)
        note_change(connection, clock, who=author, what=f"candidate {told.name}", after=_text(found))
    return found


def change_candidate(
    engine: Engine, clock: Clock, key: int, told: ToldCandidate, *, based_on: int, currency: str, author: str
) -> Candidate:
    """Raises `InvalidInput`, `NotFound`, and `Conflict` where it was changed since that revision."""
    checked, its = _checked(told, currency), hiring_candidates.c
    with engine.begin() as connection:
        before = find_candidate(connection, key)
        change = update(hiring_candidates).where(its.id == key, its.revision == based_on)
        values = _row(checked, clock, author) | {"revision": based_on + 1}
        if connection.execute(change.values(**values)).rowcount == 0:
            raise Conflict(
                f"{before.changed_by} has changed {before.told.name} meanwhile.",
                where="based_on",
                help="Load the page again, and change what is there now.",
            )
        found = find_candidate(connection, key)
        what = f"candidate {told.name}"
        note_change(connection, clock, who=author, what=what, before=_text(before), after=_text(found))
    return found


def _checked(told: ToldCandidate, currency: str) -> ToldCandidate:
    for name in ("name", "channel"):
        if not getattr(told, name).strip():
            raise InvalidInput(f"The candidate's {name} is missing.", where=name, help="Fill it in, and send it again.")
    try:
        code = known_currency(told.currency or currency)
    except ValueError as error:
        raise InvalidInput(
            f"The currency is not known: {error}.", where="currency", help=f"Write {currency}."
        ) from None
    if code != currency:
        raise InvalidInput(
            f"The claim is in {code}, and everything it stands beside in {currency}.",
            where="currency",
            help=f"Turn the claimed budget into {currency} first.",
        )
    for name, value, least, most in (
        ("claimed_budget", told.claimed_budget, 1, 10**15),
        ("claimed_romi", told.claimed_romi, -1.0, _MOST_ROMI),
        ("claimed_months", told.claimed_months, 1, _MOST_MONTHS),
        ("weight", told.weight or 0.0, 0.0, 1.0),
    ):
        if not least <= value <= most:
            raise InvalidInput(
                f"{name} of {told.name} is out of bounds.",
                where=name,
                help=f"Write a number from {least / 100 if name == 'claimed_budget' else least:g} to {most:g}.",
            )
    return ToldCandidate(**{name: getattr(told, name) for name in told.__slots__} | {"currency": code})


def _row(told: ToldCandidate, clock: Clock, author: str) -> dict[str, Any]:
    found = {name: getattr(told, name) for name in told.__slots__} | {"state": told.state.value}
    return found | {"changed_at": clock.now(), "changed_by": author}


def _candidate(row: Any) -> Candidate:
    told = {name: getattr(row, name) for name in ToldCandidate.__slots__} | {"state": CandidateState(row.state)}
    return Candidate(row.id, row.revision, row.changed_by, ToldCandidate(**told))


def _text(candidate: Candidate) -> str:
    return orjson.dumps(candidate.as_dict()).decode()
