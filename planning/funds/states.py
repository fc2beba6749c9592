"""How an activity goes from a dealer's wish to the payer's money: which act leads from where to where, and who acts."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from infra.errors import InvalidInput


class State(StrEnum):
    ASKED = "asked"
    RETURNED = "returned"
    REFUSED = "refused"
    APPROVED = "approved"
    CLAIMED = "claimed"
    CLAIM_RETURNED = "claim_returned"
    CLAIM_REFUSED = "claim_refused"
    SETTLED = "settled"
    PAID = "paid"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"

    @property
    def is_over(self) -> bool:
        return not any(self in way.sources for way in WAYS)


class Act(StrEnum):
    ASK = "ask"
    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"
    CANCEL = "cancel"
    EXTEND = "extend"
    CLAIM = "claim"
    RETURN_CLAIM = "return_claim"
    REFUSE_CLAIM = "refuse_claim"
    SETTLE = "settle"
    PAY = "pay"
    LAPSE = "lapse"


class Party(StrEnum):
    DEALER = "dealer"
    """Whoever works on plans of the dealer."""
    PAYER = "payer"
    """Whoever decides for the importer or the holding that pays."""
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class Way:
    """`target` is None where the state stays. `says_why` is whether a comment is needed."""

    act: Act
    sources: tuple[State, ...]
    target: State | None
    party: Party
    says_why: bool = False


_RUNNING = (State.APPROVED, State.CLAIM_RETURNED)

WAYS: tuple[Way, ...] = (
    Way(Act.ASK, (State.ASKED, State.RETURNED), State.ASKED, Party.DEALER),
    Way(Act.APPROVE, (State.ASKED,), State.APPROVED, Party.PAYER),
    Way(Act.RETURN, (State.ASKED,), State.RETURNED, Party.PAYER, says_why=True),
    Way(Act.REFUSE, (State.ASKED,), State.REFUSED, Party.PAYER, says_why=True),
    Way(Act.EXTEND, _RUNNING, None, Party.PAYER, says_why=True),
    Way(Act.CLAIM, _RUNNING, State.CLAIMED, Party.DEALER),
    Way(Act.SETTLE, (State.CLAIMED,), State.SETTLED, Party.PAYER),
    Way(Act.RETURN_CLAIM, (State.CLAIMED,), State.CLAIM_RETURNED, Party.PAYER, says_why=True),
    Way(Act.REFUSE_CLAIM, (State.CLAIMED,), State.CLAIM_REFUSED, Party.PAYER, says_why=True),
    Way(Act.PAY, (State.SETTLED,), State.PAID, Party.PAYER),
    Way(Act.LAPSE, _RUNNING, State.LAPSED, Party.PAYER, says_why=True),
    Way(Act.CANCEL, (State.ASKED, State.RETURNED, *_RUNNING), State.CANCELLED, Party.EITHER, says_why=True),
)
_WAY_OF = {way.act: way for way in WAYS}

_INSTEAD = {
    State.ASKED: "Wait until the payer has decided, or cancel it.",
    State.RETURNED: "Let the dealer answer the comment and ask again, or cancel it.",
    State.REFUSED: "Ask for another activity: a refused one stays refused.",
    State.APPROVED: "Let it run, and claim it by its deadline; or cancel it.",
    State.CLAIMED: "Let the payer check the claim: settle it, send it back, or refuse it.",
    State.CLAIM_RETURNED: "Let the dealer add what is missing, and claim again by the deadline.",
    State.CLAIM_REFUSED: "Ask for another activity: nothing is reserved for this one any more.",
    State.SETTLED: "Pay it: the claim is decided.",
    State.PAID: "Nothing is left to do: it is paid.",
    State.CANCELLED: "Ask for another activity: a cancelled one stays cancelled.",
    State.LAPSED: "Ask for another activity: nothing is reserved for this one any more.",
}


def way_of(act: Act) -> Way:
    return _WAY_OF[act]


def ways_from(state: State) -> Iterator[Way]:
    return (way for way in WAYS if state in way.sources)


def check_way(state: State, act: Act, comment: str) -> Way:
    """Raises `InvalidInput` where the act does not lead on from the state, or leaves its reason unsaid."""
    way = way_of(act)
    if state not in way.sources:
        acted, stands = act.value.replace("_", " "), state.value.replace("_", " ")
        raise InvalidInput(f"An activity that is {stands} has no step “{acted}”.", where="act", help=_INSTEAD[state])
    if way.says_why and not comment:
        raise InvalidInput("This needs a reason.", where="comment", help="Say why: the other side reads it.")
    return way
