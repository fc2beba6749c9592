"""A real SMTP server for tests: Postfix, as a process on this machine, which delivers into mail folders of its own."""

import email
import email.policy
import os
import shutil
import smtplib
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from pwd import getpwnam
from tempfile import TemporaryDirectory

import pytest

from tests.debian import program
from tests.ports import free_port

DOMAIN = "holding.example"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mydestination =
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {boxes} }}
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{owner}
virtual_minimum_uid = 1
mynetworks = 127.0.0.0/8
smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient
default_transport = error:this server of tests sends nothing out
message_size_limit = 20000000
maillog_file = {folder}/log/postfix.log
maillog_file_prefixes = {folder}
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
error unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""
BOXES = ("anna", "boris", "vera")


@dataclass(frozen=True)
class Postfix:
    """Knows the mail boxes of `BOXES`, and refuses every other recipient."""

    port: int
    folder: Path

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    def letters(self, box: str, wanted: int = 0, seconds: float = 20) -> list[EmailMessage]:
        """All that were delivered, once there are so many."""
        until = time.monotonic() + seconds
        while True:
            found = sorted((self.folder / "mail" / box / "new").glob("*"))
            if len(found) >= wanted:
                return [_read(path) for path in found]
            if time.monotonic() > until:
                raise TimeoutError(f"{box} has {len(found)} letters: {self.log()}")
            time.sleep(0.05)

    def empty(self) -> None:
        for box in BOXES:
            shutil.rmtree(self.folder / "mail" / box, ignore_errors=True)

    def log(self) -> str:
        return (self.folder / "log" / "postfix.log").read_text()[-3000:]


def _read(path: Path) -> EmailMessage:
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


@pytest.fixture(scope="session")
def postfix_server() -> Iterator[Postfix]:
    program("postfix", "postfix")
    with TemporaryDirectory(prefix="postfix") as place:
        server = Postfix(free_port(), Path(place))
        lay_postfix(server)
        with running(server):
            yield server


@contextmanager
def running(server: Postfix) -> Iterator[None]:
    """Until the end of the block; once it begins, the server answers."""
    command = ["postfix", "-c", str(server.folder), "start-fg"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            _await_answer(server, process)
            yield
        finally:
            stop = ["postfix", "-c", str(server.folder), "stop"]
            subprocess.run(stop, check=False, capture_output=True, timeout=30)
            process.terminate()


@pytest.fixture
def postfix(postfix_server: Postfix) -> Postfix:
    """With nothing in its boxes."""
    postfix_server.empty()
    return postfix_server


def lay_postfix(server: Postfix, *, more_settings: str = "", more_services: str = "") -> None:
    """Its settings, a certificate of its own, and empty boxes."""
    folder, owner = server.folder, getpwnam("nobody").pw_uid
    folder.chmod(0o755)
    boxes = ", ".join(f"{{ {box}@{DOMAIN} = {box}/ }}" for box in BOXES)
    settings = _MAIN.format(folder=folder, domain=DOMAIN, boxes=boxes, owner=owner)
    (folder / "main.cf").write_text(settings + more_settings)
    (folder / "master.cf").write_text(_MASTER.format(port=server.port) + more_services)
    for name in ("queue", "data", "mail", "log"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    os.chown(folder / "mail", owner, owner)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(folder / "key.pem"), "-out", str(folder / "certificate.pem")],
        check=True, capture_output=True,
    )  # fmt: skip


def _await_answer(server: Postfix, process: "subprocess.Popen[str]") -> None:
    for _ in range(200):
        with suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", server.port, timeout=5):
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise TimeoutError(server.log())
