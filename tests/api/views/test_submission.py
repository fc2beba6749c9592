"""Signing in to a mail server that takes letters from nobody else: by both ways of encryption, and where it fails."""

from email.message import EmailMessage
from urllib.parse import quote

import pytest

from infra.errors import MailUnavailable
from infra.mail import open_mail
from infra.settings import read_settings
from tests.postfix_fixture import DOMAIN
from tests.submission_fixture import PASSWORD, USER, Submission

ANNA = f"anna@{DOMAIN}"
DOORS = pytest.mark.parametrize("door", ["starttls", "tls"])


def address(submission: Submission, door: str, user: str = USER, password: str = PASSWORD) -> str:
    """As the setting has it."""
    who = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    if door == "tls":
        return f"smtps://{who}localhost:{submission.tls}"
    return f"smtp://{who}localhost:{submission.starttls}?starttls"


def send(smtp: str) -> dict[str, str]:
    """Who was refused."""
    letter = EmailMessage()
    letter["Subject"] = "Отчёт"
    letter.set_content("Привет")
    mail = open_mail(read_settings(smtp=smtp, mail_from=f"Closed Loop <{USER}>", _env_file=None))
    return dict(mail.send(letter, [ANNA], lambda: None).refused)


@pytest.fixture
def trusted(submission: Submission, monkeypatch: pytest.MonkeyPatch) -> Submission:
    """Its certificate is known."""
    monkeypatch.setenv("SSL_CERT_FILE", str(submission.server.certificate))
    return submission


@DOORS
def test_who_signs_in_is_served(trusted: Submission, door: str) -> None:
    assert send(address(trusted, door)) == {}
    (found,) = trusted.server.letters("anna", 1)
    assert found["Subject"] == "Отчёт"
    assert "with ESMTPSA" in str(found["Received"])
    assert f"sasl_username={USER}" in trusted.server.log()


@DOORS
@pytest.mark.parametrize(("user", "password"), [(USER, "secret-word"), ("nobody@holding.example", PASSWORD)])
def test_a_wrong_password_is_told_without_it(trusted: Submission, door: str, user: str, password: str) -> None:
    with pytest.raises(MailUnavailable) as raised:
        send(address(trusted, door, user, password))
    assert raised.value.message.startswith("The mail server localhost does not take our user name and password: 535 ")
    assert raised.value.where == "CLOSEDLOOP_SMTP"
    assert "%40" in raised.value.help
    assert password not in f"{raised.value.message} {raised.value.help}"
    assert trusted.server.letters("anna") == []


@DOORS
def test_who_does_not_sign_in_is_refused(trusted: Submission, door: str) -> None:
    refused = send(address(trusted, door, user=""))
    assert list(refused) == [ANNA]
    assert "Access denied" in refused[ANNA]


@DOORS
def test_no_password_is_told_to_a_server_whose_certificate_nobody_knows(submission: Submission, door: str) -> None:
    with pytest.raises(MailUnavailable, match="the encrypted connection fails"):
        send(address(submission, door))
    assert f"sasl_username={USER}" not in submission.server.log().rpartition("connect from")[2]


def test_a_door_of_the_other_way_is_told(trusted: Submission) -> None:
    crossed = f"smtps://localhost:{trusted.starttls}"
    with pytest.raises(MailUnavailable, match="cannot be used"):
        send(crossed)
