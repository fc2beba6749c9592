"""Bytes of files in a folder, each content once, under its SHA-256.

A content is written beside, made durable, and then renamed: under its digest there is either all of it or nothing.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from infra.errors import BodyTooLarge, FilesUnavailable, InvalidInput
from planning.files.media import HEAD_BYTES

_CHUNK = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming"
KEPT_UNATTACHED = timedelta(days=1)
"""Between a content and the row that attaches it a process may be slow, and is not robbed of it."""


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that are durable. `size` is in bytes; `head` is how they begin."""

    sha256: str
    size: int
    head: bytes


class FileFolder:
    """Safe to use from several threads and processes."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most = most_bytes

    def keep(self, stream: BinaryIO) -> Content:
        """Durable when it returns; nothing is left where it fails.

        Raises `BodyTooLarge`, `InvalidInput` for a file without bytes, `FilesUnavailable` where the disk takes no more.
        """
        with _told():
            incoming = self._folder / _INCOMING
            incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = incoming / token_hex(16)
            try:
                content = self._write(stream, draft)
                self._put(draft, content)
            finally:
                draft.unlink(missing_ok=True)
        return content

    def path_of(self, sha256: str) -> Path:
        """Where the content lies. Raises `FilesUnavailable` where it is gone."""
        path = self._place(sha256)
        if not path.is_file():
            raise FilesUnavailable(
                "The file is known, and its content is not in the data folder.",
                where="CLOSEDLOOP_DATA",
                help="Bring the folder `files` of CLOSEDLOOP_DATA back from a backup.",
            )
        return path

    def contents(self, before: datetime) -> Iterator[str]:
        """Digests of what was written, or last asked for again, before that moment."""
        for path in self._folder.glob("??/*"):
            if _DIGEST.fullmatch(path.name) and path.stat().st_mtime < before.timestamp():
                yield path.name

    def drop(self, sha256: str) -> None:
        self._place(sha256).unlink(missing_ok=True)

    def drop_drafts(self, before: datetime) -> None:
        """What was being written when a process died."""
        for path in (self._folder / _INCOMING).glob("*"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)

    def _write(self, stream: BinaryIO, draft: Path) -> Content:
        digest, size, head = hashlib.sha256(), 0, b""
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if size > self._most:
                    raise BodyTooLarge(
                        f"The file is over {self._most // 1024**2} MiB.",
                        where="CLOSEDLOOP_MAX_FILE_MB",
                        help="Make it smaller, or ask whoever runs the service to raise CLOSEDLOOP_MAX_FILE_MB.",
                    )
                head = head or chunk[:HEAD_BYTES]
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise InvalidInput("The file is empty.", where="file", help="Choose a file that has something in it.")
        return Content(digest.hexdigest(), size, head)

    def _put(self, draft: Path, content: Content) -> None:
        place = self._place(content.sha256)
        if self._is_there(place, content.size):
            return
        place.parent.mkdir(mode=0o700, exist_ok=True)
        draft.replace(place)
        _make_durable(place.parent)
        _make_durable(self._folder)

    def _is_there(self, place: Path, size: int) -> bool:
        """Marks it as asked for, so that nobody drops it before it is attached."""
        try:
            os.utime(place)
            return place.stat().st_size == size
        except FileNotFoundError:
            return False

    def _place(self, sha256: str) -> Path:
        if not _DIGEST.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self._folder / sha256[:2] / sha256


def _make_durable(folder: Path) -> None:
    """A rename is, once its folder is."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _told() -> Iterator[None]:
    """What the disk says, in a sentence."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in _FULL
        raise FilesUnavailable(
            "The disk is full: the file is not kept." if is_full else f"The file cannot be kept: {error.strerror}.",
            where="CLOSEDLOOP_DATA",
            help="Make room in the folder `files` of CLOSEDLOOP_DATA, and send the file again."
            if is_full
            else "Let the service write into the folder `files` of CLOSEDLOOP_DATA, and send the file again.",
        ) from error
