"""Handing letters to a real mail server, and what is said where that fails."""

import socket
import threading
from email.message import EmailMessage
from pathlib import Path

import pytest

from infra.errors import InvalidInput, InvalidSettings, MailUnavailable
from infra.mail import checked_address, open_mail
from infra.settings import read_settings
from tests.ports import free_port
from tests.postfix_fixture import DOMAIN, Postfix

SENDER = "Closed Loop <reports@holding.example>"


def letter(text: str = "Привет\n.\n.two") -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "Отчёт за январь"
    made.set_content(text)
    return made


def send(smtp: str, *recipients: str, sender: str = SENDER) -> tuple[dict[str, str], list[str]]:
    """Who was refused, and what happened before the letter was handed over."""
    noted: list[str] = []
    mail = open_mail(read_settings(smtp=smtp, mail_from=sender, _env_file=None))
    handed = mail.send(letter(), recipients, lambda: noted.append("handing"))
    return dict(handed.refused), noted


def test_a_letter_arrives_as_it_was_written(postfix: Postfix) -> None:
    refused, noted = send(f"smtp://127.0.0.1:{postfix.port}", f"anna@{DOMAIN}", f"boris@{DOMAIN}")
    assert (refused, noted) == ({}, ["handing"])
    for box in ("anna", "boris"):
        (found,) = postfix.letters(box, 1)
        assert found["Subject"] == "Отчёт за январь"
        assert found["Return-Path"] == "<reports@holding.example>"
        assert found.get_content().splitlines() == ["Привет", ".", ".two"]


def test_one_recipient_who_is_refused_keeps_nobody_else_from_it(postfix: Postfix) -> None:
    refused, _ = send(f"smtp://127.0.0.1:{postfix.port}", f"nobody@{DOMAIN}", f"anna@{DOMAIN}")
    assert list(refused) == [f"nobody@{DOMAIN}"]
    assert refused[f"nobody@{DOMAIN}"].startswith("550 ")
    assert len(postfix.letters("anna", 1)) == 1


def test_where_all_are_refused_nothing_is_handed_over(postfix: Postfix) -> None:
    refused, noted = send(f"smtp://127.0.0.1:{postfix.port}", f"nobody@{DOMAIN}")
    assert (list(refused), noted) == ([f"nobody@{DOMAIN}"], [])


def test_what_is_raised_before_handing_stops_it(postfix: Postfix) -> None:
    mail = open_mail(read_settings(smtp=f"smtp://127.0.0.1:{postfix.port}", mail_from=SENDER, _env_file=None))

    def stop() -> None:
        raise RuntimeError("overtaken")

    with pytest.raises(RuntimeError, match="overtaken"):
        mail.send(letter(), [f"anna@{DOMAIN}"], stop)
    send(f"smtp://127.0.0.1:{postfix.port}", f"anna@{DOMAIN}")
    assert len(postfix.letters("anna", 1)) == 1


def test_it_speaks_encrypted(postfix: Postfix, monkeypatch: pytest.MonkeyPatch) -> None:
    smtp = f"smtp://localhost:{postfix.port}?starttls"
    with pytest.raises(MailUnavailable, match="the encrypted connection fails"):
        send(smtp, f"anna@{DOMAIN}")
    monkeypatch.setenv("SSL_CERT_FILE", str(postfix.certificate))
    send(smtp, f"anna@{DOMAIN}")
    (found,) = postfix.letters("anna", 1)
    assert "with ESMTPS" in str(found["Received"])


def test_a_server_that_is_down_is_told_in_a_sentence() -> None:
    port = free_port()
    with pytest.raises(MailUnavailable) as raised:
        send(f"smtp://127.0.0.1:{port}", "anna@holding.example")
    assert raised.value.message == f"The mail server 127.0.0.1:{port} cannot be used: Connection refused."
    assert raised.value.help


def test_one_that_does_not_know_us_is_told_without_the_password(postfix: Postfix) -> None:
    with pytest.raises(MailUnavailable) as raised:
        send(f"smtp://reports%40x.example:secret-word@127.0.0.1:{postfix.port}", f"anna@{DOMAIN}")
    assert "secret-word" not in f"{raised.value.message} {raised.value.help}"


def test_one_that_is_no_mail_server_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]

        def answer() -> None:
            opened, _ = door.accept()
            opened.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            opened.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(MailUnavailable):
            send(f"smtp://127.0.0.1:{port}", "anna@holding.example")
        thread.join()


@pytest.mark.parametrize(
    ("smtp", "why"),
    [
        ("", "no mail server is set"),
        ("mail.example.com", "no address of a mail server"),
        ("http://mail.example.com", "no address of a mail server"),
        ("smtp://", "no address of a mail server"),
        ("smtp://mail.example.com:port", "this is no address"),
        ("smtp://mail.example.com?tls", "no address of a mail server"),
        ("smtp://u%40x.example:secret-word@mail.example.com", "unencrypted"),
    ],
)
def test_settings_that_cannot_work_are_told(smtp: str, why: str) -> None:
    with pytest.raises(InvalidSettings, match=why) as raised:
        open_mail(read_settings(smtp=smtp, mail_from=SENDER, _env_file=None))
    assert raised.value.where == "CLOSEDLOOP_SMTP"
    assert "secret-word" not in f"{raised.value.message} {raised.value.help}"


def test_settings_keep_the_password_to_themselves(tmp_path: Path) -> None:
    settings = read_settings(data=tmp_path, smtp="smtps://u%40x.example:secret-word@mail.example.com", _env_file=None)
    assert "secret-word" not in repr(settings)
    mail = open_mail(settings)
    assert "secret-word" not in repr(vars(mail))
    assert mail.sender.addr_spec == "u@x.example"


@pytest.mark.parametrize(
    "text",
    ["", "anna", "anna@", "@example.com", "anna@example", "a b@example.com", "anna@example.com\nBcc: x@example.com",
     "anna@example.com, boris@example.com", f"{'a' * 250}@example.com", "анна@example.com"],
)  # fmt: skip
def test_no_address_is_no_recipient(text: str) -> None:
    with pytest.raises(InvalidInput):
        checked_address(text, "recipients")


def test_an_address_may_come_with_a_name() -> None:
    assert checked_address(" Anna <anna@example.com> ", "recipients") == "anna@example.com"
