"""Users: who they are, their role, and the dealers, brands or contractors that limit it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Boolean, Column, Connection, Engine, Integer, Row, String, Table, Text, insert, select, update
from sqlalchemy.exc import IntegrityError

from infra.access.passwords import hashed, is_outdated, is_right
from infra.access.rights import UserRole
from infra.audit import note_change
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import InvalidInput, NotFound

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(200), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("dealers", Text, nullable=False),
    Column("contractors", Text, nullable=False),
    Column("brands", Text, nullable=False, server_default="[]"),
    Column("language", String(10), nullable=False),
    Column("password", String(200)),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcMoment, nullable=False),
    Column("signed_in_at", UtcMoment),
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class User:
    """`dealers`, `contractors` and `brands` count for roles that they limit. `id` is 0 before the user is kept."""

    email: str
    role: UserRole
    name: str = ""
    dealers: tuple[str, ...] = ()
    contractors: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()
    language: str = ""
    is_active: bool = True
    id: int = 0
    has_password: bool = False
    created_at: datetime | None = field(default=None, compare=False)
    signed_in_at: datetime | None = field(default=None, compare=False)

    @property
    def shown_name(self) -> str:
        return self.name or self.email

    def as_dict(self) -> dict[str, Any]:
        """What is asked for and audited: no secret."""
        return {
            "id": self.id,
            "email": self.email,
            "name": self.name,
            "role": self.role.value,
            "dealers": list(self.dealers),
            "contractors": list(self.contractors),
            "brands": list(self.brands),
            "language": self.language,
            "is_active": self.is_active,
            "has_password": self.has_password,
        }


class UserRegister:
    """Safe to use from several threads."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def all(self) -> Sequence[User]:
        """By e-mail."""
        with self._engine.connect() as connection:
            return users_in(connection)

    def get(self, key: int) -> User:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            return self._kept(connection, key)

    def by_email(self, email: str) -> User | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(users).where(users.c.email == _normal(email))).one_or_none()
        return _user(row) if row else None

    def add(self, user: User, password: str = "", *, author: str) -> User:
        """Without a password the user can only come in by single sign-on. Raises `InvalidInput`."""
        wanted = _checked(user)
        values = _columns(wanted) | {
            "password": hashed(password) if password else None,
            "created_at": self._clock.now(),
        }
        try:
            with self._engine.begin() as connection:
                key = connection.execute(insert(users).returning(users.c.id), values).scalar_one()
                kept = self._kept(connection, key)
                self._note(connection, author, kept.email, after=kept)
        except IntegrityError:
            raise InvalidInput(
                f"{wanted.email} is a user already.", where="email", help="Change that user instead."
            ) from None
        return kept

    def change(self, user: User, *, author: str) -> User:
        """Keep what is told of the user with that id. Raises `NotFound`, `InvalidInput`."""
        wanted = _checked(user)
        with self._engine.begin() as connection:
            before = self._kept(connection, user.id)
            connection.execute(update(users).where(users.c.id == user.id), _columns(wanted))
            after = self._kept(connection, user.id)
            if after != before:
                self._note(connection, author, after.email, before=before, after=after)
        return after

    def set_password(self, key: int, password: str, *, author: str) -> None:
        """Raises `NotFound`, and `InvalidInput` for one that is easy to guess."""
        kept = hashed(password)
        with self._engine.begin() as connection:
            user = self._kept(connection, key)
            connection.execute(update(users).where(users.c.id == key), {"password": kept})
            note_change(connection, self._clock, who=author, what=f"password of {user.email}", after="changed")

    def signed_in(self, email: str, password: str) -> User | None:
        """The active user whose password it is."""
        with self._engine.connect() as connection:
            row = connection.execute(select(users).where(users.c.email == _normal(email))).one_or_none()
        if not is_right(password, row.password if row else None) or row is None or not row.is_active:
            return None
        fresh = {"password": hashed(password)} if is_outdated(row.password) else {}
        with self._engine.begin() as connection:
            connection.execute(update(users).where(users.c.id == row.id), {"signed_in_at": self._clock.now(), **fresh})
        return _user(row)

    def came_by_single_sign_on(self, email: str) -> User | None:
        """The active user with that e-mail, whose provider vouches for it."""
        user = self.by_email(email)
        if user is None or not user.is_active:
            return None
        with self._engine.begin() as connection:
            connection.execute(update(users).where(users.c.id == user.id), {"signed_in_at": self._clock.now()})
        return user

    def _kept(self, connection: Connection, key: int) -> User:
        row = connection.execute(select(users).where(users.c.id == key)).one_or_none()
        if row is None:
            raise NotFound(f"There is no user {key}.", where="user", help="The page of users lists them.")
        return _user(row)

    def _note(
        self, connection: Connection, author: str, email: str, *, before: User | None = None, after: User | None = None
    ) -> None:
        note_change(connection, self._clock, who=author, what=f"user {email}", before=_told(before), after=_told(after))


def users_in(connection: Connection) -> Sequence[User]:
    """By e-mail, within a transaction."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.email))]


def _told(user: User | None) -> str:
    return orjson.dumps(user.as_dict()).decode() if user else ""


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=UserRole(row.role),
        dealers=tuple(orjson.loads(row.dealers)),
        contractors=tuple(orjson.loads(row.contractors)),
        brands=tuple(orjson.loads(row.brands)),
        language=row.language,
        is_active=row.is_active,
        has_password=row.password is not None,
        created_at=row.created_at,
        signed_in_at=row.signed_in_at,
    )


def _columns(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "role": user.role.value,
        "dealers": orjson.dumps(user.dealers).decode(),
        "contractors": orjson.dumps(user.contractors).decode(),
        "brands": orjson.dumps(user.brands).decode(),
        "language": user.language,
        "is_active": user.is_active,
    }


def _checked(user: User) -> User:
    email = _normal(user.email)
    if not _EMAIL.fullmatch(email) or len(email) > 200:
        raise InvalidInput(f"{user.email!r} is no e-mail address.", where="email", help="Write name@example.com.")
    if user.role.is_of_dealers and not user.dealers:
        raise InvalidInput(
            f"A {user.role} without a dealer would see nothing.", where="dealers", help="Name one dealer at least."
        )
    if user.role.is_of_contractors and not user.contractors:
        raise InvalidInput(
            "A contractor who is not named would see nothing.",
            where="contractors",
            help="Name one contractor at least.",
        )
    if user.role.is_of_brands and not user.brands:
        raise InvalidInput(
            "A brand manager without a brand would see nothing.", where="brands", help="Name one brand at least."
        )
    dealers = _names(user.dealers) if user.role.is_of_dealers else ()
    contractors = _names(user.contractors) if user.role.is_of_contractors else ()
    brands = _names(user.brands) if user.role.is_of_brands else ()
    name = user.name.strip()[:200]
    return replace(user, email=email, name=name, dealers=dealers, contractors=contractors, brands=brands)


def _names(told: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in told if name.strip()))


def _normal(email: str) -> str:
    return email.strip().lower()
