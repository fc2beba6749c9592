"""Who decides on media plans and reallocations: whoever sets the rules of the holding."""

from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import NotPermitted
from planning.media.plans import DECISIONS, Step


def may_decide(viewer: Viewer) -> bool:
    return viewer.may(Right.RULES)


def check_may_step(viewer: Viewer, step: Step) -> None:
    """Raises `NotPermitted`."""
    if step in DECISIONS and not may_decide(viewer):
        raise NotPermitted(
            "The director decides on media plans.", where="role", help="It waits in their list; ask them to look at it."
        )
