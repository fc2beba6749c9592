"""Files: versions, one content once, limits, and what is left when a disk is full or a process is killed."""

import hashlib
import io
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from infra.audit import find_changes
from infra.clock import FrozenClock
from infra.database import open_database
from infra.errors import BodyTooLarge, FilesUnavailable, InvalidInput, NotFound
from planning.files import FileFolder, FileStore, StoredFile, Subject
from planning.files.media import ANYTHING, clean_name, media_type_of
from tests.api.cli.closedloop import ROOT
from tests.migrated import lay_database
from tests.planning.files.victim import content_of

BANNER = Subject("banner", 7)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime.now(UTC))


@pytest.fixture
def store(database: Engine, folder: Path, clock: FrozenClock) -> FileStore:
    return FileStore(database, FileFolder(folder, 1024**2), clock)


def add(store: FileStore, content: bytes, name: str = "banner.png", subject: Subject = BANNER) -> StoredFile:
    return store.add(subject, io.BytesIO(content), name, author="anna", purpose="creative")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_each_file_of_a_name_is_a_further_version(store: FileStore, database: Engine) -> None:
    first, second = add(store, PNG), add(store, PNG + b"2")
    assert (first.version, second.version, add(store, PNG, "other.png").version) == (1, 2, 1)
    assert store.path(first).read_bytes() == PNG
    assert store.path(store.get(second.id)).read_bytes() == PNG + b"2"
    with database.connect() as connection:
        assert [each.name for each in store.list(connection, BANNER)] == ["banner.png", "banner.png", "other.png"]
        assert store.list(connection, Subject("banner", 8)) == []
        assert store.list(connection, BANNER, "proof") == []
    assert find_changes(database, what="file of banner 7")[1] == 3


def test_the_same_content_lies_there_once(store: FileStore, folder: Path) -> None:
    kept = add(store, PNG)
    again = add(store, PNG, "same.png", Subject("banner", 8))
    assert kept.sha256 == again.sha256 == hashlib.sha256(PNG).hexdigest()
    assert [path.name for path in files_in(folder)] == [kept.sha256]


def test_two_at_once_are_two_versions(store: FileStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = list(pool.map(lambda number: add(store, PNG + bytes([number])), range(8)))
    assert sorted(each.version for each in kept) == list(range(1, 9))


@pytest.mark.parametrize(("content", "error"), [(b"", InvalidInput), (bytes(1024**2 + 1), BodyTooLarge)])
def test_what_is_refused_leaves_nothing(
    store: FileStore, folder: Path, content: bytes, error: type[InvalidInput]
) -> None:
    with pytest.raises(error) as raised:
        add(store, content)
    assert raised.value.help
    assert files_in(folder) == []


def test_one_that_is_not_attached_in_the_end_is_not_there(store: FileStore, database: Engine, folder: Path) -> None:
    """Its content goes a day later; one that is attached stays."""
    kept = add(store, PNG)
    content = store.keep(io.BytesIO(b"never attached"))
    with database.connect() as connection:
        store.attach(connection, BANNER, content, "x.txt", author="anna")
        connection.rollback()
    with database.connect() as connection:
        assert [each.id for each in store.list(connection, BANNER)] == [kept.id]
    assert store.sweep() == 0
    yesterday = (datetime.now(UTC) - timedelta(days=2)).timestamp()
    for path in files_in(folder):
        os.utime(path, (yesterday, yesterday))
    assert store.sweep() == 1
    assert [path.name for path in files_in(folder)] == [kept.sha256]


def test_a_content_that_is_asked_for_again_is_not_swept(store: FileStore, folder: Path) -> None:
    store.keep(io.BytesIO(PNG))
    (path,) = files_in(folder)
    os.utime(path, (0, 0))
    again = store.keep(io.BytesIO(PNG))
    assert store.sweep() == 0
    assert path.name == again.sha256


def test_one_whose_content_is_lost_is_told(store: FileStore, folder: Path) -> None:
    kept = add(store, PNG)
    store.path(kept).unlink()
    with pytest.raises(FilesUnavailable, match="not in the data folder"):
        store.path(kept)
    assert add(store, PNG).version == 2
    assert store.path(kept).read_bytes() == PNG


def test_one_that_is_cut_off_is_made_whole_by_the_next(store: FileStore) -> None:
    kept = add(store, PNG)
    store.path(kept).write_bytes(PNG[:5])
    add(store, PNG)
    assert store.path(kept).read_bytes() == PNG


def test_an_unknown_one_is_not_found(store: FileStore) -> None:
    with pytest.raises(NotFound):
        store.get(1)


@pytest.fixture
def small_files() -> Iterator[None]:
    """This process may write a hundred kilobytes into a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_is_told_and_leaves_nothing(folder: Path, small_files: None) -> None:
    with pytest.raises(FilesUnavailable, match="The disk is full") as raised:
        FileFolder(folder, 10**9).keep(io.BytesIO(bytes(200_000)))
    assert "CLOSEDLOOP_DATA" in raised.value.help
    assert files_in(folder) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(FilesUnavailable, match="cannot be kept"):
        FileFolder(tmp_path / "files", 10).keep(io.BytesIO(b"1"))


@pytest.mark.parametrize("after", [0, 3, 11])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, after: int) -> None:
    lay_database(tmp_path / "closedloop.db")
    address = f"sqlite:///{tmp_path / 'closedloop.db'}"
    command = [sys.executable, "-m", "tests.planning.files.victim", address, str(tmp_path / "files")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout
        while int(victim.stdout.readline()) < after:
            pass
        victim.kill()
        told = after + sum(1 for _ in victim.stdout)
    engine = open_database(address)
    store = FileStore(engine, FileFolder(tmp_path / "files", 10**9), FrozenClock(datetime.now(UTC)))
    with engine.connect() as connection:
        kept = store.list(connection, Subject("thing", 1))
    assert len(kept) in (told + 1, told + 2)
    for number, each in enumerate(kept):
        assert store.path(each).read_bytes() == content_of(number)
    engine.dispose()


@pytest.mark.parametrize(("name", "head", "kind"), [
    ("a.png", PNG, "image/png"),
    ("a.html", PNG, "image/png"),
    ("a.jpg", b"\xff\xd8\xff\xe0", "image/jpeg"),
    ("a.gif", b"GIF89a", "image/gif"),
    ("a.webp", b"RIFF1234WEBP", "image/webp"),
    ("a.pdf", b"%PDF-1.7", "application/pdf"),
    ("a.png", b"<script>", ANYTHING),
    ("a.pdf", b"<html>", ANYTHING),
    ("a.svg", b"<svg>", ANYTHING),
    ("a.html", b"<html>", ANYTHING),
    ("a.xhtml", b"<html>", ANYTHING),
    ("a.js", b"alert()", ANYTHING),
    ("a.xml", b"<?xml", ANYTHING),
    ("a.xlsx", b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("a.txt", b"hello", "text/plain"),
    ("noname", b"hello", ANYTHING),
])  # fmt: skip
def test_what_a_file_is_its_bytes_say(name: str, head: bytes, kind: str) -> None:
    assert media_type_of(name, head) == kind


@pytest.mark.parametrize(("told", "kept"), [
    ("../../etc/passwd", "passwd"),
    ("C:\\Users\\anna\\счёт.pdf", "счёт.pdf"),
    ("a\u202egnp.exe", "agnp.exe"),
    ("line\r\nbreak.txt", "linebreak.txt"),
    (".htaccess", "htaccess"),
    ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
])  # fmt: skip
def test_names_are_cleaned(told: str, kept: str) -> None:
    assert clean_name(told) == kept


@pytest.mark.parametrize("told", ["", "/", "\x00", "..", " \u200b "])
def test_what_is_no_name_is_refused(told: str) -> None:
    with pytest.raises(InvalidInput, match="no name"):
        clean_name(told)
