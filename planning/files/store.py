"""The one interface to files: anything that has a number can have files, and each file has versions.

Law: what was acknowledged stays. The content is durable before its row is, and the row stands in the caller's
transaction: what fails there leaves no file behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from infra.audit import note_change
from infra.clock import Clock
from infra.database import insert_or_meet
from infra.errors import InvalidInput, NotFound
from planning.files.content import KEPT_UNATTACHED, Content, FileFolder
from planning.files.media import clean_name, media_type_of
from planning.files.tables import attached_files

_its = attached_files.c
_MOST_FILES = 500


@dataclass(frozen=True, slots=True)
class Subject:
    """What files are attached to, such as `Subject("fund_activity", 12)`."""

    kind: str
    id: int

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`version` counts from 1 among files of the same name and purpose; `size` is in bytes, `added_at` in UTC."""

    id: int
    subject: Subject
    purpose: str
    name: str
    version: int
    media_type: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "subject": str(self.subject),
            "purpose": self.purpose,
            "name": self.name,
            "version": self.version,
            "media_type": self.media_type,
            "size": self.size,
            "sha256": self.sha256,
            "added_at": self.added_at.isoformat(),
            "added_by": self.added_by,
            "link": f"/api/files/{self.id}",
        }


class FileStore:
    """Safe to use from several threads and processes. Who may see a subject's files is for the caller to know."""

    def __init__(self, engine: Engine, folder: FileFolder, clock: Clock) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock

    def keep(self, stream: BinaryIO) -> Content:
        """The bytes, durable, and attached to nothing yet. Raises as `FileFolder.keep`."""
        return self._folder.keep(stream)

    def attach(
        self, connection: Connection, subject: Subject, content: Content, name: str, *, author: str, purpose: str = ""
    ) -> StoredFile:
        """A new file of the subject, or the next version of the one with that name and purpose.

        Within the caller's transaction, which holds the subject. Raises `InvalidInput`.
        """
        cleaned = clean_name(name)
        if (connection.scalar(select(func.count()).where(*_of(subject))) or 0) >= _MOST_FILES:
            raise InvalidInput(
                f"There are {_MOST_FILES} files here already.", where="file", help="Put several into one archive."
            )
        row = {
            "subject_kind": subject.kind,
            "subject_id": subject.id,
            "purpose": purpose,
            "name": cleaned,
            "media_type": media_type_of(cleaned, content.head),
            "size": content.size,
            "sha256": content.sha256,
            "added_at": self._clock.now(),
            "added_by": author,
        }
        kept = _insert_next_version(connection, row)
        after = f"{kept.name}, version {kept.version}, {kept.size} bytes"
        note_change(connection, self._clock, who=author, what=f"file of {subject}", after=after)
        return kept

    def add(self, subject: Subject, stream: BinaryIO, name: str, *, author: str, purpose: str = "") -> StoredFile:
        """`keep` and `attach` in a transaction of its own."""
        content = self.keep(stream)
        with self._engine.begin() as connection:
            return self.attach(connection, subject, content, name, author=author, purpose=purpose)

    def list(self, connection: Connection, subject: Subject, purpose: str | None = None) -> "Sequence[StoredFile]":
        """Every version, in the order in which they came."""
        where = _of(subject) if purpose is None else [*_of(subject), _its.purpose == purpose]
        return [_file(row) for row in connection.execute(select(attached_files).where(*where).order_by(_its.id))]

    def get(self, key: int) -> StoredFile:
        """Raises `NotFound`."""
        with self._engine.connect() as connection:
            row = connection.execute(select(attached_files).where(_its.id == key)).one_or_none()
        if row is None:
            raise NotFound(f"There is no file {key}.", where="key", help="Open the page that it belongs to.")
        return _file(row)

    def path(self, file: StoredFile) -> Path:
        """Where its bytes lie. Raises `FilesUnavailable`."""
        return self._folder.path_of(file.sha256)

    def sweep(self) -> int:
        """Drop what was written and never attached, a day later; how many contents that were."""
        before = self._clock.now() - KEPT_UNATTACHED
        self._folder.drop_drafts(before)
        dropped = 0
        for sha256 in self._folder.contents(before):
            with self._engine.connect() as connection:
                used = connection.scalar(select(func.count()).where(_its.sha256 == sha256))
            if not used:
                self._folder.drop(sha256)
                dropped += 1
        return dropped


def _insert_next_version(connection: Connection, row: dict[str, Any]) -> StoredFile:
    """Whoever else adds a version at the same moment has the one before or after."""
    same = [_its[name] == row[name] for name in ("subject_kind", "subject_id", "purpose", "name")]
    put = insert_or_meet(connection, attached_files).on_conflict_do_nothing().returning(attached_files)
    while True:
        newest = connection.scalar(select(func.max(_its.version)).where(*same)) or 0
        found = connection.execute(put, {**row, "version": newest + 1}).one_or_none()
        if found is not None:
            return _file(found)


def _of(subject: Subject) -> "list[ColumnElement[bool]]":
    return [_its.subject_kind == subject.kind, _its.subject_id == subject.id]


def _file(row: Row[Any]) -> StoredFile:
    told = {name: value for name, value in row._mapping.items() if name not in ("subject_kind", "subject_id")}
    return StoredFile(subject=Subject(row.subject_kind, row.subject_id), **told)
