"""What could not be accepted: kept with its reasons, so that it can be listed, repaired and replayed."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    func,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from collectors.deliveries import TOPIC
from collectors.events import family_model
from infra.database import insert_or_meet, metadata
from infra.database.moments import UtcMoment
from infra.errors import DatabaseUnavailable, LogUnavailable, NotFound

rejections = Table(
    "rejections",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("family", String(40), nullable=False, index=True),
    Column("received_at", UtcMoment, nullable=False, index=True),
    Column("item", LargeBinary, nullable=False),
    Column("errors", Text, nullable=False),
    Column("times", Integer, nullable=False),
    Column("status", String(20), nullable=False, index=True),
)

OPEN, REPLAYED, DISCARDED = "open", "replayed", "discarded"


@dataclass(frozen=True, slots=True)
class FieldError:
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message

    def as_dict(self) -> dict[str, str]:
        return {"field": self.field, "message": self.message}


@dataclass(frozen=True, slots=True)
class Rejection:
    """`item` is what the sender sent: JSON, or its text where it was none. `index` is its place in the request."""

    index: int
    family: str
    item: bytes
    errors: tuple[FieldError, ...]

    @property
    def key(self) -> str:
        """The same item sent again is the same rejection."""
        return hashlib.blake2b(self.item, key=self.family.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class KeptRejection:
    id: str
    family: str
    received_at: datetime
    item: bytes
    errors: list[FieldError]
    times: int
    status: str

    def as_dict(self) -> dict[str, Any]:
        """As lists show it, with the item as text."""
        return {
            "id": self.id,
            "family": self.family,
            "received_at": self.received_at.isoformat(),
            "item": self.item.decode("utf-8", "replace"),
            "errors": [error.as_dict() for error in self.errors],
            "times": self.times,
        }


@dataclass(frozen=True, slots=True)
class RejectionReason:
    """Open rejections of a family with the same errors; `example` is the id of one of them."""

    family: str
    errors: Sequence[FieldError]
    count: int
    newest_at: datetime
    example: str


def check_kept_family(family: str) -> None:
    """Raises `UnknownFamily` unless rejections can be of it: an event family, deliveries, or empty for all."""
    if family not in ("", TOPIC):
        family_model(family)


class RejectionStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, found: Sequence[Rejection], at: datetime) -> None:
        """Durable on return. Raises `LogUnavailable`: a rejection that cannot be kept is not acknowledged."""
        if not found:
            return
        by_key = {rejection.key: rejection for rejection in found}
        try:
            with self._engine.begin() as connection:
                new = insert_or_meet(connection, rejections)
                again = {"times": rejections.c.times + 1, "received_at": new.excluded.received_at, "status": OPEN}
                keep = new.on_conflict_do_update(index_elements=["id"], set_=again)
                connection.execute(keep, [_as_row(by_key[key], at) for key in sorted(by_key)])
        except (SQLAlchemyError, DatabaseUnavailable) as error:
            raise LogUnavailable(
                "Rejected items cannot be kept at the moment, so nothing was taken.",
                where="CLOSEDLOOP_DATABASE",
                help="Send the same request again later.",
            ) from error

    def list_open(self, family: str = "", *, limit: int = 100, after: str = "") -> tuple[list[KeptRejection], int]:
        """A page of open rejections in order of their id, and how many there are in all."""
        chosen = rejections.c.status == OPEN
        if family:
            chosen = chosen & (rejections.c.family == family)
        with self._engine.connect() as connection:
            total = connection.scalar(select(func.count()).select_from(rejections).where(chosen)) or 0
            page = select(rejections).where(chosen, rejections.c.id > after).order_by(rejections.c.id).limit(limit)
            return [_as_kept(row) for row in connection.execute(page)], total

    def reasons(self, most: int = 200) -> Sequence[RejectionReason]:
        """Why items were rejected, the most frequent reason first."""
        columns = rejections.c
        found = (
            select(
                columns.family, columns.errors, func.count().label("times"),
                func.max(columns.received_at).label("newest"), func.min(columns.id).label("example"),
            )
            .where(columns.status == OPEN)
            .group_by(columns.family, columns.errors)
            .order_by(func.count().desc(), func.min(columns.id))
            .limit(most)
        )  # fmt: skip
        with self._engine.connect() as connection:
            return [
                RejectionReason(row.family, _as_errors(row.errors), row.times, row.newest, row.example)
                for row in connection.execute(found)
            ]

    def list_like(
        self, example: KeptRejection, *, limit: int = 100, after: str = ""
    ) -> tuple[list[KeptRejection], int]:
        """A page of open rejections for the same reason, in order of their id, and how many there are in all."""
        chosen = _like(example)
        with self._engine.connect() as connection:
            total = connection.scalar(select(func.count()).select_from(rejections).where(chosen)) or 0
            page = select(rejections).where(chosen, rejections.c.id > after).order_by(rejections.c.id).limit(limit)
            return [_as_kept(row) for row in connection.execute(page)], total

    def discard_like(self, example: KeptRejection) -> int:
        """Close every open rejection for the same reason; how many these were."""
        with self._engine.begin() as connection:
            return connection.execute(update(rejections).where(_like(example)).values(status=DISCARDED)).rowcount

    def get(self, key: str) -> KeptRejection:
        with self._engine.connect() as connection:
            row = connection.execute(select(rejections).where(rejections.c.id == key)).one_or_none()
        if row is None:
            raise NotFound(f"There is no rejection {key!r}.", where="id", help="GET /api/rejections lists them.")
        return _as_kept(row)

    def close(self, key: str, status: str) -> None:
        """Take it off the list of open ones: its event was accepted (`REPLAYED`), or nobody wants it (`DISCARDED`)."""
        with self._engine.begin() as connection:
            connection.execute(update(rejections).where(rejections.c.id == key).values(status=status))

    def count_open(self) -> dict[str, int]:
        """Open rejections by family."""
        query = select(rejections.c.family, func.count()).where(rejections.c.status == OPEN)
        with self._engine.connect() as connection:
            return {str(row[0]): int(row[1]) for row in connection.execute(query.group_by(rejections.c.family))}


def _as_row(rejection: Rejection, at: datetime) -> dict[str, Any]:
    return {
        "id": rejection.key,
        "family": rejection.family,
        "received_at": at,
        "item": rejection.item,
        "errors": _as_text(rejection.errors),
        "times": 1,
        "status": OPEN,
    }


def _as_kept(row: Any) -> KeptRejection:
    return KeptRejection(row.id, row.family, row.received_at, row.item, _as_errors(row.errors), row.times, row.status)


def _as_text(errors: Iterable[FieldError]) -> str:
    return json.dumps([error.as_dict() for error in errors])


def _as_errors(text: str) -> list[FieldError]:
    return [FieldError(**error) for error in json.loads(text)]


def _like(example: KeptRejection) -> ColumnElement[bool]:
    columns = rejections.c
    return and_(columns.status == OPEN, columns.family == example.family, columns.errors == _as_text(example.errors))
