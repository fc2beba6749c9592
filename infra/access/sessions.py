"""Sessions of browsers, kept at the server: signing out and taking a user away end them at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Engine, Integer, String, Table, delete, insert, or_, select, update

from infra.access.tokens import hash_of, new_token
from infra.access.users import User, UserRegister
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment

LONGEST = timedelta(days=30)
_IDLE = timedelta(days=7)
_BETWEEN_NOTES = timedelta(minutes=5)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Integer, index=True),
    Column("csrf", String(64), nullable=False),
    Column("began_at", UtcMoment, nullable=False),
    Column("seen_at", UtcMoment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Session:
    """`user` is None where the admin link began it. `csrf` has to come with whatever changes anything."""

    user: User | None
    csrf: str
    token_hash: str


class Sessions:
    """Safe to use from several threads."""

    def __init__(self, engine: Engine, users: UserRegister, clock: Clock) -> None:
        self._engine = engine
        self._users = users
        self._clock = clock

    def begin(self, user: User | None) -> str:
        """The token, which nobody but the browser keeps."""
        now, token = self._clock.now(), new_token()
        row = {
            "token_hash": hash_of(token),
            "user_id": user.id if user else None,
            "csrf": new_token(),
            "began_at": now,
            "seen_at": now,
        }
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(_over(now)))
            connection.execute(insert(sessions), row)
        return token

    def find(self, token: str) -> Session | None:
        """None where it never began, is over, or its user is active no more."""
        now = self._clock.now()
        mine = sessions.c.token_hash == hash_of(token)
        with self._engine.connect() as connection:
            row = connection.execute(select(sessions).where(mine, ~_over(now))).one_or_none()
        if row is None:
            return None
        user = self._users.get(row.user_id) if row.user_id else None
        if user and not user.is_active:
            return None
        if now - row.seen_at > _BETWEEN_NOTES:
            with self._engine.begin() as connection:
                connection.execute(update(sessions).where(mine), {"seen_at": now})
        return Session(user, row.csrf, row.token_hash)

    def end(self, session: Session) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_hash == session.token_hash))

    def end_all_of(self, user: User, *, but: str = "") -> None:
        """Every session of the user, save the one whose hash is told."""
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.user_id == user.id, sessions.c.token_hash != but))


def _over(now: datetime) -> ColumnElement[bool]:
    return or_(sessions.c.began_at < now - LONGEST, sessions.c.seen_at < now - _IDLE)
