"""Letters out, over SMTP.

A letter is handed over in two steps, because only the second one cannot be taken back: the server says which
recipients it takes, and then it is given the letter. `before_handing` is called between the two. Where the connection
ends after that and before the server's word, the letter may have been taken: `MailUnanswered`. Texts of errors may
quote addresses, so they are shown to whoever owns the letter, and never logged.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import unquote, urlsplit

from infra.errors import InvalidInput, InvalidSettings, MailRefused, MailUnanswered, MailUnavailable
from infra.settings import Settings

_SECONDS = 60.0
_LONGEST_TEXT = 300
_CHECK = "Check CLOSEDLOOP_SMTP; it is tried again by itself."


@dataclass(frozen=True, slots=True)
class Handed:
    """Why recipients were not served, by address: never, or not now."""

    refused: Mapping[str, str] = field(default_factory=dict)
    put_off: Mapping[str, str] = field(default_factory=dict)


class MailServer(Protocol):
    """Where letters are handed to. Safe to use from several threads."""

    @property
    def sender(self) -> Address: ...

    def send(self, letter: EmailMessage, recipients: Sequence[str], before_handing: Callable[[], None]) -> Handed:
        """Raises `MailUnavailable`, `MailUnanswered`, `MailRefused`, and what `before_handing` raises: then nothing

        was handed over. Where no recipient is taken, nothing is handed over either, and `Handed` says why.
        """
        ...


def open_mail(settings: Settings) -> MailServer:
    """Raises `InvalidSettings` where no server is set, or it cannot work. Nothing is connected to yet."""
    told = settings.smtp.get_secret_value().strip()
    if not told:
        raise _wrong("CLOSEDLOOP_SMTP", "no mail server is set")
    return SmtpServer(_place(told), _sender(settings.mail_from, told))


def checked_address(text: str, where: str) -> str:
    """The address alone. Raises `InvalidInput`, naming the parameter."""
    named = getaddresses([text.strip()]) if "\n" not in text and "\r" not in text else []
    address = named[0][1] if len(named) == 1 else ""
    user, at, domain = address.rpartition("@")
    try:
        Address(addr_spec=address)
    except (ValueError, IndexError, MessageError):
        user = ""
    if not (user and at and "." in domain.strip(".")) or len(address) > 254 or not address.isascii():
        raise InvalidInput(f"{text!r} is no e-mail address.", where=where, help="Write name@example.com.")
    return address


@dataclass(frozen=True, slots=True)
class _Place:
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool
    starts_tls: bool


class SmtpServer:
    def __init__(self, place: _Place, sender: Address) -> None:
        self._place = place
        self._sender = sender

    @property
    def sender(self) -> Address:
        return self._sender

    def send(self, letter: EmailMessage, recipients: Sequence[str], before_handing: Callable[[], None]) -> Handed:
        connection = self._connect()
        try:
            refused, put_off = self._name_recipients(connection, recipients)
            if len(refused) + len(put_off) == len(recipients):
                return Handed(refused, put_off)
            before_handing()
            self._hand_over(connection, letter)
            return Handed(refused, put_off)
        finally:
            with suppress(smtplib.SMTPException, OSError):
                connection.quit()
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        place = self._place
        try:
            if place.is_tls:
                context = ssl.create_default_context()
                connection: smtplib.SMTP = smtplib.SMTP_SSL(place.host, place.port, timeout=_SECONDS, context=context)
            else:
                connection = smtplib.SMTP(place.host, place.port, timeout=_SECONDS)
        except (OSError, smtplib.SMTPException) as error:
            raise self._unavailable(error) from error
        try:
            self._greet(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _greet(self, connection: smtplib.SMTP) -> None:
        place = self._place
        try:
            if place.starts_tls:
                connection.starttls(context=ssl.create_default_context())
            if place.user:
                connection.login(place.user, place.password)
        except smtplib.SMTPAuthenticationError as error:
            raise MailUnavailable(
                f"The mail server {place.host} does not take our user name and password: {_said(error)}",
                where="CLOSEDLOOP_SMTP",
                help="Correct them in CLOSEDLOOP_SMTP; special characters are written as %40 and the like.",
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            raise self._unavailable(error) from error

    def _name_recipients(
        self, connection: smtplib.SMTP, recipients: Sequence[str]
    ) -> tuple[dict[str, str], dict[str, str]]:
        refused: dict[str, str] = {}
        put_off: dict[str, str] = {}
        try:
            connection.ehlo_or_helo_if_needed()
            code, said = connection.mail(self._sender.addr_spec)
            if code >= 400:
                raise MailUnavailable(
                    f"The mail server {self._place.host} takes no letters from {self._sender.addr_spec}:"
                    f" {_text(code, said)}",
                    where="CLOSEDLOOP_MAIL_FROM",
                    help="Set CLOSEDLOOP_MAIL_FROM to an address that the server may send for.",
                )
            for recipient in recipients:
                code, said = connection.rcpt(recipient)
                if code >= 400:
                    (refused if code >= 500 else put_off)[recipient] = _text(code, said)
        except (OSError, smtplib.SMTPException) as error:
            raise self._unavailable(error) from error
        return refused, put_off

    def _hand_over(self, connection: smtplib.SMTP, letter: EmailMessage) -> None:
        said: bytes | str
        try:
            code, said = connection.data(letter.as_bytes(policy=letter.policy.clone(linesep="\r\n")))
        except smtplib.SMTPDataError as error:  # it does not even want to hear it
            code, said = error.smtp_code, error.smtp_error
        except (OSError, smtplib.SMTPException) as error:
            raise MailUnanswered(
                f"The mail server {self._place.host} was given the letter and did not say whether it took it.",
                where="CLOSEDLOOP_SMTP",
                help="It is sent again by itself, with the same Message-ID; it may arrive twice.",
            ) from error
        if code >= 500:
            raise MailRefused(
                f"The mail server {self._place.host} refuses the letter: {_text(code, said)}",
                help="Ask whoever runs it why; what is too large can be sent as a picture, or with fewer groupings.",
            )
        if code >= 400:
            raise MailUnavailable(
                f"The mail server {self._place.host} does not take the letter now: {_text(code, said)}",
                where="CLOSEDLOOP_SMTP",
                help="It is tried again by itself.",
            )

    def _unavailable(self, error: Exception) -> MailUnavailable:
        place = self._place
        return MailUnavailable(
            f"The mail server {place.host}:{place.port} cannot be used: {_said(error)}",
            where="CLOSEDLOOP_SMTP",
            help=_CHECK,
        )


def _place(told: str) -> _Place:
    try:
        parts = urlsplit(told)
        port = parts.port
    except ValueError:
        raise _wrong("CLOSEDLOOP_SMTP", "this is no address") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.query not in ("", "starttls"):
        raise _wrong("CLOSEDLOOP_SMTP", "this is no address of a mail server")
    place = _Place(
        parts.hostname,
        port or (465 if parts.scheme == "smtps" else 587 if parts.query else 25),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        is_tls=parts.scheme == "smtps",
        starts_tls=parts.query == "starttls",
    )
    if place.password and not place.is_tls and not place.starts_tls and not _is_here(place.host):
        raise _wrong("CLOSEDLOOP_SMTP", "the password would go over the network unencrypted")
    return place


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sender(told: str, smtp: str) -> Address:
    name, address = parseaddr(told) if told.strip() else ("", unquote(urlsplit(smtp).username or ""))
    try:
        return Address(name or "Closed Loop", addr_spec=checked_address(address, "CLOSEDLOOP_MAIL_FROM"))
    except InvalidInput:
        raise _wrong("CLOSEDLOOP_MAIL_FROM", "it names no e-mail address") from None


def _wrong(setting: str, why: str) -> InvalidSettings:
    """Without the value: it holds a password."""
    examples = {
        "CLOSEDLOOP_SMTP": "smtp://user:password@host:587?starttls, smtps://user:password@host:465 or smtp://host:25",
        "CLOSEDLOOP_MAIL_FROM": "Closed Loop <reports@example.com>",
    }
    return InvalidSettings(f"{setting}: {why}.", where=setting, help=f"Write {examples[setting]}.")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    if isinstance(error, socket.gaierror):
        return "its name is not known."
    if isinstance(error, TimeoutError):
        return "it does not answer."
    if isinstance(error, ssl.SSLError):
        return f"the encrypted connection fails, {error.reason or error}."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return f"{str(error)[:_LONGEST_TEXT] or type(error).__name__}."


def _text(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {' '.join(words.split())}"[:_LONGEST_TEXT]
