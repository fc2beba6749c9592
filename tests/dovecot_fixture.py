"""A real IMAP server for tests: Dovecot, as a process on this machine."""

import imaplib
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from pwd import getpwnam
from tempfile import TemporaryDirectory

import pytest

from tests.debian import program
from tests.ports import free_port

_SETTINGS = """
base_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={owner} gid={owner} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True)
class MailServer:
    port: int

    def put(self, user: str, letter: bytes, folder: str = "INBOX") -> None:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login(user, "secret")
            if folder != "INBOX":
                box.create(folder)
            box.append(folder, "", None, letter)

    def unseen(self, user: str) -> int:
        with imaplib.IMAP4("127.0.0.1", self.port) as box:
            box.login(user, "secret")
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    """Every user is known, with the password `secret`."""
    path, port, owner = program("dovecot", "dovecot-imapd"), free_port(), getpwnam("nobody").pw_uid
    with TemporaryDirectory(prefix="dovecot") as place:
        folder = Path(place)
        folder.chmod(0o755)  # Dovecot gives its rights away before it reads mail
        (folder / "mail").mkdir()
        os.chown(folder / "mail", owner, owner)
        settings = folder / "dovecot.conf"
        settings.write_text(_SETTINGS.format(folder=folder, port=port, owner=owner))
        yield from _running([path, "-F", "-c", str(settings)], port, folder / "log")


def _running(command: list[str], port: int, log: Path) -> Iterator[MailServer]:
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            _await_answer(port, process, log)
            yield MailServer(port)
        finally:
            process.terminate()


def _await_answer(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)) as opened:
            if opened.recv(100).startswith(b"* OK"):
                return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise TimeoutError(log.read_text())
