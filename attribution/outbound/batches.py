"""Requests of one pass: noted before they go out, noted when they have come back, and divided where they are refused.

Ad systems refuse a request whole for one bad conversion in it. What they name is rejected and the rest goes out again;
where they name nothing, the request is divided until the bad ones stand alone. Where all of the first ones are refused
alone, it is not they that are wrong.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from secrets import token_hex

from attribution.outbound.export import Export
from attribution.outbound.ledger import Key, Ledger
from attribution.outbound.system import AdSystem, Receipt, Refusal, Session, State
from infra.errors import AnswerLost, ClosedLoopError, VendorRefused

FIRST_CHECK = timedelta(minutes=30)
_MOST_REFUSED = 3


class Batches:
    """`keep` is called before each request: it renews the sender's hold on the destination."""

    def __init__(self, ledger: Ledger, system: AdSystem, session: Session, *, keep: Callable[[], None]) -> None:
        self._ledger = ledger
        self._system = system
        self._session = session
        self._keep = keep
        self._taken = 0
        self._refused: dict[Key, str] = {}

    def hand_over(self, exports: Sequence[Export]) -> None:
        """Raises what the system raises, and `VendorRefused` where it takes nothing: then all is still planned."""
        waiting = [list(exports)]
        while waiting:
            batch = waiting.pop()
            answer = self._ask(batch)
            if isinstance(answer, Refusal):
                waiting += self._divide(batch, answer)
            else:
                self._taken += len(batch)
        self._ledger.reject(self._refused)
        self._refused.clear()

    def _ask(self, exports: Sequence[Export]) -> Receipt | Refusal:
        batch = token_hex(12)
        self._keep()
        self._ledger.begin({each.key: each.value for each in exports}, batch)
        try:
            answer = self._system.hand_over(self._session, exports, batch)
        except AnswerLost:
            raise  # the rows stay open: the next pass clears up
        except ClosedLoopError:
            self._ledger.release(batch)
            raise
        if isinstance(answer, Refusal):
            self._ledger.release(batch)
        else:
            check_at = self._session.now + FIRST_CHECK if answer.state is State.SENT else None
            self._ledger.settle(batch, answer, check_at)
        return answer

    def _divide(self, batch: Sequence[Export], refusal: Refusal) -> list[list[Export]]:
        if refusal.items:
            self._ledger.reject({batch[place].key: why for place, why in refusal.items.items()})
            rest = [each for place, each in enumerate(batch) if place not in refusal.items]
            return [rest] if rest else []
        if len(batch) == 1:
            self._refused[batch[0].key] = refusal.why
            if not self._taken and len(self._refused) >= _MOST_REFUSED:
                raise VendorRefused(f"{self._system.title} refuses every conversion: {refusal.why}.", status=400)
            return []
        middle = len(batch) // 2
        return [list(batch[middle:]), list(batch[:middle])]
