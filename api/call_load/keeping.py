"""Setting up a call centre: a dealer's by whoever plans for it, the holding's by whoever may change rules."""

from typing import Any

from api.bootstrap import Services
from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import NotPermitted
from planning.call_load.centres import HOLDING, CallCentre, read_centre


def may_keep(viewer: Viewer, dealer: str) -> bool:
    if dealer != HOLDING:
        return viewer.may(Right.PLANS) and viewer.seen.sees_dealer(dealer)
    return viewer.may(Right.RULES) and viewer.seen.is_everything


def keep_centre(services: Services, viewer: Viewer, dealer: str, told: dict[str, Any], based_on: int) -> CallCentre:
    """Raises `NotPermitted`, `NotFound`, `InvalidInput` and `Conflict`."""
    if dealer == HOLDING and not may_keep(viewer, dealer):
        raise NotPermitted(
            "The holding's call centre is set up by whoever may change rules.",
            help="Choose one of your dealers, or ask the marketing director.",
        )
    return services.call_centres.keep(
        dealer, read_centre(told), based_on=based_on, author=viewer.name, seen=viewer.seen
    )
