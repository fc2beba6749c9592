"""Who asks: their name, what they may do, and which rows they see."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Engine

from attribution.brands import dealers_of_brands
from attribution.visibility import EVERYTHING, NOBODYS, Visibility
from infra.access.keys import Key
from infra.access.rights import EVERY_RIGHT, Right
from infra.access.sessions import Session
from infra.access.users import User

WRITE_KEY = "the write key"
API_KEY = "API key"
ADMIN_LINK = "admin link"


@dataclass(frozen=True)
class Viewer:
    """`name` is what the audit log says. `csrf` is empty where no browser's session brings them in."""

    name: str
    rights: frozenset[Right]
    seen: Visibility = EVERYTHING
    user: User | None = None
    session: Session | None = None

    def may(self, right: Right) -> bool:
        return right in self.rights

    @cached_property
    def is_limited(self) -> bool:
        """Whether only some rows are theirs."""
        return not self.seen.is_everything

    @property
    def csrf(self) -> str:
        return self.session.csrf if self.session else ""


def viewer_of_session(session: Session, database: Engine) -> Viewer:
    """The admin link's has every right."""
    user = session.user
    if user is None:
        return Viewer(ADMIN_LINK, EVERY_RIGHT, session=session)
    return Viewer(user.email, user.role.rights, seen_by(user, database), user, session)


def viewer_of_key(key: Key) -> Viewer:
    return Viewer(f"key {key.name}", key.rights, Visibility(_set(key.dealers), _set(key.contractors)))


def seen_by(user: User, database: Engine) -> Visibility:
    """The rows of their dealers, brands or contractors, for roles that are limited by them.

    Which dealers carry a brand is asked each time: it holds as soon as the reference data say so.
    """
    if user.role.is_of_brands:
        return Visibility(dealers_of_brands(database, user.brands) - NOBODYS)
    return Visibility(
        _set(user.dealers) if user.role.is_of_dealers else None,
        _set(user.contractors) if user.role.is_of_contractors else None,
    )


def _set(names: tuple[str, ...] | None) -> frozenset[str] | None:
    """Without what reports write where there is none: such rows are nobody's."""
    return None if names is None else frozenset(names) - NOBODYS
