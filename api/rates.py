"""How often one viewer may ask, and how often somebody may try to sign in. Counted by each process for itself."""

from limits import RateLimitItem, RateLimitItemPerMinute, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from infra.errors import Busy

_OF_SIGNING_IN = parse("10 per 15 minutes")


class Rates:
    """Safe to use from several threads."""

    def __init__(self, per_minute: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._asking = RateLimitItemPerMinute(per_minute)

    def count(self, viewer: str) -> None:
        """Raises `Busy` where this viewer has asked too often within the last minute."""
        if not self._limiter.hit(self._asking, "asking", viewer):
            raise Busy(
                f"More than {self._asking.amount} requests came within a minute.",
                where="CLOSEDLOOP_REQUESTS_PER_MINUTE",
                help="Ask again after the seconds of Retry-After.",
            )

    def check_sign_in(self, *tried: str) -> None:
        """Raises `Busy` where one of those tried too often: an address from which, or a user as whom."""
        for each in tried:
            if not self._limiter.test(_OF_SIGNING_IN, "signing in", each):
                raise _too_many(_OF_SIGNING_IN)

    def count_failure(self, *tried: str) -> None:
        for each in tried:
            self._limiter.hit(_OF_SIGNING_IN, "signing in", each)


def _too_many(limit: RateLimitItem) -> Busy:
    minutes = limit.get_expiry() // 60
    return Busy(
        "There were too many attempts to sign in.",
        where="password",
        help=f"Wait {minutes} minutes, or ask an administrator for a new password.",
    )
