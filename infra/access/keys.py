"""Keys of programs: what each may do, and which dealers or contractors limit it. Only their hashes are kept."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Column, Engine, Integer, Row, String, Table, Text, insert, select, update

from infra.access.rights import Right
from infra.access.tokens import hash_of, new_token
from infra.audit import note_change
from infra.clock import Clock
from infra.database import metadata
from infra.database.moments import UtcMoment
from infra.errors import DatabaseUnavailable, InvalidInput, NotFound

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("hint", String(20), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("rights", Text, nullable=False),
    Column("dealers", Text),
    Column("contractors", Text),
    Column("created_at", UtcMoment, nullable=False),
    Column("created_by", String(200), nullable=False),
    Column("revoked_at", UtcMoment),
)
_HINT = 8
_FRESH = timedelta(seconds=5)
GRANTED = (Right.SEND, Right.REPORTS, Right.PERSONAL, Right.RULES, Right.PLANS, Right.TASKS, Right.SOURCES)
"""A key that could make users could give itself every right."""


@dataclass(frozen=True, slots=True)
class Key:
    """`hint` is how it begins. Dealers and contractors are None where nothing limits it."""

    name: str
    rights: frozenset[Right]
    dealers: tuple[str, ...] | None = None
    contractors: tuple[str, ...] | None = None
    id: int = 0
    hint: str = ""
    created_by: str = ""
    created_at: datetime | None = field(default=None, compare=False)
    revoked_at: datetime | None = field(default=None, compare=False)

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "hint": self.hint,
            "scopes": sorted(self.rights),
            "dealers": None if self.dealers is None else list(self.dealers),
            "contractors": None if self.contractors is None else list(self.contractors),
            "created_by": self.created_by,
            "created_at": self.created_at.isoformat() if self.created_at else None,
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }


class KeyRegister:
    """Safe to use from several threads. Keys in use are read every five seconds: so long may a revoked one last."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._in_use: Mapping[str, Key] = {}
        self._read_at: datetime | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether `find` answers without asking the database."""
        return self._read_at is not None and self._clock.now() - self._read_at < _FRESH

    def find(self, given: str) -> Key | None:
        """The key in use; where the database is out of reach, as it was known last."""
        if not self.is_fresh:
            with self._lock:
                self._read()
        return self._in_use.get(hash_of(given))

    def all(self) -> Sequence[Key]:
        """The newest first, revoked ones too."""
        with self._engine.connect() as connection:
            return [_key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id.desc()))]

    def add(self, key: Key, *, author: str) -> tuple[Key, str]:
        """The key, and the secret that is never shown again. Raises `InvalidInput`."""
        _check(key)
        token = new_token("clw_" if key.rights == {Right.SEND} else "clr_")
        row = {
            "name": key.name.strip(),
            "hint": token[:_HINT],
            "hash": hash_of(token),
            "rights": _list(sorted(key.rights)),
            "dealers": _list(key.dealers),
            "contractors": _list(key.contractors),
            "created_at": self._clock.now(),
            "created_by": author,
        }
        with self._engine.begin() as connection:
            made = _key(connection.execute(insert(api_keys).returning(api_keys), row).one())
            after = orjson.dumps(made.as_dict()).decode()
            note_change(connection, self._clock, who=author, what=f"key {made.id}", after=after)
        self._read_at = None
        return made, token

    def revoke(self, number: int, *, author: str) -> Key:
        """Once and for all. Raises `NotFound`."""
        now = self._clock.now()
        with self._engine.begin() as connection:
            row = connection.execute(select(api_keys).where(api_keys.c.id == number)).one_or_none()
            if row is None:
                raise NotFound(f"There is no key {number}.", where="key", help="GET /api/keys lists them.")
            if row.revoked_at is None:
                mine = update(api_keys).where(api_keys.c.id == number).returning(api_keys)
                before = orjson.dumps(_key(row).as_dict()).decode()
                row = connection.execute(mine, {"revoked_at": now}).one()
                note_change(connection, self._clock, who=author, what=f"key {number}", before=before, after="revoked")
        self._read_at = None
        return _key(row)

    def _read(self) -> None:
        if self.is_fresh:
            return
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(select(api_keys).where(api_keys.c.revoked_at.is_(None))).all()
        except DatabaseUnavailable:
            if self._read_at is None:
                raise
        else:
            self._in_use = {row.hash: _key(row) for row in rows}
        self._read_at = self._clock.now()


def _check(key: Key) -> None:
    if not key.name.strip() or len(key.name) > 200:
        raise InvalidInput("A key needs a name.", where="name", help="Name the program that will use it.")
    if not key.rights or key.rights - set(GRANTED):
        raise InvalidInput("These are no scopes of a key.", where="scopes", help=f"Choose of {', '.join(GRANTED)}.")
    if Right.SEND in key.rights and len(key.rights) > 1:
        raise InvalidInput(
            "A key that sends events does nothing else: it lies in programs that others can read.",
            where="scopes",
            help="Make one key with the scope send, and another for the rest.",
        )


def _key(row: Row[Any]) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        hint=row.hint,
        rights=frozenset(Right(word) for word in orjson.loads(row.rights)),
        dealers=_tuple(row.dealers),
        contractors=_tuple(row.contractors),
        created_by=row.created_by,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _list(names: Iterable[str] | None) -> str | None:
    return None if names is None else orjson.dumps(list(names)).decode()


def _tuple(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(orjson.loads(text))
