"""Who asks, as the approval of plans knows people."""

from api.bootstrap import Services
from api.viewer import Viewer
from infra.access.rights import Right, UserRole
from infra.errors import NotPermitted
from planning.approval.people import Person, person_of
from planning.dimensions import known_network
from planning.plans import PlanVersion


def person_asking(services: Services, viewer: Viewer) -> Person:
    """A key of a program sees what it sees, and is asked nothing."""
    if viewer.user is not None:
        with services.database.connect() as connection:
            return person_of(viewer.user, known_network(connection))
    if viewer.session is not None:
        return Person(viewer.name)
    return Person(viewer.name, UserRole.ANALYST, viewer.seen.dealers)


def person_deciding(services: Services, viewer: Viewer) -> Person:
    """Raises `NotPermitted` for a key: plans are approved by people."""
    if viewer.session is None:
        raise NotPermitted(
            "Plans are approved by people, and this is a key of a program.",
            where="Authorization",
            help="Sign in, and decide on the page of your inbox.",
        )
    return person_asking(services, viewer)


def check_may_redraft(viewer: Viewer, version: PlanVersion) -> None:
    """Whoever submitted it, and whoever begins plans. Raises `NotPermitted`."""
    if viewer.name != version.submitted_by and not viewer.may(Right.RULES):
        raise NotPermitted(
            f"{version.submitted_by} has submitted this version, and makes the next draft.",
            where="version",
            help="Tell them, or the marketing director, which numbers would do.",
        )
