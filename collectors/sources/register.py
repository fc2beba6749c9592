"""The register of sources: connect, change, find, remove. Secrets are encrypted; every change is noted without them."""

import re
import secrets as random_secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Engine, Row, delete, insert, select, update

from collectors.sources.source import Source
from collectors.sources.tables import source_hours, source_states, sources, wanted_records
from infra.audit import note_change
from infra.clock import Clock
from infra.errors import InvalidInput, NotFound
from infra.secrets import SecretBox

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class SourceRegister:
    """Safe to use from several threads."""

    def __init__(self, engine: Engine, box: SecretBox, clock: Clock) -> None:
        self._engine = engine
        self._box = box
        self._clock = clock

    def connect(self, source: Source, *, author: str, next_pull_at: datetime | None) -> None:
        """Add a source, or put it in the place of the one of its id, whose address and progress it keeps.

        Raises `InvalidInput` for an id that cannot be one.
        """
        if not _ID.fullmatch(source.id):
            raise InvalidInput(
                f"{source.id!r} cannot name a source.",
                where="id",
                help="Write up to 40 small Latin letters, digits and -, such as amo-north.",
            )
        row = self._row(source)
        with self._engine.begin() as connection:
            known = connection.execute(select(sources).where(sources.c.id == source.id)).one_or_none()
            if known is None:
                connection.execute(insert(sources), {**row, "token": source.token, "created_at": self._clock.now()})
                connection.execute(insert(source_states), _new_state(source.id, next_pull_at))
            else:
                connection.execute(update(sources).where(sources.c.id == source.id).values(row))
                again = {"next_pull_at": next_pull_at, "failures": 0, "error": ""}
                connection.execute(update(source_states).where(source_states.c.source == source.id).values(again))
            before = self._told(known) if known else ""
            note_change(connection, self._clock, who=author, what="source", before=before, after=_told(row))

    def get(self, key: str) -> Source:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            row = connection.execute(select(sources).where(sources.c.id == key)).one_or_none()
        if row is None:
            raise NotFound(f"There is no source {key!r}.", where="source", help="`closedloop sources list` shows all.")
        return self._source(row)

    def by_token(self, vendor: str, token: str) -> Source | None:
        """The source whose address this is, or None."""
        chosen = (sources.c.vendor == vendor) & (sources.c.token == token)
        with self._engine.connect() as connection:
            row = connection.execute(select(sources).where(chosen)).one_or_none()
        return self._source(row) if row else None

    def all(self) -> Sequence[Source]:
        """Every source, in order of ids."""
        with self._engine.connect() as connection:
            return [self._source(row) for row in connection.execute(select(sources).order_by(sources.c.id))]

    def remove(self, key: str, *, author: str) -> None:
        """Forget a source; its events stay. Raises `NotFound`."""
        source = self.get(key)
        with self._engine.begin() as connection:
            for table in (wanted_records, source_hours, source_states):
                connection.execute(delete(table).where(table.c.source == key))
            connection.execute(delete(sources).where(sources.c.id == key))
            note_change(connection, self._clock, who=author, what="source", before=_told(self._row(source)))

    def save_secrets(self, key: str, changed: Mapping[str, str]) -> None:
        """Put changed secrets (a rotated token) beside the others, durably."""
        with self._engine.begin() as connection:
            row = connection.execute(select(sources.c.secrets).where(sources.c.id == key)).one()
            closed = self._box.close({**self._box.open(row.secrets), **changed})
            connection.execute(update(sources).where(sources.c.id == key).values(secrets=closed))

    def _row(self, source: Source) -> dict[str, object]:
        return {
            "id": source.id,
            "vendor": source.vendor,
            "timezone": source.timezone.key,
            "vat_included": source.vat_included,
            "dealer": source.dealer,
            "settings": dict(source.settings),
            "secrets": self._box.close(source.secrets),
        }

    def _source(self, row: Row[tuple[object, ...]]) -> Source:
        return Source(
            id=row.id,
            vendor=row.vendor,
            token=row.token,
            timezone=ZoneInfo(row.timezone),
            vat_included=row.vat_included,
            dealer=row.dealer,
            settings=row.settings,
            secrets=self._box.open(row.secrets),
        )

    def _told(self, row: Row[tuple[object, ...]]) -> str:
        return _told(dict(row._mapping))


def _new_state(key: str, next_pull_at: datetime | None) -> dict[str, object]:
    counts = {"accepted": 0, "rejected": 0, "failures": 0}
    return {"source": key, "cursor": {}, "next_pull_at": next_pull_at, "error": "", **counts}


def new_token() -> str:
    """The secret part of a source's address."""
    return random_secrets.token_urlsafe(18)


def _told(row: Mapping[str, object]) -> str:
    """What the audit log says of a source: all but secrets and its address."""
    names = ("id", "vendor", "timezone", "vat_included", "dealer", "settings")
    return orjson.dumps({name: row[name] for name in names}).decode()
