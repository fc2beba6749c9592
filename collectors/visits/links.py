"""Links to one visit's card that need no login: signed, so that nobody can make one, and good until a moment.

They are put into the CRM's card of a lead, and may be framed there. They are short: CRMs cut long texts.
"""

from datetime import UTC, datetime

from infra.clock import Clock
from infra.errors import NotAllowed
from infra.secrets import SecretBox


class CardLinks:
    """`base` is the address at which browsers reach the service."""

    def __init__(self, box: SecretBox, clock: Clock, base: str) -> None:
        self._box = box
        self._clock = clock
        self._base = base.rstrip("/")

    def make(self, number: str, until: datetime) -> str:
        told = f"{number}.{int(until.timestamp())}"
        return f"{self._base}/visits/card/{told}.{self._box.mark(_signed(told))}"

    def read(self, signed: str) -> str:
        """The visit's number. Raises `NotAllowed` for a link that was not made here, or that has ended."""
        told, _, mark = signed.rpartition(".")
        if not self._box.is_mark(mark, _signed(told)):
            raise NotAllowed(
                "This link was not made here, or is not whole.",
                where="link",
                help="Open it from the CRM's card again, or look the visit's number up.",
            )
        number, _, until = told.partition(".")
        if datetime.fromtimestamp(int(until), UTC) < self._clock.now():
            raise NotAllowed(
                "This link has ended.", where="link", help="Look the visit up by its number: /visits/NUMBER."
            )
        return number


def _signed(told: str) -> str:
    """What marks are made of for other purposes is never a link."""
    return f"visit card {told}"
