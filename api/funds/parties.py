"""On whose side somebody stands: the dealer's, who asks and claims, or the payer's, who decides and pays."""

from api.viewer import Viewer
from infra.access.rights import Right
from infra.errors import NotPermitted
from planning.funds.states import Act, Party, Way, way_of


def is_payer(viewer: Viewer) -> bool:
    """Whether they decide for the importer or the holding: of a brand's dealers its manager does, too."""
    return viewer.may(Right.RULES) or _is_of_brands(viewer)


def is_dealer(viewer: Viewer) -> bool:
    """Whether they ask and claim for the dealers that they see."""
    return viewer.may(Right.PLANS) and not _is_of_brands(viewer)


def _is_of_brands(viewer: Viewer) -> bool:
    return viewer.user is not None and viewer.user.role.is_of_brands


def may_take(viewer: Viewer, way: Way) -> bool:
    acts = {Party.DEALER: is_dealer, Party.PAYER: is_payer}
    return acts[way.party](viewer) if way.party in acts else is_dealer(viewer) or is_payer(viewer)


def check_may(viewer: Viewer, act: Act) -> None:
    """Raises `NotPermitted` where the act is the other side's."""
    way = way_of(act)
    if not may_take(viewer, way):
        raise NotPermitted(
            "The payer decides this." if way.party is Party.PAYER else "The dealer does this.",
            where="act",
            help="Wait for the other side; the page of the activity says whose turn it is.",
        )
