"""Which people see a brief or a task of it: those who can be asked to do it, or be mentioned in its comments."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from attribution.reference import dealers
from infra.errors import InvalidInput
from planning.work.briefs import Brief
from planning.work.people import Person, Worker, people


def dealers_of(connection: Connection, brief: Brief) -> frozenset[str]:
    """By name, or all of its brand at the moment."""
    if brief.dealers:
        return frozenset(brief.dealers)
    return frozenset(connection.scalars(select(dealers.c.id).where(dealers.c.brand == brief.brand)))


def audience(connection: Connection, brief: Brief, contractor: str) -> Sequence[Person]:
    """Of what is the contractor's in the brief; empty is nobody's but the holding's."""
    concerned = dealers_of(connection, brief)
    return [each for each in people(connection) if _sees(each.worker, concerned, contractor)]


def known_to(worker: Worker, found: Sequence[Person]) -> Sequence[Person]:
    """Those whose names somebody may read: a contractor reads those of their own people."""
    return [each for each in found if each.worker.is_contractor or not worker.is_contractor]


def checked_assignee(worker: Worker, found: Sequence[Person], email: str) -> str:
    """As the user's e-mail is written; empty for nobody. Raises `InvalidInput` for who does not see the task."""
    wanted = email.strip().lower()
    if wanted and wanted not in {each.email for each in known_to(worker, found)}:
        raise InvalidInput(
            f"{email!r} is no user who sees this task.",
            where="assignee",
            help="Choose somebody of the contractor's, or of the dealer's; administrators let people in.",
        )
    return wanted


def _sees(worker: Worker, concerned: frozenset[str], contractor: str) -> bool:
    if worker.seen.contractors is not None and contractor not in worker.seen.contractors:
        return False
    return worker.seen.dealers is None or not worker.seen.dealers.isdisjoint(concerned)
