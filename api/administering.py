"""Changing users: nobody shuts themselves out, and whoever loses their way in is out at once."""

from api.bootstrap import Services
from api.viewer import Viewer
from infra.access.rights import UserRole
from infra.access.users import User
from infra.errors import InvalidInput


def change_user(services: Services, viewer: Viewer, user: User) -> User:
    """Keep what is told of the user with that id. Raises `NotFound`, `InvalidInput`."""
    is_own = viewer.user is not None and viewer.user.id == user.id
    if is_own and not (user.is_active and user.role is UserRole.ADMIN):
        raise InvalidInput(
            "You cannot take away your own rights.", where="role", help="Ask another administrator to change yours."
        )
    kept = services.users.change(user, author=viewer.name)
    if not kept.is_active:
        services.sessions.end_all_of(kept)
    return kept


def set_password(services: Services, viewer: Viewer, key: int, password: str) -> None:
    """The user's sessions end with it, save the one that asks. Raises `NotFound`, `InvalidInput`."""
    services.users.set_password(key, password, author=viewer.name)
    own = viewer.session.token_hash if viewer.session else ""
    services.sessions.end_all_of(services.users.get(key), but=own)
