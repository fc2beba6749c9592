"""A mail server that takes letters from those alone who sign in: Postfix, which asks Dovecot about passwords.

It answers at two doors: one that is encrypted after STARTTLS, and one that is from the first byte on.
"""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.debian import program
from tests.ports import free_port
from tests.postfix_fixture import Postfix, lay_postfix, running

USER, PASSWORD = "reports@holding.example", "p@ss word/%"

_DOVECOT = """
base_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols =
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/passwords
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
"""
_SASL = """
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
"""
_DOORS = """
127.0.0.1:{starttls} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{tls} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
"""


@dataclass(frozen=True)
class Submission:
    """`starttls` and `tls` are its two doors."""

    server: Postfix
    starttls: int
    tls: int


@pytest.fixture(scope="session")
def submission_server() -> Iterator[Submission]:
    program("postfix", "postfix")
    dovecot = program("dovecot", "dovecot-imapd")
    with TemporaryDirectory(prefix="submission") as place:
        folder = Path(place)
        found = Submission(Postfix(free_port(), folder), free_port(), free_port())
        doors = _DOORS.format(starttls=found.starttls, tls=found.tls)
        lay_postfix(found.server, more_settings=_SASL.format(folder=folder), more_services=doors)
        with _passwords(dovecot, folder), running(found.server):
            yield found


@pytest.fixture
def submission(submission_server: Submission) -> Submission:
    """With nothing in its boxes."""
    submission_server.server.empty()
    return submission_server


@contextmanager
def _passwords(dovecot: str, folder: Path) -> Iterator[None]:
    """Dovecot says whose password is right."""
    settings = folder / "dovecot.conf"
    settings.write_text(_DOVECOT.format(folder=folder))
    (folder / "passwords").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    with subprocess.Popen([dovecot, "-F", "-c", str(settings)], stderr=subprocess.PIPE) as process:
        try:
            _await_socket(folder / "auth", process)
            yield
        finally:
            process.terminate()


def _await_socket(path: Path, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(200):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as opened:
            opened.connect(str(path))
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)
    raise TimeoutError(path.with_name("dovecot.log").read_text())
