"""Links to one visit's card that need no login: sealed, so that nobody can make one, and good until a day.

They are put into the CRM's card of a lead, and may be framed there.
"""

from datetime import datetime

from infra.clock import Clock
from infra.errors import InvalidSettings, NotAllowed
from infra.secrets import SecretBox


class CardLinks:
    """`base` is the address at which browsers reach the service."""

    def __init__(self, box: SecretBox, clock: Clock, base: str) -> None:
        self._box = box
        self._clock = clock
        self._base = base.rstrip("/")

    def make(self, number: str, until: datetime) -> str:
        sealed = self._box.close({"visit": number, "until": until.isoformat()}).decode()
        return f"{self._base}/visits/card/{sealed}"

    def read(self, sealed: str) -> str:
        """The visit's number. Raises `NotAllowed` for a link that was not made here, or that has ended."""
        try:
            told = self._box.open(sealed.encode())
        except (InvalidSettings, UnicodeEncodeError):
            told = {}
        if "visit" not in told:
            raise NotAllowed(
                "This link was not made here, or is not whole.",
                where="link",
                help="Open it from the CRM's card again, or look the visit's number up.",
            )
        if datetime.fromisoformat(told["until"]) < self._clock.now():
            raise NotAllowed(
                "This link has ended.", where="link", help="Look the visit up by its number: /visits/NUMBER."
            )
        return told["visit"]
